"""Why a command on a participation is refused: see `app.domain.participations`.

`survey_returns` and `area_results`, which stand beside it, refuse some of their commands for the same reasons.
"""

from app.domain.refusals import Refusal


class ReviewNotAnnounced(
    Refusal, code="review-not-announced", rule="R11", remedy="Announce the review first.", category="invalid"
):
    """The review has not been announced."""


class AreaOutOfScope(
    Refusal, code="area-out-of-scope", rule="R14", remedy="Use an area that the review names.", category="invalid"
):
    """{area} is not among the areas of this review."""


class RecipientOfAnotherArea(
    Refusal,
    code="recipient-of-another-area",
    rule="R11",
    remedy="Notify the area's own council and its partnership.",
    category="invalid",
):
    """{recipient} is not the council of {area}."""


class NotNotified(
    Refusal,
    code="not-notified",
    rule="R17",
    remedy="The review team notifies the area of the review first.",
    category="invalid",
):
    """This area had not been notified of the review."""


class AlreadyNotified(Refusal, code="already-notified", rule="R11", remedy="Read the participation as it stands."):
    """This area was notified on {notified_on}: who was notified, and when, is not edited."""


class HasWithdrawn(Refusal, code="withdrawn", rule="R17", remedy="Nothing more is recorded after a withdrawal."):
    """This area withdrew from the review on {withdrawn_on}."""


class NoCoordinator(Refusal, code="no-coordinator", rule="R17", remedy="Nominate a co-ordinator first."):
    """This area has no co-ordinator yet."""


class CoordinatorAlreadyNominated(
    Refusal, code="coordinator-already-nominated", rule="R17", remedy="Replace the co-ordinator, with a reason."
):
    """{person} is this area's co-ordinator since {since}; each area nominates one."""


class GuidanceAlreadyIssued(
    Refusal, code="guidance-already-issued", rule="R17", remedy="Read the participation as it stands."
):
    """The detailed guidance was issued on {issued_on}."""


class NoBriefingLeft(Refusal, code="no-briefing-left", rule="R18", remedy="Schedule a further briefing first."):
    """This area is invited to every briefing that is scheduled in this review."""


class BriefingUnknown(
    Refusal, code="briefing-unknown", rule="R18", remedy="Use the code of a scheduled briefing.", category="invalid"
):
    """No briefing {briefing} is scheduled in this review."""


class AlreadyInvitedToBriefing(
    Refusal, code="already-invited-to-briefing", rule="R18", remedy="Read the participation as it stands."
):
    """This area was invited to the briefing {briefing} on {invited_on}."""


class BriefingAlreadyAttended(
    Refusal, code="briefing-already-attended", rule="R18", remedy="Read the participation as it stands."
):
    """This area attended the briefing {briefing} on {attended_on}."""


class NotInvitedToBriefing(Refusal, code="not-invited-to-briefing", rule="R18", remedy="Record the invitation first."):
    """This area was not invited to the briefing {briefing}."""


class NoInvitationOpen(
    Refusal, code="no-invitation-open", rule="R18", remedy="Record the invitation to a briefing first."
):
    """No invitation to a briefing waits to be taken up."""


class QuestionAlreadyAsked(
    Refusal, code="question-already-asked", rule="R18", remedy="Use another code for another question."
):
    """The question {question} was asked on {asked_on}."""


class QuestionUnknown(
    Refusal,
    code="question-unknown",
    rule="R18",
    remedy="Use the code of a question that was asked.",
    category="invalid",
):
    """No question {question} was asked."""


class QuestionAlreadyAnswered(
    Refusal, code="question-already-answered", rule="R18", remedy="Ask a further question under another code."
):
    """The question {question} was answered on {answered_on}."""


class NoQuestionOpen(Refusal, code="no-question-open", rule="R18", remedy="Wait for a question."):
    """No question of this area waits for an answer."""


