"""What `allowed_actions` says: a command is refused once nothing new of its kind can be recorded, and not before."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from app.domain import improvement_plan_refusals as improvement
from app.domain import improvement_plans, participations
from app.domain import participation_refusals as refused
from app.domain import review_refusals as plan
from app.domain.areas import EndContact, NobodyAppointed
from app.domain.data_subjects import AlreadyErased, EraseDataSubject
from app.domain.improvement_plans import (
    AcceptPlan,
    AgreeAsServiceManager,
    CloseAreaForImprovement,
    DiscussPlanProgress,
    EndPlanMonitoring,
    ExtendPlanDeadline,
    HoldPlanMeeting,
    RequestRevision,
    SubmitPlan,
)
from app.domain.obligations import NothingOwed
from app.domain.participations import (
    AcceptDocument,
    AnswerQuestion,
    ExtendObligation,
    HoldInterview,
    InviteToBriefing,
    NominateCoordinator,
    ProvideLocalSurveyReport,
    QueryDocument,
    RecordBriefingAttendance,
    RecordDocumentReturn,
    WaiveObligation,
)
from app.domain.refusals import Refusal
from app.domain.reviews import ConcludeReview, PublishReport, ReachMilestone, RescheduleMilestone, SetSurveyWindow
from app.domain.roster import EndLinkInspectorAllocation, EndRelationshipManagerAppointment, NobodyOnRoster
from app.domain.sharing_agreements import AgreementEnded, AmendSharing
from app.events.areas import AreaRegistered, ContactAppointed, ContactEnded
from app.events.data_subjects import DataSubjectErased
from app.events.improvement_plans import (
    AreaForImprovementClosed,
    PlanMonitoringEnded,
    PlanProgressDiscussed,
    RevisionRequested,
)
from app.events.obligations import ObligationMet, ObligationRaised, ObligationWaived
from app.events.participations import (
    AreaNotified,
    BriefingAttended,
    BriefingInvited,
    CoordinatorNominated,
    DocumentAccepted,
    DocumentQueried,
    DocumentReturned,
    InterviewHeld,
    LocalSurveyReportProvided,
    QuestionAnswered,
    QuestionAsked,
)
from app.events.reviews import (
    MilestonePlanned,
    MilestoneReached,
    ReportPublished,
    ReviewAnnounced,
    ReviewConcluded,
    SurveyWindowSet,
)
from app.events.roster import (
    LinkInspectorAllocated,
    LinkInspectorAllocationEnded,
    RelationshipManagerAppointed,
    RelationshipManagerAppointmentEnded,
)
from app.events.sharing_agreements import SharingAgreed, SharingEnded
from app.ledger.events import Event, Sealed
from tests.domain import improvement_plan_history as inspected
from tests.domain.dsl import ABERDEEN, ABERDEEN_PARTNERSHIP, AGGREGATE_OF, DAY, fold, given, unmet

SEALED: Sealed[str] = Sealed(commitment="ab")
REVIEW = participations.ReviewFacts(
    ABERDEEN,
    announced=True,
    areas=frozenset({ABERDEEN}),
    briefings=frozenset({"first"}),
    documents={"policy": ("Policy", date(2024, 8, 27))},
    published_on=DAY,
)
notified = AreaNotified((ABERDEEN,), DAY)
nominated = CoordinatorNominated("coordinator-1", "Planning officer", DAY, SEALED)
invited = BriefingInvited("first", DAY)
attended = BriefingAttended("first", DAY)
asked = QuestionAsked("scope", DAY, SEALED)
answered = QuestionAnswered("scope", DAY, SEALED)
returned = DocumentReturned("policy", DAY, (UUID(int=1),))
queried = DocumentQueried("policy", DAY, SEALED)
accepted = DocumentAccepted("policy", DAY)
owed = ObligationRaised("share-survey", ABERDEEN, "care-inspectorate", "Share the staff survey", DAY)
others = InterviewHeld("leaders", ("chief-executive", "chief-officer"), DAY)
provided = LocalSurveyReportProvided(DAY)
interviewed = InterviewHeld("cswo", ("chief-social-work-officer",), DAY)
area = AreaRegistered(ABERDEEN, "Aberdeen City", ABERDEEN_PARTNERSHIP)
appointed = ContactAppointed("chief-officer", "officer-1", DAY, SEALED)
ended = ContactEnded("chief-officer", "officer-1", DAY)
allocated = LinkInspectorAllocated(ABERDEEN, "inspector-1", DAY, SEALED)
left = LinkInspectorAllocationEnded(ABERDEEN, "inspector-1", DAY)
managing = RelationshipManagerAppointed(ABERDEEN, "adults", "manager-1", DAY, SEALED)
retired = RelationshipManagerAppointmentEnded(ABERDEEN, "adults", "manager-1", DAY)
agreed = SharingAgreed("auditors", (ABERDEEN,), ("publications",), "Audit", DAY, date(2025, 7, 15))
announced = ReviewAnnounced(
    title="A review", legal_basis_required=False, legal_basis=None, stem="How well?", questions=("How?",),
    purposes=("Assurance",), service_areas=("adults",), areas=(ABERDEEN,), selection_mode="all", methods=("documents",),
    definitions=(), analysis_framework=None, team=None, starts="2024-07", ends="2024-12", report_due="2025-03",
)  # fmt: skip
reached = MilestoneReached("report", DAY)
published = ReportPublished("Report", None, DAY)
planned = MilestonePlanned("report", "Report", "2025-03")
to_agree = (*inspected.asked, *inspected.submitted)
to_accept = (*to_agree, *inspected.all_agree(), *inspected.confirmed)
monitored = (*to_accept, *inspected.accepted)
monitoring_ended = PlanMonitoringEnded(DAY, ("leaders", "reviews"))
six_discussed, twelve_discussed = PlanProgressDiscussed("six-months", DAY), PlanProgressDiscussed("twelve-months", DAY)
reviews_closed, leaders_closed = (
    AreaForImprovementClosed(code, "implemented", DAY, SEALED) for code in ("reviews", "leaders")
)


def case(kind: type, *before: Event, settled_by: Event, refusal: type[Refusal]) -> Any:
    """After `before` a command of this kind is permitted; once `settled_by` has happened too, it is refused."""
    return pytest.param(kind, before, settled_by, refusal, id=f"{kind.__name__}-{refusal.code}")


@pytest.mark.parametrize(
    ("kind", "before", "settled_by", "refusal"),
    [
        case(NominateCoordinator, notified, settled_by=nominated, refusal=refused.CoordinatorAlreadyNominated),
        case(InviteToBriefing, notified, nominated, settled_by=invited, refusal=refused.NoBriefingLeft),
        case(RecordBriefingAttendance, notified, invited, settled_by=attended, refusal=refused.NoInvitationOpen),
        case(AnswerQuestion, notified, asked, settled_by=answered, refusal=refused.NoQuestionOpen),
        case(RecordDocumentReturn, notified, settled_by=returned, refusal=refused.NoReturnAwaited),
        case(RecordDocumentReturn, notified, returned, queried, settled_by=accepted, refusal=refused.NoReturnAwaited),
        case(QueryDocument, notified, returned, settled_by=queried, refusal=refused.NoReturnToReview),
        case(AcceptDocument, notified, returned, queried, settled_by=accepted, refusal=refused.NoReturnToReview),
        case(HoldInterview, notified, others, settled_by=interviewed, refusal=refused.InterviewsHeld),
        case(ProvideLocalSurveyReport, notified, settled_by=provided, refusal=refused.SurveyReportAlreadyProvided),
        case(ExtendObligation, notified, owed, settled_by=ObligationMet("share-survey", DAY), refusal=NothingOwed),
        case(WaiveObligation, notified, owed, settled_by=ObligationWaived("share-survey", SEALED), refusal=NothingOwed),
        case(ReachMilestone, announced, planned, settled_by=reached, refusal=plan.NoMilestoneAhead),
        case(RescheduleMilestone, announced, planned, settled_by=reached, refusal=plan.NoMilestoneAhead),
        case(SetSurveyWindow, announced, settled_by=SurveyWindowSet(DAY, DAY), refusal=plan.SurveyWindowAlreadySet),
        case(ConcludeReview, announced, settled_by=ReviewConcluded(DAY), refusal=plan.ReviewHasConcluded),
        case(PublishReport, announced, settled_by=published, refusal=plan.ReportAlreadyPublished),
        case(EndContact, area, appointed, settled_by=ended, refusal=NobodyAppointed),
        case(EndLinkInspectorAllocation, allocated, settled_by=left, refusal=NobodyOnRoster),
        case(EndRelationshipManagerAppointment, managing, settled_by=retired, refusal=NobodyOnRoster),
        case(AmendSharing, agreed, settled_by=SharingEnded(DAY, SEALED), refusal=AgreementEnded),
        case(SubmitPlan, *to_accept, settled_by=inspected.accepted[0], refusal=improvement.PlanAlreadyAccepted),
        case(AcceptPlan, *to_accept, settled_by=inspected.accepted[0], refusal=improvement.PlanAlreadyAccepted),
        case(
            AgreeAsServiceManager, *to_agree, *inspected.all_agree()[:2],
            settled_by=inspected.agreed("link-inspector"), refusal=improvement.ResponseAlreadyAgreed,
        ),
        case(
            RequestRevision, *to_agree, *inspected.all_agree("fails"),
            settled_by=RevisionRequested(1, "fails", DAY, SEALED), refusal=improvement.RevisionAlreadyRequested,
        ),
        case(
            HoldPlanMeeting, *to_agree, *inspected.all_agree("fails"),
            settled_by=inspected.revised[0], refusal=improvement.MeetingNotCalledFor,
        ),
        case(ExtendPlanDeadline, *inspected.asked, settled_by=inspected.met, refusal=NothingOwed),
        case(EndPlanMonitoring, *monitored, settled_by=monitoring_ended, refusal=improvement.MonitoringAlreadyEnded),
        case(
            DiscussPlanProgress, *monitored, six_discussed, monitoring_ended,
            settled_by=twelve_discussed, refusal=improvement.StageAlreadyDiscussed,
        ),
        case(
            CloseAreaForImprovement, *monitored, monitoring_ended, reviews_closed,
            settled_by=leaders_closed, refusal=improvement.AreaForImprovementAlreadyClosed,
        ),
        case(EraseDataSubject, settled_by=DataSubjectErased("somebody", "retention-ended"), refusal=AlreadyErased),
    ],
)  # fmt: skip
def test_a_command_is_permitted_until_nothing_of_its_kind_is_left(
    kind: type, before: tuple[Event, ...], settled_by: Event, refusal: type[Refusal]
) -> None:
    aggregate = AGGREGATE_OF[kind]
    facts = REVIEW if aggregate is participations else unmet(aggregate)
    aggregate.permit(kind, fold(aggregate, *before), facts)
    with pytest.raises(refusal):
        aggregate.permit(kind, fold(aggregate, *before, settled_by), facts)


def test_a_meeting_is_permitted_over_a_plan_that_fails_and_not_over_one_to_be_revised_modestly() -> None:  # R48
    fails, modest = (
        fold(improvement_plans, *to_agree, *inspected.all_agree(response)) for response in ("fails", "modest-revision")
    )
    improvement_plans.permit(HoldPlanMeeting, fails, improvement_plans.Facts())
    with pytest.raises(improvement.MeetingNotCalledFor):
        improvement_plans.permit(HoldPlanMeeting, modest, improvement_plans.Facts())


def test_a_report_that_was_provided_already_may_still_be_repeated() -> None:  # R22
    given(notified, provided, facts=REVIEW).when(ProvideLocalSurveyReport()).then_nothing()
