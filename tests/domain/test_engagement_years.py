"""The link inspector's year: arrangements, meetings and their notes, and what is passed on."""

from dataclasses import replace
from datetime import date
from typing import get_args
from uuid import UUID

import pytest

from app.domain.acting import Actor
from app.domain.engagement_commands import STANDARD_AGENDA
from app.domain.engagement_refusals import (
    AgreementSuperseded,
    ArrangementsAlreadyAgreed,
    ArrangementsAlreadyConfirmed,
    ArrangementsNotAgreed,
    EngagementAreaUnknown,
    IntelligenceAlreadyShared,
    MeetingAlreadyHeld,
    MeetingAlreadyPlanned,
    MeetingNotHeld,
    MeetingUnknown,
    MeetingWasCancelled,
    MeetingWasRetracted,
    NoteAlreadyRecorded,
    OutsideEngagementYear,
    TeamAlreadyIntroduced,
    VerbalUpdateAlreadyGiven,
)
from app.domain.engagement_tally import focuses_covered
from app.domain.engagement_years import (
    AgreeArrangements,
    CancelMeeting,
    ConfirmArrangements,
    CorrectMeeting,
    FollowedPlan,
    GiveVerbalUpdate,
    HoldMeeting,
    IntroduceTeam,
    PlanMeeting,
    RecordMeetingNote,
    RecordTimeSpent,
    RescheduleMeeting,
    RetractMeeting,
    SetAgenda,
    ShareIntelligence,
    YearFacts,
)
from app.domain.postings import NotLinkInspectorThen, Posting
from app.domain.refusals import DatesOutOfOrder, NothingToChange, SeveralRefusals
from app.events.engagement_years import (
    AgendaSet,
    ArrangementsAgreed,
    ArrangementsConfirmed,
    Counterpart,
    Focus,
    InspectorateRole,
    IntelligenceShared,
    MeetingCancelled,
    MeetingCorrected,
    MeetingHeld,
    MeetingNoteRecorded,
    MeetingPlanned,
    MeetingRescheduled,
    MeetingRetracted,
    StandardRow,
    TeamIntroduced,
    VerbalUpdateGiven,
)
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import ABERDEEN, GLASGOW, fold

YEAR = YearFacts(2024)
FIRST_DAY, LAST_DAY = date(2024, 4, 1), date(2025, 3, 31)
MAY, JUNE, SEPTEMBER = date(2024, 5, 14), date(2024, 6, 11), date(2024, 9, 3)
CSWO: tuple[Counterpart, ...] = ("chief-social-work-officer",)
LINK: tuple[InspectorateRole, ...] = ("link-inspector",)
LEADERSHIP: tuple[StandardRow, ...] = ("social-work-leadership",)
PLAN_OF_AN_INSPECTION = UUID("01a209a6-71f3-7581-81e1-43a9e32e2087")
WHY = Sealed("The officer was ill.")

agreed = ArrangementsAgreed(("chief-social-work-officer",), MAY)
planned = MeetingPlanned("q1", JUNE, CSWO, LINK, LEADERSHIP)
agenda = AgendaSet("q1", STANDARD_AGENDA, ())
held = MeetingHeld("q1", JUNE, CSWO, LINK, LEADERSHIP)
cancelled = MeetingCancelled("q1", MAY, WHY)
retracted = MeetingRetracted("q1", SEPTEMBER, WHY)
noted = MeetingNoteRecorded("n1", "q1", JUNE, ("self-evaluation",), (), ("risks",), Sealed("A note"))

plan = PlanMeeting("q1", JUNE, CSWO)
hold = HoldMeeting("q1", CSWO, LINK)
note = RecordMeetingNote("n1", "q1", "A note", ("self-evaluation",), (), ("risks",))


BY_INSPECTOR = YearFacts(
    2024,
    area=ABERDEEN,
    link_inspectors=(Posting(ABERDEEN, None, "inspector-1", MAY, SEPTEMBER, Sealed("The inspector")),),
    actor=Actor("inspector-1", "link-inspector"),
)


