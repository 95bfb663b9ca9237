"""Why a command in liaison is refused: see `app.domain.liaison`."""

from app.domain.refusals import Refusal


class MatterAlreadyRaised(
    Refusal, code="matter-already-raised", rule="R42", remedy="Use another code for another matter."
):
    """The matter {matter} was raised on {raised_on}."""


class MatterUnknown(
    Refusal, code="matter-unknown", rule="R42", remedy="Use the code of a matter that was raised.", category="invalid"
):
    """No matter {matter} was raised."""


class NoMatterOpen(Refusal, code="no-matter-open", rule="R42", remedy="Wait for a matter to be raised."):
    """No matter waits for this."""


class MatterForTheOther(
    Refusal, code="matter-for-the-other", rule="R42", remedy="Let the other answer it, or close it."
):
    """The matter {matter} was raised by the {raised_by}, who cannot answer it."""


class MatterAlreadyAnswered(
    Refusal, code="matter-already-answered", rule="R42", remedy="Raise a further matter under another code."
):
    """The matter {matter} was answered on {answered_on}."""


class MatterIsClosed(Refusal, code="matter-is-closed", rule="R42", remedy="Raise a further matter under another code."):
    """The matter {matter} was closed on {closed_on}: {outcome}."""


class AttendanceAlreadyProposed(
    Refusal, code="attendance-already-proposed", rule="R42", remedy="Use another code for another attendance."
):
    """The attendance {attendance} was proposed on {proposed_on}, and its cause is not edited."""


class AttendanceUnknown(
    Refusal,
    code="attendance-unknown",
    rule="R42",
    remedy="Use the code of an attendance that was proposed.",
    category="invalid",
):
    """No attendance {attendance} was proposed."""


class NoAttendanceProposed(
    Refusal, code="no-attendance-proposed", rule="R42", remedy="The link inspector proposes an attendance first."
):
    """No proposal of an attendance waits to be agreed."""


class AttendanceAlreadyAgreed(
    Refusal, code="attendance-already-agreed", rule="R42", remedy="Read the liaison as it stands."
):
    """The attendance {attendance} was agreed on {agreed_on}."""


class NoAttendanceAgreed(
    Refusal, code="no-attendance-agreed", rule="R42", remedy="Agree to an attendance that is proposed first."
):
    """No attendance is agreed and still to be recorded."""


class AttendanceNotAgreed(
    Refusal, code="attendance-not-agreed", rule="R42", remedy="The relationship manager agrees to it first."
):
    """The attendance {attendance} had not been agreed."""


class AttendanceAlreadyRecorded(
    Refusal, code="attendance-already-recorded", rule="R42", remedy="Propose a further attendance under another code."
):
    """The relationship manager's attendance {attendance} was recorded for {attended_on}."""


class ContactAlreadyFacilitated(
    Refusal, code="contact-already-facilitated", rule="R43", remedy="Use another code for another contact."
):
    """The contact {contact} was facilitated on {facilitated_on}, and its note is not edited."""
