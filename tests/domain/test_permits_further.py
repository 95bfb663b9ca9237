"""What `allowed_actions` says of self-evaluations, the link inspector's year and inspections; see `test_permits`."""

from datetime import date
from uuid import UUID

import pytest

from app.domain import (
    developments,
    engagement_years,
    inspection_refusals,
    liaison,
    liaison_refusals,
    support_requests,
    validations,
)
from app.domain import engagement_refusals as year
from app.domain import self_evaluation_refusals as own
from app.domain.engagement_years import AllocateTime, CancelMeeting, ConfirmArrangements, RetractMeeting, YearFacts
from app.domain.inspections import CommentOnDraftReport, PublishInspectionReport
from app.domain.obligations import NothingOwed
from app.domain.participation_refusals import HasWithdrawn
from app.domain.participations import Withdraw
from app.domain.refusals import Refusal
from app.domain.self_evaluations import WaiveSubmission, WithdrawSubmission
from app.domain.support_request_refusals import SupportAlreadyDecided
from app.events.developments import DevelopmentAcknowledged, DevelopmentEscalated, DevelopmentNoted
from app.events.engagement_years import (
    ArrangementsAgreed,
    ArrangementsConfirmed,
    MeetingCancelled,
    MeetingHeld,
    MeetingPlanned,
    MeetingRetracted,
    TimeAllocated,
)
from app.events.inspections import DraftCirculated, DraftCommented, InspectionOpened, InspectionReportPublished
from app.events.liaison import AttendanceAgreed, AttendanceProposed, CommitteeAttended, MatterAnswered, MatterRaised
from app.events.obligations import ObligationRaised, ObligationWaived
from app.events.participations import AreaNotified, ParticipationWithdrawn
from app.events.self_evaluations import SelfEvaluationRequested, SelfEvaluationSubmitted, SubmissionWithdrawn
from app.events.support_requests import SupportApproved, SupportConsidered, SupportRequested
from app.events.validations import (
    AreaInvited,
    AreaReleased,
    EvidenceRequested,
    EvidenceReturned,
    ValidationLetterSent,
)
from app.ledger.events import Event, Sealed
from tests.domain.dsl import ABERDEEN, ABERDEEN_PARTNERSHIP, AGGREGATE_OF, DAY, fold, unmet
from tests.domain.test_permits import case

TEXT = Sealed("In confidence")
notified = AreaNotified((ABERDEEN,), DAY)
requested = SelfEvaluationRequested(ABERDEEN, DAY)
owed = ObligationRaised("submit-self-evaluation", ABERDEEN, "care-inspectorate", "Submit", date(2024, 11, 20))
submitted = SelfEvaluationSubmitted(1, None, False, DAY)
noted = DevelopmentNoted("risk", "adults", None, False, DAY, TEXT)
escalated = DevelopmentEscalated(DAY, TEXT)
agreed = ArrangementsAgreed(("local-authority",), DAY, None)
planned = MeetingPlanned("q1", DAY, ("chief-officer",), ("link-inspector",), ())
held = MeetingHeld("q1", DAY, ("chief-officer",), ("link-inspector",), ())
opened = InspectionOpened("Adult support", ABERDEEN_PARTNERSHIP, (ABERDEEN,), "lead-7", "Strategic inspector", DAY)
drafted = DraftCirculated(1, DAY, DAY)
raised = MatterRaised("care-home", "relationship-manager", "adults", "adult-protection", DAY, TEXT)
proposed = AttendanceProposed("apc", "adult-protection-committee", DAY, TEXT)
consent = AttendanceAgreed("apc", DAY)
support = SupportRequested(("adults",), DAY, TEXT, TEXT, TEXT, TEXT)
weighed = tuple(SupportConsidered(ground, "low", DAY, TEXT) for ground in ("need", "risk", "capacity"))
invited = AreaInvited(ABERDEEN, DAY)
asked_for = EvidenceRequested("audits", "Case file audits", DAY, DAY)
FILE = UUID(int=1)


