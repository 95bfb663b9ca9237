"""Why a command on an engagement year is refused: see `app.domain.engagement_years`."""

from app.domain.refusals import Refusal


class EngagementAreaUnknown(
    Refusal, code="engagement-area-unknown", remedy="Use the GSS code of a registered area.", category="invalid"
):
    """Engagement is recorded for registered areas only."""


class OutsideEngagementYear(
    Refusal,
    code="outside-engagement-year",
    rule="R36",
    remedy="Record it in the engagement year to which the day belongs.",
    category="invalid",
):
    """{day} is outside this engagement year, which runs from {first} to {last}."""


class ArrangementsNotAgreed(
    Refusal, code="arrangements-not-agreed", rule="R37", remedy="Record first with whom the arrangements were agreed."
):
    """The year's engagement arrangements had not been agreed."""


class ArrangementsAlreadyAgreed(
    Refusal,
    code="arrangements-already-agreed",
    rule="R37",
    remedy="Agree them anew on the day on which they change; what was agreed is not edited.",
):
    """Arrangements were agreed with the same people on {agreed_on}."""


class ArrangementsAlreadyConfirmed(
    Refusal,
    code="arrangements-already-confirmed",
    rule="R37",
    remedy="Read the arrangements as they stand; agreed anew, they are confirmed again.",
):
    """These arrangements were confirmed on {confirmed_on}."""


class AgreementSuperseded(
    Refusal, code="agreement-superseded", rule="R37", remedy="Read the arrangements as they were agreed last."
):
    """Arrangements were agreed again on {agreed_on}."""


class MeetingUnknown(
    Refusal,
    code="meeting-unknown",
    rule="R36",
    remedy="Use the code of a meeting of this area and year.",
    category="invalid",
):
    """No meeting {meeting} is recorded in this year."""


class NoMeetingPlanned(Refusal, code="no-meeting-planned", rule="R36", remedy="Plan a meeting first."):
    """No meeting of this year is planned and still to be held."""


class NoMeetingHeld(Refusal, code="no-meeting-held", rule="R36", remedy="Record first that a meeting was held."):
    """No meeting of this year is recorded as held."""


class MeetingAlreadyPlanned(
    Refusal,
    code="meeting-already-planned",
    rule="R36",
    remedy="Reschedule it, set its agenda, or use another code for another meeting.",
):
    """The meeting {meeting} is planned already, for {planned_for}, with other particulars."""


class MeetingAlreadyHeld(
    Refusal,
    code="meeting-already-held",
    rule="R36",
    remedy="Correct or retract it, with a reason, or use another code for another meeting.",
):
    """The meeting {meeting} was held on {held_on}."""


class MeetingNotHeld(Refusal, code="meeting-not-held", rule="R36", remedy="Record first that the meeting was held."):
    """The meeting {meeting} is not recorded as held."""


class MeetingWasCancelled(
    Refusal, code="meeting-was-cancelled", rule="R36", remedy="Use another code for another meeting."
):
    """The meeting {meeting} was cancelled on {cancelled_on}."""


class MeetingWasRetracted(
    Refusal, code="meeting-was-retracted", rule="§7", remedy="Use another code for a meeting that did take place."
):
    """The meeting {meeting} was retracted on {retracted_on}: it did not take place as recorded."""


class NoteAlreadyRecorded(
    Refusal, code="note-already-recorded", rule="R38", remedy="Record what is to be added or put right as another note."
):
    """The note {note} was recorded on {recorded_on}, and its text is not edited."""


class PlanNotFollowed(
    Refusal,
    code="plan-not-followed",
    rule="R52",
    remedy="Name inspections whose plans are on the meeting's agenda, or were followed in the area on its day.",
    category="invalid",
):
    """Neither on the meeting's agenda nor followed on {held_on}: the improvement plan of {plans}."""


class TimeAlreadyAllocated(
    Refusal, code="time-already-allocated", rule="R34", remedy="Revise the allocation, with a reason."
):
    """{minutes} minutes are allocated for this year."""


class TimeNotAllocated(Refusal, code="time-not-allocated", rule="R34", remedy="Allocate the year's time first."):
    """No time is allocated for this year yet."""


class SupportIsAdditional(
    Refusal,
    code="support-is-additional",
    rule="R34",
    remedy="Record it with the support request; leave it out of the link inspector's time.",
    category="invalid",
):
    """Support and improvement activity is separate from the year's allocated time, and additional to it."""


class TimeEntryAlreadyRecorded(
    Refusal, code="time-entry-already-recorded", rule="R34", remedy="Correct it, or use another code for another entry."
):
    """The entry {entry} is recorded already: {minutes} minutes of {activity}."""


class NoTimeRecorded(Refusal, code="no-time-recorded", rule="R34", remedy="Record first the time that was spent."):
    """No time spent is recorded in this year."""


class TimeEntryUnknown(
    Refusal, code="time-entry-unknown", rule="R34", remedy="Use the code of a recorded entry.", category="invalid"
):
    """No time entry {entry} is recorded in this year."""


class VerbalUpdateAlreadyGiven(
    Refusal, code="verbal-update-already-given", rule="R38", remedy="Use another code for another update."
):
    """The verbal update {update} was given on {given_on}, and its text is not edited."""


class IntelligenceAlreadyShared(
    Refusal, code="intelligence-already-shared", rule="R39", remedy="Use another code for another exchange."
):
    """The exchange {exchange} took place on {shared_on}, and its text is not edited."""


class TeamAlreadyIntroduced(
    Refusal, code="team-already-introduced", rule="R43", remedy="Use another code for another introduction."
):
    """The introduction {introduction} took place on {introduced_on}, and what is recorded of it is not edited."""
