"""One area's part in one review: notification, co-ordinator, briefings, survey, interviews, feedback, withdrawal."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from app.domain import participations
from app.domain.obligations import ExtensionNotLater, ObligationSettled, ObligationUnknown
from app.domain.participation_refusals import (
    AlreadyInvitedToBriefing,
    AlreadyNotified,
    AreaOutOfScope,
    BriefingUnknown,
    CoordinatorAlreadyNominated,
    GuidanceAlreadyIssued,
    HasWithdrawn,
    NoCoordinator,
    NotInvitedToBriefing,
    NotNotified,
    QuestionAlreadyAnswered,
    QuestionAlreadyAsked,
    QuestionUnknown,
    RecipientOfAnotherArea,
    ReportNotYetPublished,
    ReviewNotAnnounced,
    SurveyAlreadyShared,
    SurveyNotPlanned,
    SurveyReportAlreadyProvided,
)
from app.domain.participations import (
    AnswerQuestion,
    AskQuestion,
    ExtendObligation,
    HoldInterview,
    InviteToBriefing,
    IssueGuidance,
    NominateCoordinator,
    Notify,
    ProvideLocalSurveyReport,
    RecordBriefingAttendance,
    ReplaceCoordinator,
    ReviewFacts,
    ShareSurvey,
    WaiveObligation,
    Withdraw,
)
from app.domain.refusals import DatesOutOfOrder
from app.events.obligations import ObligationExtended, ObligationMet, ObligationRaised, ObligationWaived
from app.events.participations import (
    AreaNotified,
    BriefingAttended,
    BriefingInvited,
    CoordinatorNominated,
    CoordinatorReplaced,
    GuidanceIssued,
    InterviewHeld,
    LocalSurveyReportProvided,
    ParticipationWithdrawn,
    QuestionAnswered,
    QuestionAsked,
    SurveyShared,
)
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import ABERDEEN, ABERDEEN_PARTNERSHIP, GLASGOW, fold

NOTIFIED, NOMINATE_BY = date(2024, 7, 15), date(2024, 7, 19)
OPENS, CLOSES = date(2024, 8, 19), date(2024, 10, 4)
DOCUMENTS_DUE, PUBLICATION = date(2024, 8, 27), date(2025, 3, 17)
INTERVIEWS = (date(2024, 9, 30), date(2024, 11, 1))
DURING = date(2024, 10, 10)
FIRST, SECOND = "coordinator-aberdeen-city", "coordinator-aberdeen-city-2"
CSWO = "chief-social-work-officer"

REVIEW = ReviewFacts(
    area=ABERDEEN,
    announced=True,
    areas=frozenset({ABERDEEN, GLASGOW}),
    nominate_by=NOMINATE_BY,
    documents={"policy": ("Policy", DOCUMENTS_DUE)},
    briefings=frozenset({"first"}),
    survey_windows=((OPENS, CLOSES),),
    interview_window=INTERVIEWS,
)
AFTER_PUBLICATION = replace(REVIEW, published_on=PUBLICATION)


def owes(key: str, what: str, due_on: date) -> ObligationRaised:
    return ObligationRaised(key, ABERDEEN, "care-inspectorate", what, due_on)


notified = AreaNotified((ABERDEEN, ABERDEEN_PARTNERSHIP), NOTIFIED)
owes_nomination = owes("nominate-coordinator", "Nominate one co-ordinator", NOMINATE_BY)
owes_survey = owes("share-survey", "Share the staff survey", OPENS)
owes_policy = owes("document-policy", "Policy", DOCUMENTS_DUE)
asked = (notified, owes_nomination, owes_survey, owes_policy)
nominated = CoordinatorNominated(FIRST, "Service Manager", NOMINATE_BY, Sealed("a name"))
nominate = NominateCoordinator(FIRST, "a name", "Service Manager")
replace_by_second = ReplaceCoordinator(SECOND, "another name", "Team Manager", "left the council")
replaced = CoordinatorReplaced(SECOND, FIRST, "Team Manager", OPENS, Sealed("another name"), Sealed("left the council"))
invited = BriefingInvited("first", NOMINATE_BY)


def given(*events: Event, facts: ReviewFacts = REVIEW) -> dsl.Given:
    return dsl.given(*events, facts=facts)


def test_notification_of_council_and_partnership_starts_the_areas_deadlines() -> None:  # R11, R17, R19, R20
    given().when(Notify((ABERDEEN_PARTNERSHIP, ABERDEEN)), on=NOTIFIED).then(*asked)


def test_notifying_again_adds_nothing_and_with_other_recipients_is_refused() -> None:  # R11
    given(*asked).when(Notify((ABERDEEN, ABERDEEN_PARTNERSHIP))).then_nothing()
    given(*asked).when(Notify((ABERDEEN,))).then_refused(AlreadyNotified)


def test_notification_of_a_review_that_was_not_announced_is_refused() -> None:  # R11
    given(facts=ReviewFacts(ABERDEEN)).when(Notify((ABERDEEN,))).then_refused(ReviewNotAnnounced)


def test_notification_of_an_area_outside_the_reviews_scope_is_refused() -> None:  # R14
    given(facts=replace(REVIEW, areas=frozenset({GLASGOW}))).when(Notify((ABERDEEN,))).then_refused(AreaOutOfScope)


def test_the_council_of_another_area_is_not_notified_in_this_ones_place() -> None:  # R11
    given().when(Notify((GLASGOW,))).then_refused(RecipientOfAnotherArea)


@pytest.mark.parametrize(
    "command",
    [
        nominate,
        replace_by_second,
        IssueGuidance(),
        InviteToBriefing("first"),
        ShareSurvey(),
        HoldInterview("leaders", (CSWO,)),
        ProvideLocalSurveyReport(),
        Withdraw("no capacity"),
    ],
)
def test_nothing_happens_before_notification(command: Any) -> None:  # R17
    given(facts=AFTER_PUBLICATION).when(command, on=DURING).then_refused(NotNotified)


def test_nominating_before_notification_is_refused_even_when_recorded_after_it() -> None:  # R17
    given(*asked).when(nominate, on=date(2024, 7, 14)).then_refused(NotNotified)


def test_nominating_a_co_ordinator_meets_the_obligation() -> None:  # R17
    command = NominateCoordinator(FIRST, "a name", "Service Manager", "sm@example.org", "01224 000000")
    given(*asked).when(command, on=NOMINATE_BY).then(
        CoordinatorNominated(
            FIRST,
            "Service Manager",
            NOMINATE_BY,
            Sealed("a name"),
            Sealed("sm@example.org"),
            Sealed("01224 000000"),
        ),
        ObligationMet("nominate-coordinator", NOMINATE_BY),
    )


def test_a_co_ordinator_is_not_nominated_twice_since_another_address_would_be_lost() -> None:  # R17
    given(*asked, nominated).when(nominate, on=NOMINATE_BY).then_refused(CoordinatorAlreadyNominated)


def test_a_second_active_co_ordinator_is_refused() -> None:  # R17
    given(*asked, nominated).when(NominateCoordinator(SECOND, "another", "Team Manager")).then_refused(
        CoordinatorAlreadyNominated
    )
    given(*asked, nominated).when(replace(nominate, designation="Team Manager")).then_refused(
        CoordinatorAlreadyNominated
    )


def test_replacing_the_co_ordinator_moves_access_and_keeps_history_and_deadlines() -> None:  # R17
    met = ObligationMet("nominate-coordinator", NOMINATE_BY)
    given(*asked, nominated, met).when(replace_by_second, on=OPENS).then(replaced)
    state = fold(participations, *asked, nominated, met, replaced)
    assert state.coordinator.person == SECOND
    on = [participations.coordinator_on(state, day) for day in (NOTIFIED, date(2024, 8, 18), OPENS)]
    assert [held and held.person for held in on] == [None, FIRST, SECOND]
    assert state.obligations["document-policy"].due_on == DOCUMENTS_DUE
    assert state.obligations["nominate-coordinator"].met_on == NOMINATE_BY


@pytest.mark.parametrize("day", [replaced.replaced_on, DURING], ids=["the-same-day", "later"])
def test_what_was_mistyped_of_a_co_ordinator_is_corrected_on_the_same_day_too(day: date) -> None:  # R17
    mended = replace(replace_by_second, email="second@example.org", reason="A letter was missing")
    given(*asked, nominated, replaced).when(mended, on=day).then(
        msgspec.structs.replace(
            replaced,
            previous=replaced.person,
            replaced_on=day,
            email=Sealed("second@example.org"),
            reason=Sealed("A letter was missing"),
        )
    )


def test_a_co_ordinator_is_replaced_only_where_there_is_one_and_not_before_they_began() -> None:  # R17
    given(*asked).when(replace_by_second).then_refused(NoCoordinator)
    given(*asked, nominated).when(replace_by_second, on=NOTIFIED).then_refused(DatesOutOfOrder)


def test_guidance_goes_to_the_co_ordinator() -> None:  # R17
    given(*asked).when(IssueGuidance()).then_refused(NoCoordinator)
    given(*asked, nominated).when(IssueGuidance(), on=date(2024, 7, 22)).then(GuidanceIssued(date(2024, 7, 22)))
    issued = GuidanceIssued(date(2024, 7, 22))
    given(*asked, nominated, issued).when(IssueGuidance(), on=issued.issued_on).then_nothing()
    given(*asked, nominated, issued).when(IssueGuidance(), on=OPENS).then_refused(GuidanceAlreadyIssued)
    given(*asked, nominated).when(IssueGuidance(), on=NOTIFIED).then_refused(DatesOutOfOrder)
    given(*asked, nominated, replaced).when(IssueGuidance(), on=NOMINATE_BY).then(GuidanceIssued(NOMINATE_BY))


def test_guidance_brings_documents_that_joined_the_list_after_notification() -> None:  # R20
    longer = replace(REVIEW, documents={**REVIEW.documents, "plan": ("Plan", DOCUMENTS_DUE)})
    given(*asked, nominated, facts=longer).when(IssueGuidance(), on=NOMINATE_BY).then(
        GuidanceIssued(NOMINATE_BY), owes("document-plan", "Plan", DOCUMENTS_DUE)
    )


def test_the_co_ordinator_is_invited_to_a_scheduled_briefing() -> None:  # R18
    given(*asked).when(InviteToBriefing("first")).then_refused(NoCoordinator)
    given(*asked, nominated).when(InviteToBriefing("second")).then_refused(BriefingUnknown)
    given(*asked, nominated).when(InviteToBriefing("first"), on=NOMINATE_BY).then(invited)
    given(*asked, nominated, invited).when(InviteToBriefing("first"), on=NOMINATE_BY).then_nothing()
    given(*asked, nominated, invited).when(InviteToBriefing("first"), on=OPENS).then_refused(AlreadyInvitedToBriefing)
    given(*asked, nominated).when(InviteToBriefing("first"), on=NOTIFIED).then_refused(DatesOutOfOrder)


def test_attendance_follows_an_invitation() -> None:  # R18
    attended = BriefingAttended("first", OPENS)
    given(*asked, nominated).when(RecordBriefingAttendance("first")).then_refused(NotInvitedToBriefing)
    given(*asked, nominated, invited).when(RecordBriefingAttendance("first"), on=OPENS).then(attended)
    given(*asked, nominated, invited).when(RecordBriefingAttendance("first"), on=NOTIFIED).then_refused(DatesOutOfOrder)
    given(*asked, nominated, invited, attended).when(RecordBriefingAttendance("first"), on=OPENS).then_nothing()


def test_questions_are_asked_and_answered() -> None:  # R18
    question = QuestionAsked("scope", OPENS, Sealed("Are agency staff included?"))
    answer = QuestionAnswered("scope", OPENS, Sealed("Yes."))
    given(*asked).when(AskQuestion("scope", "Are agency staff included?"), on=OPENS).then(question)
    given(*asked, question).when(AnswerQuestion("scope", "Yes."), on=OPENS).then(answer)
    given(*asked, question).when(AnswerQuestion("scope", "Yes."), on=NOTIFIED).then_refused(DatesOutOfOrder)
    given(*asked).when(AnswerQuestion("scope", "Yes.")).then_refused(QuestionUnknown)


def test_a_second_text_under_one_code_is_refused_because_it_would_be_lost() -> None:  # R18
    question = QuestionAsked("scope", OPENS, Sealed("Are agency staff included?"))
    answer = QuestionAnswered("scope", OPENS, Sealed("Yes."))
    given(*asked, question).when(AskQuestion("scope", "Something else?")).then_refused(QuestionAlreadyAsked)
    given(*asked, question, answer).when(AnswerQuestion("scope", "No.")).then_refused(QuestionAlreadyAnswered)


def test_sharing_the_survey_meets_the_obligation() -> None:  # R19
    given(*asked).when(ShareSurvey(), on=OPENS).then(SurveyShared(OPENS), ObligationMet("share-survey", OPENS))
    given(*asked, SurveyShared(OPENS)).when(ShareSurvey(), on=OPENS).then_nothing()
    given(*asked, SurveyShared(OPENS)).when(ShareSurvey(), on=CLOSES).then_refused(SurveyAlreadyShared)


def test_a_survey_that_was_planned_after_notification_is_owed_when_it_is_shared() -> None:  # R19
    given(notified, owes_nomination, owes_policy).when(ShareSurvey(), on=OPENS).then(
        SurveyShared(OPENS), owes_survey, ObligationMet("share-survey", OPENS)
    )


def test_there_is_nothing_to_share_without_a_survey() -> None:  # R19
    unplanned = replace(REVIEW, survey_windows=())
    given(*asked, facts=unplanned).when(ShareSurvey()).then_refused(SurveyNotPlanned)


def test_the_local_survey_report_is_provided_only_after_publication() -> None:  # R22
    report, provided = ProvideLocalSurveyReport(), LocalSurveyReportProvided(PUBLICATION)
    given(*asked).when(report, on=PUBLICATION).then_refused(ReportNotYetPublished)
    given(*asked, facts=AFTER_PUBLICATION).when(report, on=date(2025, 3, 16)).then_refused(ReportNotYetPublished)
    given(*asked, facts=AFTER_PUBLICATION).when(report, on=PUBLICATION).then(provided)


def test_the_local_survey_report_is_provided_once() -> None:  # R22
    provided = LocalSurveyReportProvided(PUBLICATION)
    given(*asked, provided, facts=AFTER_PUBLICATION).when(ProvideLocalSurveyReport(), on=PUBLICATION).then_nothing()
    given(*asked, provided, facts=AFTER_PUBLICATION).when(
        ProvideLocalSurveyReport(UUID(int=1)), on=PUBLICATION
    ).then_refused(SurveyReportAlreadyProvided)


def test_another_areas_survey_report_that_was_provided_and_erased_gives_way_to_the_right_one() -> None:  # R22, §8
    wrong, mended = (LocalSurveyReportProvided(PUBLICATION, UUID(int=file)) for file in (1, 2))
    right, erased = ProvideLocalSurveyReport(UUID(int=2)), replace(AFTER_PUBLICATION, erased=frozenset({UUID(int=1)}))
    given(*asked, wrong, facts=AFTER_PUBLICATION).when(right, on=PUBLICATION).then_refused(SurveyReportAlreadyProvided)
    given(*asked, wrong, facts=erased).when(right, on=PUBLICATION).then(mended)
    given(*asked, wrong, mended, facts=erased).when(right, on=PUBLICATION).then_nothing()
    participations.permit(ProvideLocalSurveyReport, fold(participations, *asked, wrong), erased)


def test_an_obligation_is_extended_with_a_reason_and_the_extensions_are_counted() -> None:  # §6
    later, latest = date(2024, 9, 3), date(2024, 9, 10)
    first = ObligationExtended("document-policy", later, Sealed("leave"), 1)
    given(*asked).when(ExtendObligation("document-policy", later, "leave")).then(first)
    given(*asked, first).when(ExtendObligation("document-policy", later, "illness")).then_refused(ExtensionNotLater)
    given(*asked, first).when(ExtendObligation("document-policy", latest, "leave")).then(
        ObligationExtended("document-policy", latest, Sealed("leave"), 2)
    )
    given(*asked).when(ExtendObligation("document-policy", OPENS, "leave")).then_refused(ExtensionNotLater)
    given(*asked).when(ExtendObligation("document-plan", later, "leave")).then_refused(ObligationUnknown)


def test_an_obligation_is_waived_with_a_reason() -> None:  # R20, §6
    waived = ObligationWaived("document-policy", Sealed("not held"))
    given(*asked).when(WaiveObligation("document-policy", "not held")).then(waived)
    given(*asked, waived).when(WaiveObligation("document-policy", "not kept")).then_refused(ObligationSettled)
    given(*asked).when(WaiveObligation("document-plan", "not held")).then_refused(ObligationUnknown)


def test_what_is_settled_is_neither_extended_nor_waived() -> None:  # §6
    met = ObligationMet("document-policy", OPENS)
    given(*asked, met).when(WaiveObligation("document-policy", "not held")).then_refused(ObligationSettled)
    given(*asked, met).when(ExtendObligation("document-policy", CLOSES, "leave")).then_refused(ObligationSettled)


def test_the_tracks_run_in_parallel() -> None:  # R17 to R21
    history = (*asked, SurveyShared(OPENS), InterviewHeld("leaders", (CSWO,), DURING))
    given(*history).when(nominate, on=DURING).then_includes(ObligationMet("nominate-coordinator", DURING))


def test_only_withdrawal_ends_the_tracks_and_waives_what_is_owed() -> None:  # R17
    met = ObligationMet("nominate-coordinator", NOMINATE_BY)
    reason = Sealed("no capacity")
    given(*asked, nominated, met).when(Withdraw("no capacity"), on=OPENS).then(
        ParticipationWithdrawn(OPENS, reason),
        ObligationWaived("share-survey", reason),
        ObligationWaived("document-policy", reason),
    )
    withdrawn = (*asked, nominated, ParticipationWithdrawn(OPENS, reason))
    for command in (
        Withdraw("no staff"),
        nominate,
        ShareSurvey(),
        Notify((ABERDEEN,)),
        ExtendObligation("share-survey", CLOSES, "leave"),
    ):
        given(*withdrawn).when(command, on=DURING).then_refused(HasWithdrawn)