def given(*events: Event, facts: YearFacts = YEAR) -> dsl.Given:
    return dsl.given(*events, facts=facts)


# Arrangements


def test_arrangements_are_agreed_with_the_area_by_designation() -> None:  # R37
    command = AgreeArrangements(("partnership", "chief-social-work-officer"), "Quarterly, in person.")
    given().when(command, on=MAY).then(
        ArrangementsAgreed(("chief-social-work-officer", "partnership"), MAY, Sealed("Quarterly, in person."))
    )
    given(agreed).when(AgreeArrangements(("chief-social-work-officer",)), on=MAY).then_nothing()


def test_the_service_manager_confirms_once_what_was_agreed() -> None:  # R37
    given(agreed).when(ConfirmArrangements(), on=JUNE).then(ArrangementsConfirmed(JUNE))
    confirmed = ArrangementsConfirmed(JUNE)
    given(agreed, confirmed).when(ConfirmArrangements(), on=JUNE).then_nothing()
    given(agreed, confirmed).when(ConfirmArrangements(), on=SEPTEMBER).then_refused(ArrangementsAlreadyConfirmed)


def test_arrangements_are_agreed_by_a_link_inspector_of_the_area_on_that_day() -> None:  # R37
    agree = AgreeArrangements(("chief-social-work-officer",))
    for day in (MAY, SEPTEMBER):
        given(facts=BY_INSPECTOR).when(agree, on=day).then(ArrangementsAgreed(("chief-social-work-officer",), day))
    given(facts=BY_INSPECTOR).when(agree, on=FIRST_DAY).then_refused(NotLinkInspectorThen)
    elsewhere = replace(BY_INSPECTOR, area=GLASGOW)
    given(facts=elsewhere).when(agree, on=MAY).then_refused(NotLinkInspectorThen)
    another = replace(BY_INSPECTOR, actor=Actor("inspector-2", "link-inspector"))
    given(facts=another).when(agree, on=MAY).then_refused(NotLinkInspectorThen)
    # Their service manager records what they agreed.
    manager = replace(BY_INSPECTOR, actor=Actor("manager-1", "service-manager"))
    given(facts=manager).when(agree, on=MAY).then(agreed)


def test_confirming_before_agreeing_is_refused_even_when_recorded_after_it() -> None:  # R37
    given().when(ConfirmArrangements(), on=JUNE).then_refused(ArrangementsNotAgreed)
    given(agreed).when(ConfirmArrangements(), on=FIRST_DAY).then_refused(ArrangementsNotAgreed)


def test_agreeing_anew_voids_the_confirmation() -> None:  # R37
    history = (agreed, ArrangementsConfirmed(JUNE))
    again = ArrangementsAgreed(("local-authority",), SEPTEMBER)
    given(*history).when(AgreeArrangements(("local-authority",)), on=SEPTEMBER).then(again)
    given(*history, again).when(ConfirmArrangements(), on=SEPTEMBER).then(ArrangementsConfirmed(SEPTEMBER))
    given(*history, again).when(AgreeArrangements(("chief-social-work-officer",)), on=JUNE).then_refused(
        AgreementSuperseded
    )


def test_the_arrangements_may_be_agreed_before_the_year_begins() -> None:  # R37
    march = date(2024, 3, 20)
    given().when(AgreeArrangements(("partnership",)), on=march).then(ArrangementsAgreed(("partnership",), march))


# Meetings


def test_a_planned_meeting_starts_from_the_ten_standard_items() -> None:  # R40
    assert STANDARD_AGENDA == (
        "key-developments-in-the-area",
        "key-developments-in-the-care-inspectorate",
        "strategic-scrutiny",
        "action-plans-from-inspections",
        "regulated-care-themes",
        "incident-and-case-reviews",
        "performance-hotspots",
        "service-improvement-and-development",
        "self-evaluation",
        "higher-risk-services",
    )
    given().when(plan).then(planned, agenda)
    given(planned, agenda).when(plan).then_nothing()