@pytest.mark.parametrize(
    ("kind", "before", "settled_by", "refusal"),
    [
        case(Withdraw, notified, settled_by=ParticipationWithdrawn(DAY, TEXT), refusal=HasWithdrawn),
        case(
            WithdrawSubmission, requested, owed, submitted,
            settled_by=SubmissionWithdrawn(DAY, TEXT), refusal=own.NothingSubmitted,
        ),
        case(
            WaiveSubmission, requested, owed,
            settled_by=ObligationWaived("submit-self-evaluation", TEXT), refusal=NothingOwed,
        ),
        case(
            validations.ReleaseFromValidation, invited,
            settled_by=AreaReleased(DAY), refusal=validations.AlreadyReleased,
        ),
        case(
            validations.ReturnEvidence, invited, asked_for,
            settled_by=EvidenceReturned("audits", (FILE,), DAY), refusal=validations.NoEvidenceAwaited,
        ),
        case(developments.EscalateDevelopment, noted, settled_by=escalated, refusal=developments.AlreadyUrgent),
        case(
            developments.AcknowledgeDevelopment, noted, escalated,
            settled_by=DevelopmentAcknowledged(DAY), refusal=developments.AlreadyAcknowledged,
        ),
        case(
            ConfirmArrangements, agreed,
            settled_by=ArrangementsConfirmed(DAY), refusal=year.ArrangementsAlreadyConfirmed,
        ),
        case(CancelMeeting, planned, settled_by=MeetingCancelled("q1", DAY, TEXT), refusal=year.NoMeetingPlanned),
        case(RetractMeeting, held, settled_by=MeetingRetracted("q1", DAY, TEXT), refusal=year.NoMeetingHeld),
        case(AllocateTime, settled_by=TimeAllocated(6000, DAY), refusal=year.TimeAlreadyAllocated),
        case(
            PublishInspectionReport, opened,
            settled_by=InspectionReportPublished("The report", DAY),
            refusal=inspection_refusals.InspectionReportAlreadyPublished,
        ),
        case(
            CommentOnDraftReport, opened, drafted,
            settled_by=DraftCommented(1, DAY, TEXT), refusal=inspection_refusals.DraftAlreadyCommented,
        ),
        case(
            liaison.AnswerAsLinkInspector, raised,
            settled_by=MatterAnswered("care-home", DAY, TEXT), refusal=liaison_refusals.NoMatterOpen,
        ),
        case(
            liaison.AgreeCommitteeAttendance, proposed,
            settled_by=consent, refusal=liaison_refusals.NoAttendanceProposed,
        ),
        case(
            liaison.RecordCommitteeAttendance, proposed, consent,
            settled_by=CommitteeAttended("apc", DAY), refusal=liaison_refusals.NoAttendanceAgreed,
        ),
        case(
            support_requests.ApproveSupportRequest, support, *weighed,
            settled_by=SupportApproved(DAY), refusal=SupportAlreadyDecided,
        ),
    ],
)  # fmt: skip
def test_what_is_used_up_is_no_longer_offered(
    kind: type, before: tuple[Event, ...], settled_by: Event, refusal: type[Refusal]
) -> None:
    aggregate = AGGREGATE_OF[kind]
    facts = YearFacts(2024) if aggregate is engagement_years else unmet(aggregate)
    aggregate.permit(kind, fold(aggregate, *before), facts)
    with pytest.raises(refusal):
        aggregate.permit(kind, fold(aggregate, *before, settled_by), facts)


def test_a_letter_that_was_sent_is_not_offered_again_and_its_repeat_is_answered() -> None:  # R5
    facts = validations.Facts(ABERDEEN, DAY, None, DAY)
    sent = fold(validations, invited, ValidationLetterSent(FILE, DAY))
    validations.permit(validations.SendValidationLetter, fold(validations, invited), facts)
    with pytest.raises(validations.LetterAlreadySent):
        validations.permit(validations.SendValidationLetter, sent, facts)
    assert validations.decide(validations.SendValidationLetter(FILE), sent, facts, DAY) == []
