"""Why a command on a review is refused: see `app.domain.reviews`."""

from app.domain.refusals import Refusal


class NotAnnounced(Refusal, code="not-announced", remedy="Announce the review first.", category="invalid"):
    """This review has not been announced."""


class AlreadyAnnounced(
    Refusal, code="already-announced", rule="R11", remedy="Announce a new review, or read this one as it stands."
):
    """The review "{title}" is announced already, with other content."""


class LegalBasisMissing(
    Refusal, code="legal-basis-missing", rule="R11", remedy="State the legal basis.", category="invalid"
):
    """A review that needs a legal basis cannot be announced without one."""


class MilestoneAlreadyPlanned(
    Refusal, code="milestone-already-planned", rule="R12", remedy="Reschedule it, with a reason."
):
    """The milestone {milestone} is planned already, with other particulars."""


class MilestoneUnknown(
    Refusal, code="milestone-unknown", rule="R12", remedy="Plan the milestone first.", category="invalid"
):
    """There is no milestone {milestone} in the review's plan."""


class MilestoneAlreadyReached(
    Refusal, code="milestone-already-reached", rule="R12", remedy="What has happened is not planned again."
):
    """The milestone {milestone} was reached on {reached_on}."""


class NoMilestoneAhead(Refusal, code="no-milestone-ahead", rule="R12", remedy="Plan a further milestone first."):
    """Every milestone of the review's plan has been reached."""


class DocumentAlreadyListed(
    Refusal, code="document-already-listed", rule="R20", remedy="Use another code for another document."
):
    """The document {document} is on the list already, with another title or day."""


class SurveyWindowAlreadySet(
    Refusal, code="survey-window-already-set", rule="R19", remedy="Close the survey, and reopen it with a reason."
):
    """The survey runs from {opens_on} to {closes_on}."""


class SurveyNotOpen(Refusal, code="survey-not-open", rule="R19", remedy="Set the survey's window first."):
    """The survey has not opened."""


class SurveyAlreadyClosed(
    Refusal, code="survey-already-closed", rule="R19", remedy="Reopen it with a reason if answers are still wanted."
):
    """The survey was closed on {closed_on}."""


class SurveyNotClosed(Refusal, code="survey-not-closed", rule="R19", remedy="Close the survey first."):
    """The survey has not been closed, so there is nothing to reopen."""


class BriefingAlreadyScheduled(
    Refusal, code="briefing-already-scheduled", rule="R18", remedy="Use another code for another briefing."
):
    """The briefing {briefing} is scheduled already, with another title or day."""


class AreaAlreadyInReview(
    Refusal, code="area-already-in-review", rule="R25", remedy="Read the review: the area takes part as it is."
):
    """{area} is in this review already ({how})."""


class AreaNotInReview(
    Refusal,
    code="area-not-in-review",
    rule="R28",
    remedy="Name areas that take part in the review.",
    category="invalid",
):
    """{area} does not take part in this review."""


class RecordsReadAlreadyStated(
    Refusal, code="records-read-already-stated", rule="R26", remedy="Read the total as it was stated."
):
    """{records} records were stated on {stated_on}."""


class RecordsReadDiffer(
    Refusal,
    code="records-read-differ",
    rule="R26",
    remedy="Record each area's samples first, and state what they come to.",
):
    """The samples that are recorded in the areas do not come to {records} records."""


class TotalTellsTooMuch(
    Refusal,
    code="total-tells-too-much",
    rule="§8",
    remedy="Leave it to each area's own results, unless more records are read in further areas.",
):
    """A total of 1 to 4, from fewer than three areas, or of 1 to 4 without one area's own, would tell of an area."""


class ESurveyAlreadyPlanned(
    Refusal, code="e-survey-already-planned", rule="R27", remedy="Use another code for another survey."
):
    """The survey {survey} is planned already, with other particulars."""


class FocusGroupAlreadyHeld(
    Refusal, code="focus-group-already-held", rule="R28", remedy="Use another code for another focus group."
):
    """The focus group {focus_group} was held on {held_on}, and is recorded with other particulars."""


class ReviewHasConcluded(
    Refusal, code="review-concluded", rule="R23", remedy="Nothing more is gathered in a review that has concluded."
):
    """The review concluded on {concluded_on}."""


class ReportAlreadyPublished(
    Refusal, code="report-already-published", rule="R12", remedy="Read the report as it was published."
):
    """The national report was published on {published_on}."""


class ReportNotPublished(
    Refusal, code="report-not-published", rule="R22", remedy="Wait for the national report to be published."
):
    """Findings are shared only after the national report has been published."""


class FormatBeforeReport(
    Refusal, code="format-before-report", rule="R30", remedy="Record the report's publication first."
):
    """An accessible format is published with the national report or after it."""


class FormatAlreadyPublished(
    Refusal, code="format-already-published", rule="R30", remedy="Use another code for another format."
):
    """The format {format} was published on {published_on}, and what is recorded of it is not edited."""


class UpdateAlreadyPublished(
    Refusal, code="update-already-published", rule="R30", remedy="Use another code for another update."
):
    """The update {update} was published on {published_on}, and what is recorded of it is not edited."""
