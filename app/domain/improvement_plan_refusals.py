"""Why a command on an improvement plan is refused: see `app.domain.improvement_plans`."""

from app.domain.refusals import Refusal


class PlanNotAskedFor(
    Refusal,
    code="plan-not-asked-for",
    rule="R47",
    remedy="The lead inspector records first what the report wants improved.",
):
    """The report has no area for improvement, so no plan is asked for."""


class PlanNotSubmitted(
    Refusal, code="plan-not-submitted", rule="R48", remedy="The partnership submits its plan first."
):
    """The partnership has not submitted a plan yet."""


class ActionNamedTwice(
    Refusal, code="action-named-twice", rule="R47", remedy="Give each action a code of its own.", category="invalid"
):
    """Two actions of this version are called {action}."""


class VersionAlreadySubmitted(
    Refusal, code="version-already-submitted", rule="R48", remedy="Submit the revised plan as the next version."
):
    """Version {version} was submitted on {submitted_on}, and its actions are not edited."""


class VersionNotCurrent(
    Refusal, code="version-not-current", rule="R48", remedy="Read the current version and decide on that."
):
    """Version {version} is not the current one, which is {current}."""


class AreaForImprovementUncovered(
    Refusal,
    code="area-for-improvement-uncovered",
    rule="R47",
    remedy="The partnership submits a version with an action that addresses it.",
):
    """Version {version} does not address the area for improvement {area_for_improvement} as the report has it now."""


class ActionNotSmart(
    Refusal, code="action-not-smart", rule="R47", remedy="The partnership submits a version that states them."
):
    """The action {action} lacks what makes it SMART: {lacks}."""


class AgreementMissing(
    Refusal, code="agreement-missing", rule="R48", remedy="Let that party agree to a response to the current version."
):
    """The {party} has not agreed to a response to version {version}."""


class PartyDoesNotAccept(
    Refusal,
    code="party-does-not-accept",
    rule="R48",
    remedy="Let the three agree on one response, or have the plan revised.",
):
    """The {party} responds to version {version} with {response}, not with accept."""


class ConfirmationMissing(
    Refusal,
    code="confirmation-missing",
    rule="R50",
    remedy="The partnership confirms them, or the review team records that it has.",
):
    """The partnership's {confirmation} are not confirmed."""


class ArrangementAlreadyConfirmed(
    Refusal, code="arrangement-already-confirmed", rule="R50", remedy="Confirm what has changed since, on its day."
):
    """The partnership's {confirmation} were confirmed on {confirmed_on}; what was confirmed is on the record."""


class PlanAlreadyAccepted(
    Refusal, code="plan-already-accepted", rule="R49", remedy="Record progress with what was accepted."
):
    """Version {version} of the plan was accepted on {accepted_on}."""


class PartyHasAgreed(
    Refusal,
    code="party-has-agreed",
    rule="R48",
    remedy="Let it stand, or agree to another response while the three do not agree on one.",
):
    """The {party} agreed on {agreed_on} to {response} as the response to version {version}."""


class ResponseAlreadyAgreed(
    Refusal,
    code="response-already-agreed",
    rule="R48",
    remedy="Wait for the next version; it opens the question anew.",
):
    """All three agreed on {response} as the response to version {version}."""


class LinkInspectorHasResponded(
    Refusal,
    code="link-inspector-has-responded",
    rule="R48",
    remedy="Agree between you; whoever has responded may come round.",
):
    """{inspector} responded to version {version} with {response} as link inspector, and one alone agrees."""


class RevisionNotAgreed(
    Refusal,
    code="revision-not-agreed",
    rule="R48",
    remedy="Let all three agree on modest-revision or fails first.",
):
    """The three parties have not agreed that version {version} is to be revised."""


class RevisionAlreadyRequested(
    Refusal, code="revision-already-requested", rule="R48", remedy="Extend the deadline, with a reason, if it has one."
):
    """A revision of version {version} was asked for on {requested_on}; what it asks for is on the record."""


class MeetingNotCalledFor(
    Refusal, code="meeting-not-called-for", rule="R48", remedy="Record the meeting in the record of engagement."
):
    """The three parties have not agreed that version {version} fails, which is what this meeting is for."""


class PlanNotAccepted(
    Refusal, code="plan-not-accepted", rule="R49", remedy="Accept the plan first; monitoring passes with that."
):
    """Monitoring passes to the link inspector on acceptance, and this plan has not been accepted."""


class ProgressAlreadyRecorded(
    Refusal, code="progress-already-recorded", rule="R52", remedy="Record it as the next entry."
):
    """Entry {entry} about {area_for_improvement} was recorded for {recorded_on}, and its note is not edited."""


class StageAlreadyDiscussed(
    Refusal, code="stage-already-discussed", rule="R52", remedy="Record further progress by area for improvement."
):
    """Progress at {stage} was discussed on {discussed_on}, and what is recorded of that is not edited."""


class AreaForImprovementAlreadyClosed(
    Refusal,
    code="area-for-improvement-already-closed",
    rule="R52",
    remedy="Read how it was closed; that is not edited.",
):
    """{area_for_improvement} was closed on {closed_on} as {reason}."""


class EarlyEndNeedsReason(
    Refusal, code="early-end-needs-reason", rule="R52", remedy="Give the reason, or wait until then."
):
    """Formal monitoring ends at twelve months, on {twelve_months}; to end it earlier needs a reason."""


class AreaForImprovementStillOpen(
    Refusal,
    code="area-for-improvement-still-open",
    rule="R52",
    remedy="Close it, or keep it on as a longer-term area for improvement.",
):
    """{area_for_improvement} is neither closed nor kept on, which the end of formal monitoring waits for."""


class DiscussionStillOwed(
    Refusal,
    code="discussion-still-owed",
    rule="R52",
    remedy="Record it. One that is to come is left out for a reason; one that is overdue, the review team waives.",
):
    """The discussion of progress at {stage} is still owed."""


class MonitoringAlreadyEnded(
    Refusal,
    code="monitoring-already-ended",
    rule="R52",
    remedy="Record what happened until then on its day; only the areas for improvement kept on are followed further.",
):
    """Formal monitoring of this plan ended on {ended_on}."""