def test_an_agenda_carries_the_plans_that_are_followed_when_it_is_set_and_may_be_shortened() -> None:  # R40 R52
    facts = YearFacts(2024, plans=(FollowedPlan(PLAN_OF_AN_INSPECTION, JUNE, SEPTEMBER),))
    given(facts=facts).when(plan, on=MAY).then(planned, agenda)
    carried = AgendaSet("q1", STANDARD_AGENDA, (PLAN_OF_AN_INSPECTION,))
    given(facts=facts).when(plan, on=JUNE).then(planned, carried)
    shorter = SetAgenda("q1", ("self-evaluation",))
    given(planned, agenda, facts=facts).when(shorter, on=SEPTEMBER).then(
        AgendaSet("q1", ("self-evaluation",), (PLAN_OF_AN_INSPECTION,))
    )
    again = SetAgenda("q1", STANDARD_AGENDA)
    given(planned, agenda, facts=facts).when(again, on=JUNE).then(carried)
    given(planned, carried, facts=facts).when(again, on=JUNE).then_nothing()
    given(planned, carried, facts=facts).when(again, on=LAST_DAY).then(agenda)


def test_a_meeting_without_the_link_inspector_carries_no_plan() -> None:  # R52
    facts = YearFacts(2024, plans=(FollowedPlan(PLAN_OF_AN_INSPECTION, MAY),))
    without = PlanMeeting("q1", JUNE, CSWO, ("relationship-manager-adults",))
    given(facts=facts).when(without, on=JUNE).then_includes(agenda)


def test_a_plan_with_other_particulars_under_the_same_code_is_refused() -> None:  # R36
    given(planned).when(PlanMeeting("q1", SEPTEMBER, CSWO)).then_refused(MeetingAlreadyPlanned)
    given(held).when(plan).then_refused(MeetingAlreadyHeld)


def test_a_repeated_plan_of_a_meeting_is_known_whatever_plans_are_followed_since() -> None:  # R36 R52
    facts = YearFacts(2024, plans=(FollowedPlan(PLAN_OF_AN_INSPECTION, JUNE),))
    given(planned, agenda, facts=facts).when(plan, on=JUNE).then_nothing()
    carried = AgendaSet("q1", STANDARD_AGENDA, (PLAN_OF_AN_INSPECTION,))
    given(planned, carried).when(plan, on=JUNE).then_nothing()
    given(planned, agenda, facts=facts).when(replace(plan, agenda=()), on=JUNE).then_refused(MeetingAlreadyPlanned)


def test_a_planned_meeting_is_rescheduled_or_cancelled_with_a_reason() -> None:  # R36
    move = RescheduleMeeting("q1", SEPTEMBER, "The officer was ill.")
    given(planned).when(move).then(MeetingRescheduled("q1", SEPTEMBER, WHY))
    given(planned, MeetingRescheduled("q1", SEPTEMBER, WHY)).when(move).then_refused(NothingToChange)
    cancel = CancelMeeting("q1", "The officer was ill.")
    given(planned).when(cancel, on=MAY).then(cancelled)
    given(planned, cancelled).when(cancel, on=MAY).then_refused(MeetingWasCancelled)


def test_what_was_cancelled_held_or_retracted_is_not_planned_anew() -> None:  # R36
    move = RescheduleMeeting("q1", SEPTEMBER, "Why")
    given(planned, cancelled).when(move).then_refused(MeetingWasCancelled)
    given(planned, cancelled).when(hold, on=JUNE).then_refused(MeetingWasCancelled)
    given(planned, held).when(CancelMeeting("q1", "Why")).then_refused(MeetingAlreadyHeld)
    given(planned, held).when(SetAgenda("q1", ())).then_refused(MeetingAlreadyHeld)
    given(held, retracted).when(hold, on=JUNE).then_refused(MeetingWasRetracted)
    given().when(move).then_refused(MeetingUnknown)


