"""Why a command on a request for support is refused: see `app.domain.support_requests`."""

from app.domain.refusals import Refusal


class SupportNotRequested(
    Refusal, code="support-not-requested", rule="R44", remedy="Submit the request first.", category="invalid"
):
    """There is no such request for support."""


class SupportAlreadyRequested(
    Refusal, code="support-already-requested", rule="R44", remedy="Submit another request under another identifier."
):
    """A request was submitted under this identifier on {submitted_on}."""


class DetailMissing(
    Refusal, code="detail-missing", rule="R44", remedy="Submit the request again with it.", category="invalid"
):
    """The request does not state its {detail}."""


class NotConsidered(
    Refusal, code="not-considered", rule="R44", remedy="Record how it stands against each of them, then decide."
):
    """A decision needs need, risk and capacity considered; still to consider: {missing}."""


class AlreadyConsidered(
    Refusal,
    code="already-considered",
    rule="R44",
    remedy="Let it stand, or consider it anew on a later day; the note of a consideration is not edited.",
):
    """The {ground} was considered on {considered_on}: {level}."""


class DeferralNotLater(
    Refusal, code="deferral-not-later", rule="R44", remedy="Name a later day, or decide now.", category="invalid"
):
    """A request that is deferred on {day} cannot be deferred until {until}."""


class SupportAlreadyDecided(
    Refusal,
    code="support-already-decided",
    rule="R44",
    remedy="A decision is not edited; the area or its link inspector may submit a new request.",
):
    """This request was {decision} on {decided_on}."""


class SupportNotApproved(
    Refusal, code="support-not-approved", rule="R44", remedy="The service manager approves the request first."
):
    """Support is provided only on an approved request, and not before its approval."""


class InvolvementUnknown(
    Refusal,
    code="involvement-unknown",
    rule="R45",
    remedy="Propose the involvement first, or use the code of one that was proposed.",
    category="invalid",
):
    """No involvement {involvement} was proposed."""


class InvolvementAlreadyProposed(
    Refusal, code="involvement-already-proposed", rule="R45", remedy="Use another code for another involvement."
):
    """The involvement {involvement} was proposed on {proposed_on}, and its note is not edited."""


class InvolvementWithoutCost(
    Refusal,
    code="involvement-without-cost",
    rule="R45",
    remedy="Let the colleagues take part.",
):
    """The involvement {involvement} has no resource cost, so it needs no consideration."""


class InvolvementAlreadyDecided(
    Refusal,
    code="involvement-already-decided",
    rule="R45",
    remedy="A decision is not edited; the link inspector may propose another involvement.",
):
    """The involvement {involvement} was {decision} on {decided_on}."""


class NoInvolvementUndecided(
    Refusal,
    code="no-involvement-undecided",
    rule="R45",
    remedy="Wait for an involvement at a resource cost to be proposed.",
):
    """No involvement at a resource cost awaits a decision."""


class InvolvementUndecided(
    Refusal,
    code="involvement-undecided",
    rule="R45",
    remedy="The service manager approves or declines each of them first.",
):
    """Still to be decided: {involvements}."""


class InvolvementNotApproved(
    Refusal,
    code="involvement-not-approved",
    rule="R45",
    remedy="The service manager approves the involvement first.",
):
    """Colleagues take part in {involvement} at a resource cost, so not before it is approved."""


class ProvisionAlreadyRecorded(
    Refusal, code="provision-already-recorded", rule="R45", remedy="Use another code for other support."
):
    """{provision} was recorded as provided on {provided_on}, and what is recorded of it is not edited."""


class SupportNotYetProvided(
    Refusal, code="support-not-yet-provided", rule="R45", remedy="Record what was provided first."
):
    """Nothing has been recorded as provided."""


class SupportIsCompleted(
    Refusal, code="support-is-completed", rule="R45", remedy="Submit a new request for further support."
):
    """The support was completed on {completed_on}."""
