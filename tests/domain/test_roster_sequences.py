"""Whatever is asked of the roster and in whatever order, no forbidden state comes of it (R31, R42).

What must hold is worked out here from the events alone, in another way than the domain does.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from hypothesis import assume, settings
from hypothesis import given as for_all
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.domain import roster
from app.domain.postings import link_inspectors_on, relationship_manager_on
from app.domain.refusals import Refusal
from app.domain.roster import (
    AllocateLinkInspector,
    AppointRelationshipManager,
    AreaFacts,
    EndLinkInspectorAllocation,
    EndRelationshipManagerAppointment,
    Roster,
)
from app.events.roster import (
    LinkInspectorAllocated,
    LinkInspectorAllocationEnded,
    RelationshipManagerAppointed,
    RelationshipManagerAppointmentEnded,
)
from app.ledger.events import Event
from tests.domain.dsl import ABERDEEN, GLASGOW, STIRLING, fold, recorded
from tests.domain.sequences import after_all, assert_the_same_in_either_order

KNOWN = AreaFacts()
AREAS, SECTORS = (ABERDEEN, GLASGOW, STIRLING), ("adults", "children")
PEOPLE = ("person-1", "person-2", "person-3")
FIRST = date(2024, 5, 1)
DAYS = tuple(FIRST + timedelta(days=number) for number in range(8))

areas, people, days = st.sampled_from(AREAS), st.sampled_from(PEOPLE), st.sampled_from(DAYS)
sectors = st.sampled_from(SECTORS)
name = st.just("a name")
of_inspectors = st.one_of(
    st.builds(AllocateLinkInspector, areas, people, name, days),
    st.builds(EndLinkInspectorAllocation, areas, people, days),
)
of_managers = st.one_of(
    st.builds(AppointRelationshipManager, areas, sectors, people, name, days),
    st.builds(EndRelationshipManagerAppointment, areas, sectors, people, days),
)
commands = st.one_of(of_inspectors, of_inspectors, of_managers)


@dataclass
class Time:
    """Somebody's time in a role: the area, with its sector for a relationship manager, and the days."""

    post: tuple[str, ...]
    person: str
    first: date
    last: date = date.max

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last


def times(events: list[Event]) -> tuple[list[Time], list[Time]]:
    """Those of link inspectors and of relationship managers, as the events tell them one after the other."""
    inspectors: list[Time] = []
    managers: list[Time] = []
    for event in events:
        match event:
            case LinkInspectorAllocated():
                inspectors.append(Time((event.area,), event.inspector, event.starts_on))
            case RelationshipManagerAppointed():
                managers.append(Time((event.area, event.sector), event.manager, event.starts_on))
            case LinkInspectorAllocationEnded():
                (time,) = [
                    t for t in inspectors if (t.post, t.person, t.last) == ((event.area,), event.inspector, date.max)
                ]
                time.last = event.ends_on
            case RelationshipManagerAppointmentEnded():
                post = (event.area, event.sector)
                (time,) = [t for t in managers if (t.post, t.person, t.last) == (post, event.manager, date.max)]
                time.last = event.ends_on
    return inspectors, managers


class Rosters(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state = Roster()
        self.events: list[Event] = []
        self.done: list[Any] = []

    @rule(command=commands)
    def ask(self, command: Any) -> None:
        try:
            caused = roster.decide(command, self.state, KNOWN, FIRST)
        except Refusal:
            return
        self.events += caused
        for event in caused:
            self.state = roster.evolve(self.state, recorded(event))
        self.done.append(command)

    @precondition(lambda self: self.events)
    @rule(data=st.data(), day=days)
    def go_on_with_somebody(self, data: st.DataObject, day: date) -> None:
        """Who came goes, and who went comes back: by chance alone that is rare."""
        match data.draw(st.sampled_from(self.events)):
            case LinkInspectorAllocated(area=area, inspector=person):
                self.ask(EndLinkInspectorAllocation(area, person, day))
            case RelationshipManagerAppointed(area=area, sector=sector, manager=person):
                self.ask(EndRelationshipManagerAppointment(area, sector, person, day))
            case LinkInspectorAllocationEnded(area=area, inspector=person):
                self.ask(AllocateLinkInspector(area, person, "a name", day))
            case RelationshipManagerAppointmentEnded(area=area, sector=sector, manager=person):
                self.ask(AppointRelationshipManager(area, sector, person, "a name", day))

    @invariant()
    def a_retry_adds_nothing_however_late_it_comes(self) -> None:
        for command in self.done:
            with suppress(Refusal):  # where a name comes with it
                assert roster.decide(command, self.state, KNOWN, FIRST) == []

    @invariant()
    def no_area_has_a_third_link_inspector_nor_an_inspector_a_third_area(self) -> None:  # R31
        inspectors, _ = times(self.events)
        for day in DAYS:
            on = [time for time in inspectors if time.has(day)]
            assert max(Counter(time.post for time in on).values(), default=0) <= 2
            assert max(Counter(time.person for time in on).values(), default=0) <= 2

    @invariant()
    def no_sector_of_an_area_has_a_second_relationship_manager(self) -> None:  # R42
        _, managers = times(self.events)
        for day in DAYS:
            assert max(Counter(time.post for time in managers if time.has(day)).values(), default=0) <= 1

    @invariant()
    def nobody_holds_one_post_twice_on_a_day_or_ends_before_they_began(self) -> None:
        for held in times(self.events):
            assert all(time.first <= time.last for time in held)
            for one, other in combinations(held, 2):
                assert (one.post, one.person) != (other.post, other.person) or not (
                    one.first <= other.last and other.first <= one.last
                )

    @invariant()
    def who_held_a_post_on_a_day_is_what_the_events_tell(self) -> None:  # R31, R42
        inspectors, managers = times(self.events)
        for day in DAYS:
            for area in AREAS:
                told = [time.person for time in inspectors if time.post == (area,) and time.has(day)]
                assert [posting.person for posting in link_inspectors_on(self.state.link_inspectors, area, day)] == told
                for sector in SECTORS:
                    holder = relationship_manager_on(self.state.relationship_managers, area, sector, day)
                    held = [time.person for time in managers if time.post == (area, sector) and time.has(day)]
                    assert ([] if holder is None else [holder.person]) == held

    def teardown(self) -> None:
        """A replay gives the same state."""
        assert fold(roster, *self.events) == self.state


def test_no_sequence_of_commands_reaches_a_forbidden_state() -> None:  # R31, R42
    run_state_machine_as_test(Rosters, settings=settings(max_examples=100, stateful_step_count=40, deadline=None))


def independent(one: Any, other: Any) -> bool:
    """Whether two commands are about different posts, and for link inspectors about different people too."""
    link = (AllocateLinkInspector, EndLinkInspectorAllocation)
    if isinstance(one, link) and isinstance(other, link):
        return one.area != other.area and one.inspector != other.inspector
    if isinstance(one, link) or isinstance(other, link):
        return True
    return (one.area, one.sector) != (other.area, other.sector)


def in_any_order(state: Roster) -> tuple[frozenset[Any], frozenset[Any]]:
    return frozenset(state.link_inspectors), frozenset(state.relationship_managers)


@for_all(history=st.lists(commands, max_size=20), one=commands, other=commands)
def test_independent_commands_come_to_the_same_in_either_order(
    history: list[Any], one: Any, other: Any
) -> None:  # R31, R42
    assume(independent(one, other))
    state = after_all(roster, Roster(), KNOWN, [(command, FIRST) for command in history])
    assert_the_same_in_either_order(roster, state, KNOWN, (one, FIRST), (other, FIRST), in_any_order)