def test_a_meeting_counts_by_the_day_on_which_it_happened() -> None:  # R36 §7
    given(planned).when(hold, on=SEPTEMBER).then(MeetingHeld("q1", SEPTEMBER, CSWO, LINK, LEADERSHIP))
    given(planned, held).when(hold, on=JUNE).then_nothing()
    given(planned, held).when(hold, on=SEPTEMBER).then_refused(MeetingAlreadyHeld)


def test_a_meeting_that_nobody_planned_is_recorded_all_the_same() -> None:  # R38
    given().when(hold, on=JUNE).then(held)


def test_who_came_decides_what_a_meeting_counts_for_and_not_who_was_expected() -> None:  # R36
    expected = MeetingPlanned("q1", JUNE, ("chief-officers-group", *CSWO), LINK, (*LEADERSHIP, "chief-officers-group"))
    given(expected).when(hold, on=JUNE).then(held)


@pytest.mark.parametrize("day", [FIRST_DAY, LAST_DAY])
def test_the_year_runs_from_1_april_to_31_march(day: date) -> None:  # policy
    given().when(hold, on=day).then(MeetingHeld("q1", day, CSWO, LINK, LEADERSHIP))


@pytest.mark.parametrize("day", [date(2024, 3, 31), date(2025, 4, 1)])
def test_a_day_of_another_year_is_refused(day: date) -> None:  # R36
    for command in (
        PlanMeeting("q2", day, CSWO),
        HoldMeeting("q2", CSWO, LINK),
        RecordTimeSpent("t1", "meetings", 60),
        GiveVerbalUpdate("u1", "Topics"),
        ShareIntelligence("x1", "audit-scotland", "A note"),
        IntroduceTeam("i1", "complaints", CSWO),
        RescheduleMeeting("q1", day, "Why"),
    ):
        given(planned).when(command, on=day).then_refused(OutsideEngagementYear)


def test_everything_that_stands_against_a_meeting_is_told_together() -> None:  # R36
    given(planned, cancelled).when(hold, on=date(2025, 4, 1)).then_refused(SeveralRefusals)


def test_a_mistake_is_corrected_by_a_further_event_with_a_reason() -> None:  # §7
    correction = CorrectMeeting("q1", MAY, ("chief-officer",), LINK, "The officer was ill.")
    mended = MeetingCorrected("q1", MAY, ("chief-officer",), LINK, LEADERSHIP, WHY)
    given(held).when(correction, on=SEPTEMBER).then(mended)
    given(held, mended).when(correction, on=SEPTEMBER).then_refused(NothingToChange)
    given(planned).when(correction, on=SEPTEMBER).then_refused(MeetingNotHeld)
    given(held, retracted).when(correction, on=SEPTEMBER).then_refused(MeetingWasRetracted)


def test_a_correction_to_a_day_to_come_or_of_another_year_is_refused() -> None:  # §7
    given(held).when(CorrectMeeting("q1", SEPTEMBER, CSWO, LINK, "Why"), on=JUNE).then_refused(DatesOutOfOrder)
    elsewhere = CorrectMeeting("q1", date(2024, 3, 31), CSWO, LINK, "Why")
    given(held).when(elsewhere, on=JUNE).then_refused(OutsideEngagementYear)
    given(held).when(CorrectMeeting("q1", date(2025, 4, 1), CSWO, LINK, "Why"), on=JUNE).then_refused(SeveralRefusals)


def test_a_meeting_that_did_not_take_place_is_retracted_and_stays_on_record() -> None:  # §7
    retract = RetractMeeting("q1", "The officer was ill.")
    given(planned, held).when(retract, on=SEPTEMBER).then(retracted)
    given(planned, held, retracted).when(retract, on=SEPTEMBER).then_refused(MeetingWasRetracted)
    given(planned).when(retract, on=SEPTEMBER).then_refused(MeetingNotHeld)
    assert fold(dsl.AGGREGATE_OF[RetractMeeting], planned, held, retracted).meetings["q1"].held_on == JUNE


def test_nothing_is_recorded_for_an_area_that_is_not_registered() -> None:
    given(facts=YearFacts(2024, registered=False)).when(hold, on=JUNE).then_refused(EngagementAreaUnknown)


