"""Whatever is asked of an engagement year and in whatever order, no forbidden state comes of it (R33 to R43).

What must hold is worked out here from the events alone; how meetings count is in `test_engagement_tally`.
"""

from contextlib import suppress
from datetime import date
from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.domain import engagement_years
from app.domain.engagement_years import (
    AgreeArrangements,
    AllocateTime,
    CancelMeeting,
    ConfirmArrangements,
    CorrectMeeting,
    CorrectTimeSpent,
    EngagementYear,
    GiveVerbalUpdate,
    HoldMeeting,
    IntroduceTeam,
    PlanMeeting,
    RecordMeetingNote,
    RecordTimeSpent,
    RescheduleMeeting,
    RetractMeeting,
    ReviseAllocation,
    SetAgenda,
    ShareIntelligence,
    YearFacts,
)
from app.domain.refusals import Refusal
from app.events.engagement_years import (
    AllocationRevised,
    ArrangementsAgreed,
    ArrangementsConfirmed,
    IntelligenceShared,
    MeetingCancelled,
    MeetingCorrected,
    MeetingHeld,
    MeetingNoteRecorded,
    MeetingPlanned,
    MeetingRescheduled,
    MeetingRetracted,
    TeamIntroduced,
    TimeAllocated,
    TimeSpent,
    TimeSpentCorrected,
    VerbalUpdateGiven,
)
from app.ledger.events import Event
from tests.domain.dsl import fold, recorded
from tests.domain.sequences import Asked, after_all, assert_the_same_in_either_order, pairs_of

YEAR, FIRST_DAY, LAST_DAY = YearFacts(2024), date(2024, 4, 1), date(2025, 3, 31)
days = st.sampled_from([date(2024, 3, 31), FIRST_DAY, date(2024, 5, 14), date(2024, 9, 3), LAST_DAY, date(2025, 4, 1)])
minutes, why = st.sampled_from([30, 60, 90]), st.just("Why")
people = st.sampled_from([("chief-officer",), ("child-protection-committee", "chief-officer")])
inspectorate = st.sampled_from([("link-inspector",), ("relationship-manager-adults",)])


def of_meeting(code: str) -> st.SearchStrategy[Any]:
    meeting = st.just(code)
    return st.one_of(
        st.builds(PlanMeeting, meeting, days, people, inspectorate),
        st.builds(SetAgenda, meeting, st.sampled_from([(), ("self-evaluation",)])),
        st.builds(RescheduleMeeting, meeting, days, why),
        st.builds(CancelMeeting, meeting, why),
        st.builds(HoldMeeting, meeting, people, inspectorate),
        st.builds(CorrectMeeting, meeting, days, people, inspectorate, why),
        st.builds(RetractMeeting, meeting, why),
        st.builds(RecordMeetingNote, st.just(f"note-{code}"), meeting, st.just("Said"), st.just(("self-evaluation",))),
    )


def of_entry(code: str) -> st.SearchStrategy[Any]:
    activities = st.sampled_from(["meetings", "internal-meetings", "support"])
    return st.one_of(
        st.builds(RecordTimeSpent, st.just(code), activities, minutes),
        st.builds(CorrectTimeSpent, st.just(code), minutes, why),
    )


TRACKS: dict[str, st.SearchStrategy[Any]] = {
    "arrangements": st.one_of(
        st.builds(AgreeArrangements, st.sampled_from([("partnership",), ("local-authority",)])),
        st.just(ConfirmArrangements()),
    ),
    "allocation": st.one_of(st.builds(AllocateTime, minutes), st.builds(ReviseAllocation, minutes, why)),
    "first meeting": of_meeting("first"),
    "second meeting": of_meeting("second"),
    "first entry": of_entry("first"),
    "second entry": of_entry("second"),
    "updates": st.builds(GiveVerbalUpdate, st.sampled_from(["may", "june"]), st.just("Topics")),
    "intelligence": st.builds(ShareIntelligence, st.just("first"), st.sampled_from(["lan", "police"]), st.just("Said")),
    "introductions": st.builds(
        IntroduceTeam, st.just("first"), st.sampled_from(["registration", "complaints"]), st.just(("chief-officer",))
    ),
}
commands = st.one_of(*TRACKS.values())


