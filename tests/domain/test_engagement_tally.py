"""The minimum standard: what counts where, what is short, and that no order of commands loses or invents a meeting."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume
from hypothesis import given as for_all
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.domain import engagement_years
from app.domain.engagement_tally import ROWS, RowTally, bounds, counted, other_engagement, tally, year_of
from app.domain.engagement_years import (
    CancelMeeting,
    CorrectMeeting,
    EngagementYear,
    HoldMeeting,
    PlanMeeting,
    RescheduleMeeting,
    RetractMeeting,
    YearFacts,
    decide,
    evolve,
    explain,
)
from app.domain.findings import Finding
from app.domain.refusals import Refusal
from app.events.engagement_years import (
    ArrangementsAgreed,
    ArrangementsConfirmed,
    MeetingCancelled,
    MeetingHeld,
    MeetingPlanned,
    TimeAllocated,
    TimeSpent,
)
from app.ledger.events import Event, Sealed
from tests.domain.dsl import fold, recorded

YEAR = YearFacts(2024)
LINK = ("link-inspector",)
MANAGER = ("relationship-manager-adults",)
LAST_DAY = date(2025, 3, 31)


def held(code: str, day: date, *participants: Any, by: Any = LINK) -> MeetingHeld:
    return MeetingHeld(code, day, participants, by, counted(participants, by))


def planned(code: str, day: date, *participants: Any, by: Any = LINK) -> MeetingPlanned:
    return MeetingPlanned(code, day, participants, by, counted(participants, by))


def rows(*events: Event, on: date = LAST_DAY) -> dict[str, RowTally]:
    state = fold(engagement_years, *events)
    return {row.row: row for row in tally(state.meetings.values(), 2024, on)}


def findings(*events: Event, on: date) -> dict[str, Finding]:
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    return {found.key: found for found in explain(fold(engagement_years, *events), YEAR, at)}


def test_the_minimum_standard_is_seven_meetings_a_year() -> None:  # R36
    required = {row.row: row.required for row in rows().values()}
    assert required == {
        "social-work-leadership": 4,
        "child-protection-committee": 1,
        "adult-protection-committee": 1,
        "chief-officers-group": 1,
    }
    assert sum(row.short_by for row in rows().values()) == 7


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2024, 3, 31), 2023), (date(2024, 4, 1), 2024), (date(2025, 3, 31), 2024), (date(2025, 4, 1), 2025)],
)
def test_a_year_is_named_for_the_calendar_year_in_which_it_begins(day: date, year: int) -> None:  # policy
    assert year_of(day) == year
    first, last = bounds(year)
    assert first <= day <= last


def test_the_officer_together_with_the_chief_officer_is_one_meeting_in_one_row() -> None:  # R36
    assert counted(("chief-social-work-officer", "chief-officer"), LINK) == ("social-work-leadership",)


def test_a_combined_meeting_counts_once_in_each_row_that_it_covers() -> None:  # R36
    both = counted(("chief-officers-group", "senior-manager-adults", "senior-manager-justice"), LINK)
    assert both == ("social-work-leadership", "chief-officers-group")
    found = rows(held("m", date(2024, 5, 1), "chief-officers-group", "chief-officer"))
    assert [found[row].held for row in ROWS] == [1, 0, 0, 1]


def test_a_relationship_managers_attendance_alone_never_meets_the_minimum() -> None:  # R36
    assert counted(("child-protection-committee",), MANAGER) == ()
    assert counted(("child-protection-committee",), (*MANAGER, *LINK)) == ("child-protection-committee",)
    found = rows(held("m", date(2024, 5, 1), "child-protection-committee", by=MANAGER))
    assert found["child-protection-committee"].short_by == 1


def test_a_meeting_planned_for_a_relationship_manager_promises_nothing() -> None:  # R36
    found = rows(planned("m", date(2024, 5, 1), "adult-protection-committee", by=MANAGER), on=date(2024, 4, 1))
    assert found["adult-protection-committee"].forecast_short_by == 1


def test_a_second_link_inspector_adds_no_second_tally() -> None:  # R36
    # Each of the two recorded a meeting of their own; the area's row has both, and still wants four.
    found = rows(held("first", date(2024, 5, 1), "chief-officer"), held("second", date(2024, 8, 1), "chief-officer"))[
        "social-work-leadership"
    ]
    assert (found.required, found.held, found.short_by) == (4, 2, 2)


def test_quarterly_means_once_in_each_quarter() -> None:  # R36
    days = [date(2024, 4, 1), date(2024, 6, 30), date(2024, 7, 1), date(2024, 10, 1)]
    found = rows(*[held(f"m{day}".replace("-", ""), day, "chief-officer") for day in days])["social-work-leadership"]
    assert (found.held, found.required - found.short_by, found.missed) == (4, 3, 0)
    assert [period.held for period in found.periods] == [2, 1, 1, 0]
    assert found.due_on == LAST_DAY


def test_a_meeting_of_31_march_counts_for_the_quarter_and_the_year_that_end() -> None:  # R36 §7
    found = rows(held("m", LAST_DAY, "chief-officer"), on=date(2025, 4, 3))["social-work-leadership"]
    assert [period.held for period in found.periods] == [0, 0, 0, 1]
    assert found.missed == 3


def test_a_meeting_is_still_to_come_on_the_day_before_it_was_held() -> None:  # R36
    events = (planned("m", date(2024, 5, 1), "chief-officer"), held("m", date(2024, 5, 2), "chief-officer"))
    before = rows(*events, on=date(2024, 5, 1))["social-work-leadership"]
    after = rows(*events, on=date(2024, 5, 2))["social-work-leadership"]
    assert (before.held, before.planned) == (0, 1)
    assert (after.held, after.planned) == (1, 0)


def test_a_shortfall_is_forecast_while_it_can_still_be_made_good() -> None:  # R36
    events = (
        held("q1", date(2024, 5, 1), "chief-officer"),
        planned("q2", date(2024, 9, 1), "chief-officer"),
        planned("q3", date(2024, 11, 1), "chief-officer"),
    )
    found = rows(*events, on=date(2024, 8, 1))["social-work-leadership"]
    assert (found.held, found.planned, found.short_by, found.forecast_short_by) == (1, 2, 3, 1)
    assert found.due_on == date(2024, 9, 30)


def test_a_planned_meeting_whose_day_has_passed_promises_nothing_more() -> None:  # R36
    event = planned("q1", date(2024, 5, 1), "chief-officer")
    found = rows(event, on=date(2024, 5, 2))["social-work-leadership"]
    assert (found.planned, found.unrecorded, found.forecast_short_by) == (0, 1, 4)
    on_the_day = rows(event, on=date(2024, 5, 1))["social-work-leadership"]
    assert (on_the_day.planned, on_the_day.unrecorded, on_the_day.forecast_short_by) == (1, 0, 3)


def test_a_cancelled_meeting_promises_nothing() -> None:  # R36
    event = planned("q1", date(2024, 5, 1), "chief-officer")
    found = rows(event, MeetingCancelled("q1", date(2024, 4, 2), Sealed("Why")), on=date(2024, 4, 3))
    assert (found["social-work-leadership"].planned, found["social-work-leadership"].forecast_short_by) == (0, 4)


def test_other_engagement_is_counted_apart_from_the_minimum() -> None:  # R41
    events = (
        held("a", date(2024, 5, 1), "integration-joint-board", "elected-members"),
        held("b", date(2024, 5, 2), "conference", by=MANAGER),
        held("c", date(2024, 5, 3), "community-justice-partnership", by=MANAGER),
        planned("d", date(2024, 5, 4), "childrens-services-partnership"),
    )
    counts = other_engagement(fold(engagement_years, *events).meetings.values())
    assert {other: count for other, count in counts.items() if count} == {
        "integration-joint-board": 1,
        "elected-members": 1,
        "conference": 1,  # by the link or a relationship manager
    }
    assert sum(row.held for row in rows(*events).values()) == 0


def test_the_explanation_says_what_each_row_wants_and_by_when() -> None:  # R36
    events = (
        held("q1", date(2024, 5, 1), "chief-officer"),
        planned("cpc", date(2024, 9, 1), "child-protection-committee"),
        held("apc", date(2024, 7, 1), "adult-protection-committee"),
        planned("q2", date(2024, 7, 15), "chief-officer"),
        planned("q3", date(2024, 10, 15), "chief-officer"),
    )
    found = findings(*events, on=date(2024, 8, 1))
    leadership = found["minimum/social-work-leadership"]
    assert (leadership.rule, leadership.holds) == ("R36", False)
    assert leadership.statement == (
        "Chief social work officer, chief officer or senior social work managers: 1 of 4 met, 1 held, 1 planned; "
        "short by 3, and by 2 if the planned meetings are held."
    )
    assert leadership.remedy == (
        "Record whether 1 planned for a day that has passed took place. Hold the next by 2024-09-30."
    )
    committee = found["minimum/child-protection-committee"]
    assert committee.statement.endswith("short by 1 unless the planned meetings are held.")
    assert committee.remedy == "Hold the next by 2025-03-31."
    assert found["minimum/adult-protection-committee"].holds
    assert found["minimum/adult-protection-committee"].remedy is None


def test_what_can_no_longer_be_made_up_for_is_said() -> None:  # R36
    found = findings(on=date(2024, 7, 1))["minimum/social-work-leadership"]
    assert found.statement.endswith("short by 4.")
    assert found.remedy == "1 cannot be made up for. Hold the next by 2024-09-30."


def test_the_explanation_tells_of_arrangements_and_time() -> None:  # R34 R37
    day = date(2024, 5, 1)
    nothing = findings(on=day)
    open_points = ("arrangements/agreed", "arrangements/confirmed", "time/allocated")
    assert [nothing[key].holds for key in open_points] == [False, False, False]
    events: list[Event] = [
        ArrangementsAgreed(("partnership",), day),
        ArrangementsConfirmed(day),
        TimeAllocated(60, day),
    ]
    done = findings(*events, on=day)
    assert [done[key].holds for key in (*open_points, "time/within-allocation")] == [True, True, True, True]
    over = findings(*events, TimeSpent("t", "meetings", 61, day), on=day)["time/within-allocation"]
    assert (over.holds, over.statement) == (False, "61 of 60 minutes are spent.")


# Whatever the order

CODES = st.sampled_from(["a", "b", "c", "d", "e"])
DAYS = st.dates(date(2024, 3, 1), date(2025, 4, 30))
PEOPLE = st.lists(
    st.sampled_from(["chief-social-work-officer", "chief-officer", "child-protection-committee", "conference"]),
    min_size=1,
    unique=True,
).map(tuple)
INSPECTORATE = st.sampled_from([LINK, MANAGER, (*LINK, *MANAGER)])
COMMANDS = st.one_of(
    st.builds(PlanMeeting, CODES, DAYS, PEOPLE, INSPECTORATE),
    st.builds(RescheduleMeeting, CODES, DAYS, st.just("Why")),
    st.builds(CancelMeeting, CODES, st.just("Why")),
    st.builds(HoldMeeting, CODES, PEOPLE, INSPECTORATE),
    st.builds(CorrectMeeting, CODES, DAYS, PEOPLE, INSPECTORATE, st.just("Why")),
    st.builds(RetractMeeting, CODES, st.just("Why")),
)


def after(state: EngagementYear, command: Any, day: date) -> EngagementYear:
    """The year after a command, which may be refused."""
    try:
        events = decide(command, state, YEAR, day)
    except Refusal:
        return state
    for event in events:
        state = evolve(state, recorded(event))
    return state


class Year(RuleBasedStateMachine):
    """Keeps its own list of what took place, and asks after each step whether the tally says the same."""

    def __init__(self) -> None:
        super().__init__()
        self.state = EngagementYear()
        self.took_place: dict[str, tuple[date, Any, Any]] = {}

    @rule(command=COMMANDS, day=DAYS)
    def do(self, command: Any, day: date) -> None:
        before, self.state = self.state, after(self.state, command, day)
        assert after(self.state, command, day) == self.state  # a retry adds nothing
        if before == self.state:
            return
        match command:
            case HoldMeeting(code, participants, inspectorate):
                self.took_place[code] = (day, participants, inspectorate)
            case CorrectMeeting(code, held_on, participants, inspectorate):
                self.took_place[code] = (held_on, participants, inspectorate)
            case RetractMeeting(code):
                del self.took_place[code]

    @invariant()
    def every_meeting_counts_once_in_each_row_that_it_covers(self) -> None:
        for row in tally(self.state.meetings.values(), 2024):
            days = [day for day, who, by in self.took_place.values() if row.row in counted(who, by)]
            assert row.held == len(days)
            assert [period.held for period in row.periods] == [
                sum(period.first <= day <= period.last for day in days) for period in row.periods
            ]

    @invariant()
    def a_forecast_is_never_worse_than_the_shortfall_and_neither_exceeds_the_standard(self) -> None:
        for row in tally(self.state.meetings.values(), 2024, date(2024, 10, 1)):
            assert 0 <= row.forecast_short_by <= row.short_by <= row.required


TestYear = Year.TestCase


@for_all(before=st.lists(st.tuples(COMMANDS, DAYS), max_size=8), one=COMMANDS, other=COMMANDS, first=DAYS, second=DAYS)
def test_commands_about_two_meetings_commute(
    before: list[tuple[Any, date]], one: Any, other: Any, first: date, second: date
) -> None:
    assume(one.meeting != other.meeting)
    state = EngagementYear()
    for command, day in before:
        state = after(state, command, day)
    assert after(after(state, one, first), other, second) == after(after(state, other, second), one, first)


@pytest.mark.parametrize("year", [2023, 2024])
def test_the_quarters_fill_the_year_without_a_gap(year: int) -> None:  # R36
    leadership = next(row for row in tally((), year) if row.row == "social-work-leadership")
    first, last = bounds(year)
    assert (leadership.periods[0].first, leadership.periods[-1].last) == (first, last)
    for period, following in zip(leadership.periods, leadership.periods[1:], strict=False):
        assert period.last + timedelta(days=1) == following.first