# What was covered, and what was passed on


def test_a_note_records_what_a_meeting_covered() -> None:  # R33 R38 R40
    given(planned, held).when(note, on=JUNE).then(noted)


def test_another_text_under_a_code_that_has_one_is_refused_and_not_lost() -> None:  # R37 R38 R39 R43
    given(planned, held, noted).when(replace(note, text="Another"), on=JUNE).then_refused(NoteAlreadyRecorded)
    told = VerbalUpdateGiven("u1", JUNE, (), Sealed("Topics"))
    given(told).when(GiveVerbalUpdate("u1", "Others"), on=JUNE).then_refused(VerbalUpdateAlreadyGiven)
    shared = IntelligenceShared("x1", "audit-scotland", JUNE, Sealed("A note"))
    given(shared).when(ShareIntelligence("x1", "audit-scotland", "Another"), on=JUNE).then_refused(
        IntelligenceAlreadyShared
    )
    introduced = TeamIntroduced("i1", "registration", ("chief-officer",), JUNE, Sealed("A note"))
    given(introduced).when(IntroduceTeam("i1", "registration", ("chief-officer",), "Another"), on=JUNE).then_refused(
        TeamAlreadyIntroduced
    )
    given(agreed).when(AgreeArrangements(("chief-social-work-officer",), "Monthly."), on=MAY).then_refused(
        ArrangementsAlreadyAgreed
    )


def test_only_a_meeting_that_took_place_has_notes() -> None:  # R38
    given().when(note).then_refused(MeetingUnknown)
    given(planned).when(note).then_refused(MeetingNotHeld)
    given(held, retracted).when(note).then_refused(MeetingNotHeld)


def test_nothing_is_noted_of_a_meeting_or_retracted_before_it_took_place() -> None:  # R38, §7
    given(planned, held).when(note, on=MAY).then_refused(DatesOutOfOrder)
    given(planned, held).when(RetractMeeting("q1", "The officer was ill."), on=MAY).then_refused(DatesOutOfOrder)


def test_the_six_focuses_are_counted_over_notes_and_verbal_updates() -> None:  # R33
    assert get_args(Focus) == (
        "performance-and-quality",
        "public-protection",
        "supporting-factors-and-barriers",
        "risks",
        "good-practice",
        "capacity-for-improvement",
    )
    update = VerbalUpdateGiven("u1", JUNE, ("risks", "good-practice"), Sealed("Topics"))
    year = fold(dsl.AGGREGATE_OF[RecordMeetingNote], held, noted, update)
    counts = focuses_covered(year)
    assert {focus: count for focus, count in counts.items() if count} == {"risks": 2, "good-practice": 1}
    assert focuses_covered(fold(dsl.AGGREGATE_OF[RecordMeetingNote], held, noted, retracted))["risks"] == 0


def test_a_verbal_update_is_given_to_the_service_manager_at_a_one_to_one() -> None:  # R38
    update = GiveVerbalUpdate("u1", "Topics", ("risks",))
    given_then = VerbalUpdateGiven("u1", JUNE, ("risks",), Sealed("Topics"))
    given().when(update, on=JUNE).then(given_then)


def test_intelligence_shared_with_a_scrutiny_body_is_recorded() -> None:  # R39
    share = ShareIntelligence("x1", "audit-scotland", "A note")
    shared = IntelligenceShared("x1", "audit-scotland", JUNE, Sealed("A note"))
    given().when(share, on=JUNE).then(shared)


def test_the_registration_and_complaints_teams_are_introduced() -> None:  # R43
    introduce = IntroduceTeam("i1", "registration", ("senior-manager-adults",))
    introduced = TeamIntroduced("i1", "registration", ("senior-manager-adults",), JUNE)
    given().when(introduce, on=JUNE).then(introduced)
    given(introduced).when(introduce, on=JUNE).then_nothing()
    other = IntroduceTeam("i1", "complaints", ("senior-manager-adults",))
    given(introduced).when(other, on=JUNE).then_refused(TeamAlreadyIntroduced)