class EngagementYears(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state = EngagementYear()
        self.events: list[Event] = []

    @rule(command=commands, day=days)
    def ask(self, command: Any, day: date) -> None:
        try:
            caused = engagement_years.decide(command, self.state, YEAR, day)
        except Refusal:
            return
        self.events += caused
        for event in caused:
            self.state = engagement_years.evolve(self.state, recorded(event))
        with suppress(Refusal):
            assert engagement_years.decide(command, self.state, YEAR, day) == []

    @invariant()
    def only_what_was_agreed_is_confirmed_and_once(self) -> None:  # R37
        agreed: date | None = None
        for event in self.events:
            match event:
                case ArrangementsAgreed():
                    agreed = event.agreed_on
                case ArrangementsConfirmed():
                    assert agreed is not None
                    assert agreed <= event.confirmed_on
                    agreed = None

    @invariant()
    def a_meeting_is_held_once_and_nothing_but_a_mend_follows(self) -> None:  # R36, §7
        stands = dict.fromkeys(("first", "second"), "unknown")
        for event in self.events:
            match event:
                case MeetingPlanned():
                    assert stands[event.meeting] == "unknown"
                    stands[event.meeting] = "planned"
                case MeetingRescheduled() | MeetingCancelled():
                    assert stands[event.meeting] == "planned"
                    if isinstance(event, MeetingCancelled):
                        stands[event.meeting] = "cancelled"
                case MeetingHeld():
                    assert stands[event.meeting] in ("unknown", "planned")
                    stands[event.meeting] = "held"
                case MeetingCorrected() | MeetingNoteRecorded() | MeetingRetracted():
                    assert stands[event.meeting] == "held"
                    if isinstance(event, MeetingRetracted):
                        stands[event.meeting] = "retracted"

    @invariant()
    def nothing_is_said_of_a_meeting_before_it_took_place(self) -> None:  # R38, §7
        held_on: dict[str, date] = {}
        for event in self.events:
            match event:
                case MeetingHeld() | MeetingCorrected():
                    held_on[event.meeting] = event.held_on
                case MeetingNoteRecorded(meeting=meeting, recorded_on=day):
                    assert held_on[meeting] <= day
                case MeetingRetracted(meeting=meeting, retracted_on=day):
                    assert held_on[meeting] <= day

    @invariant()
    def all_that_happened_lies_within_the_year(self) -> None:  # R36
        for event in self.events:
            match event:
                case MeetingHeld(held_on=day) | MeetingCorrected(held_on=day) | MeetingPlanned(planned_for=day):
                    assert FIRST_DAY <= day <= LAST_DAY
                case MeetingRescheduled(planned_for=day) | TimeSpent(spent_on=day) | TeamIntroduced(introduced_on=day):
                    assert FIRST_DAY <= day <= LAST_DAY
                case VerbalUpdateGiven(given_on=day) | IntelligenceShared(shared_on=day):
                    assert FIRST_DAY <= day <= LAST_DAY

    @invariant()
    def time_is_allocated_once_and_an_entry_is_corrected_from_what_it_was(self) -> None:  # R34
        allocated: int | None = None
        spent: dict[str, int] = {}
        for event in self.events:
            match event:
                case TimeAllocated():
                    assert allocated is None
                    allocated = event.minutes
                case AllocationRevised():
                    assert allocated not in (None, event.minutes)
                    allocated = event.minutes
                case TimeSpent():
                    assert event.entry not in spent
                    spent[event.entry] = event.minutes
                case TimeSpentCorrected():
                    assert spent[event.entry] == event.minutes_before != event.minutes
                    spent[event.entry] = event.minutes
        assert self.state.minutes_allocated == allocated
        assert {code: entry.minutes for code, entry in self.state.time.items()} == spent

    def teardown(self) -> None:
        """A replay gives the same state."""
        assert fold(engagement_years, *self.events) == self.state


def test_no_sequence_of_commands_reaches_a_forbidden_state() -> None:  # R33 to R43
    run_state_machine_as_test(
        EngagementYears, settings=settings(max_examples=100, stateful_step_count=50, deadline=None)
    )


@for_all(history=st.lists(st.tuples(commands, days), max_size=15), pair=pairs_of(TRACKS, days))
def test_commands_about_different_things_come_to_the_same_in_either_order(
    history: list[Asked], pair: tuple[Asked, Asked]
) -> None:  # R33 to R43
    state = after_all(engagement_years, EngagementYear(), YEAR, history)
    assert_the_same_in_either_order(engagement_years, state, YEAR, *pair)