class DocumentAlreadyRequested(
    Refusal,
    code="document-already-requested",
    rule="R20",
    remedy="Use another code for another document, or extend the obligation.",
):
    """The document {document} is asked for already, with another title or day."""


class NoReturnAwaited(
    Refusal,
    code="no-return-awaited",
    rule="R20",
    remedy="Nothing is to be returned until the review team asks for a document or queries a return.",
):
    """Every document that this area was asked for has been returned."""


class DocumentNotRequested(
    Refusal,
    code="document-not-requested",
    rule="R20",
    remedy="Use a code from the participation's list of documents; the review team may ask for another.",
    category="invalid",
):
    """{document} is not among the documents that this area was asked for."""


class DocumentAlreadyReturned(
    Refusal,
    code="document-already-returned",
    rule="R20",
    remedy="Return it again once the review team has queried the return.",
):
    """The document {document} was returned on {returned_on}, and what is recorded of that is not edited."""


class NoReturnToReview(Refusal, code="no-return-to-review", rule="R20", remedy="Wait for a document to be returned."):
    """No return of a document waits for this."""


class DocumentNotReturned(
    Refusal, code="document-not-returned", rule="R20", remedy="Record the return of the document first."
):
    """The document {document} has not been returned."""


class DocumentAlreadyQueried(
    Refusal, code="document-already-queried", rule="R20", remedy="Wait for the document to be returned again."
):
    """The return of {document} was queried on {queried_on}, and that query is open."""


class DocumentAlreadyAccepted(
    Refusal,
    code="document-already-accepted",
    rule="R20",
    remedy="The review team asks for what it still wants under another code.",
):
    """The return of {document} was accepted on {accepted_on}."""


class SurveyNotPlanned(
    Refusal, code="survey-not-planned", rule="R19", remedy="The review team sets the survey's window first."
):
    """The review has no window for this survey."""


class SurveyAlreadyShared(
    Refusal, code="survey-already-shared", rule="R19", remedy="Read the participation as it stands."
):
    """This area shared the staff survey on {shared_on}."""


class OutsideInterviewPeriod(
    Refusal,
    code="outside-interview-period",
    rule="R21",
    remedy="Reschedule the review's milestone, with a reason, if the period has moved.",
):
    """Interviews and focus groups are held from {first} to {last}; {day} is outside."""


class InterviewAlreadyHeld(
    Refusal, code="interview-already-held", rule="R21", remedy="Use another code for another interview."
):
    """The interview {interview} was held on {held_on}, and is recorded with other particulars."""


class CswoAlreadyInterviewed(
    Refusal, code="cswo-already-interviewed", rule="R21", remedy="Record the interview with the others alone."
):
    """The Chief Social Work Officer has one interview, and had it in {interview}."""


class TooManyInterviewees(
    Refusal, code="too-many-interviewees", rule="R21", remedy="Hold a focus group for further managers."
):
    """At most two people beside the Chief Social Work Officer are interviewed; this would make {others}."""


class InterviewsHeld(Refusal, code="interviews-held", rule="R21", remedy="Hold a focus group for further managers."):
    """The Chief Social Work Officer and two other people have been interviewed; no others are."""


class FocusGroupAlreadyRecorded(
    Refusal, code="focus-group-already-recorded", rule="R21", remedy="Use another theme for another focus group."
):
    """{managers} managers are recorded for {theme} on that day."""


class VisitAlreadyRecorded(
    Refusal, code="visit-already-recorded", rule="R27", remedy="Use another code for another visit."
):
    """The visit {visit} was made on {visited_on}, and is recorded with other particulars."""


class ReportNotYetPublished(
    Refusal, code="report-not-yet-published", rule="R22", remedy="Wait for the national report to be published."
):
    """A local survey report is provided only after the national report has been published."""


class SurveyReportAlreadyProvided(
    Refusal,
    code="survey-report-already-provided",
    rule="R22",
    remedy="Read the report as it was provided. If it was the wrong file, have it erased, then provide the right one.",
):
    """The local survey report was provided on {provided_on}; what was provided is not edited."""
