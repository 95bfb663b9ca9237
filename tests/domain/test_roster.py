"""The roster: link inspectors by area and by inspector, relationship managers by sector."""

from datetime import date

from app.domain import roster
from app.domain.postings import link_inspectors_on, relationship_manager_on
from app.domain.refusals import DatesOutOfOrder, SeveralRefusals
from app.domain.roster import (
    AllocateLinkInspector,
    AlreadyAllocated,
    AppointRelationshipManager,
    AreaFacts,
    AreaUnknown,
    EndLinkInspectorAllocation,
    EndRelationshipManagerAppointment,
    NotOnRoster,
    PostingAlreadyEnded,
    SectorHasManager,
    TooManyLinkAreas,
    TooManyLinkInspectors,
)
from app.events.fields import Sector
from app.events.roster import (
    LinkInspectorAllocated,
    LinkInspectorAllocationEnded,
    RelationshipManagerAppointed,
    RelationshipManagerAppointmentEnded,
)
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import ABERDEEN, GLASGOW, STIRLING, fold

ONE, TWO, THREE = "inspector-1", "inspector-2", "inspector-3"
MAY, JUNE, JULY, AUGUST = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1), date(2024, 8, 1)
END_OF_JUNE = date(2024, 6, 30)


def given(*events: Event) -> dsl.Given:
    return dsl.given(*events, facts=AreaFacts())


def allocated(area: str, inspector: str, starts_on: date = MAY) -> LinkInspectorAllocated:
    return LinkInspectorAllocated(area, inspector, starts_on, Sealed("a name"))


def allocate(area: str, inspector: str, starts_on: date = MAY) -> AllocateLinkInspector:
    return AllocateLinkInspector(area, inspector, "a name", starts_on)


def ended(area: str, inspector: str, ends_on: date) -> LinkInspectorAllocationEnded:
    return LinkInspectorAllocationEnded(area, inspector, ends_on)


def appointed(manager: str, starts_on: date, sector: Sector = "adults") -> RelationshipManagerAppointed:
    return RelationshipManagerAppointed(ABERDEEN, sector, manager, starts_on, Sealed("a name"))


def appoint(manager: str, starts_on: date, sector: Sector = "adults") -> AppointRelationshipManager:
    return AppointRelationshipManager(ABERDEEN, sector, manager, "a name", starts_on)


def test_every_area_has_a_link_inspector() -> None:  # R31
    given().when(allocate(GLASGOW, ONE)).then(allocated(GLASGOW, ONE))


def test_a_large_city_may_have_a_second_link_inspector() -> None:  # R31
    given(allocated(GLASGOW, ONE)).when(allocate(GLASGOW, TWO, JULY)).then(allocated(GLASGOW, TWO, JULY))


def test_a_third_link_inspector_of_an_area_is_refused() -> None:  # R31
    given(allocated(GLASGOW, ONE), allocated(GLASGOW, TWO)).when(allocate(GLASGOW, THREE, JULY)).then_refused(
        TooManyLinkInspectors
    )


def test_a_third_area_of_an_inspector_is_refused() -> None:  # R31
    given(allocated(GLASGOW, ONE), allocated(ABERDEEN, ONE)).when(allocate(STIRLING, ONE)).then_refused(
        TooManyLinkAreas
    )


def test_a_place_is_free_from_the_day_after_an_allocation_has_ended() -> None:  # R31
    history = (allocated(GLASGOW, ONE), allocated(GLASGOW, TWO), ended(GLASGOW, ONE, END_OF_JUNE))
    given(*history).when(allocate(GLASGOW, THREE, END_OF_JUNE)).then_refused(TooManyLinkInspectors)
    given(*history).when(allocate(GLASGOW, THREE, JULY)).then(allocated(GLASGOW, THREE, JULY))


def test_an_allocation_that_would_make_three_next_month_is_refused_today() -> None:  # R31
    history = (allocated(GLASGOW, ONE, JULY), allocated(GLASGOW, TWO, AUGUST))
    given(*history).when(allocate(GLASGOW, THREE, MAY)).then_refused(TooManyLinkInspectors)
    areas_of_one = (allocated(GLASGOW, ONE, JULY), allocated(ABERDEEN, ONE, AUGUST))
    given(*areas_of_one).when(allocate(STIRLING, ONE, MAY)).then_refused(TooManyLinkAreas)


def test_that_both_the_area_and_the_inspector_have_two_is_told_together() -> None:  # R31
    full = (allocated(GLASGOW, ONE), allocated(GLASGOW, TWO), allocated(ABERDEEN, THREE), allocated(STIRLING, THREE))
    given(*full).when(allocate(GLASGOW, THREE)).then_refused(SeveralRefusals)


def test_an_inspector_is_not_allocated_twice_since_another_name_would_be_lost() -> None:  # R31
    given(allocated(GLASGOW, ONE)).when(allocate(GLASGOW, ONE)).then_refused(AlreadyAllocated)


def test_an_inspector_is_not_allocated_twice_to_one_area_at_a_time() -> None:  # R31
    given(allocated(GLASGOW, ONE)).when(allocate(GLASGOW, ONE, JULY)).then_refused(AlreadyAllocated)


def test_the_end_of_an_allocation_is_recorded_once() -> None:  # R31
    history = (allocated(GLASGOW, ONE),)
    given(*history).when(EndLinkInspectorAllocation(GLASGOW, ONE, JUNE)).then(ended(GLASGOW, ONE, JUNE))
    closed = (*history, ended(GLASGOW, ONE, JUNE))
    given(*closed).when(EndLinkInspectorAllocation(GLASGOW, ONE, JUNE)).then_nothing()
    given(*closed).when(EndLinkInspectorAllocation(GLASGOW, ONE, JULY)).then_refused(PostingAlreadyEnded)
    back_again = (*closed, allocated(GLASGOW, ONE, JULY))
    given(*back_again).when(EndLinkInspectorAllocation(GLASGOW, ONE, JUNE)).then_nothing()


def test_an_end_needs_an_allocation_that_began_before_it() -> None:  # R31
    given().when(EndLinkInspectorAllocation(GLASGOW, ONE, JUNE)).then_refused(NotOnRoster)
    given(allocated(GLASGOW, ONE, JUNE)).when(EndLinkInspectorAllocation(GLASGOW, ONE, MAY)).then_refused(
        DatesOutOfOrder
    )
    given(allocated(GLASGOW, ONE, JUNE)).when(EndLinkInspectorAllocation(GLASGOW, ONE, JUNE)).then(
        ended(GLASGOW, ONE, JUNE)
    )


def test_an_area_that_is_not_registered_has_no_place_on_the_roster() -> None:
    dsl.given(facts=AreaFacts(exists=False)).when(allocate(GLASGOW, ONE)).then_refused(AreaUnknown)


def test_who_was_link_inspector_on_a_day_is_always_answerable() -> None:  # R31
    state = fold(
        roster,
        allocated(GLASGOW, ONE),
        allocated(ABERDEEN, ONE),
        ended(GLASGOW, ONE, JUNE),
        allocated(GLASGOW, TWO, JUNE),
    )
    assert [posting.person for posting in link_inspectors_on(state.link_inspectors, GLASGOW, MAY)] == [ONE]
    assert [posting.person for posting in link_inspectors_on(state.link_inspectors, GLASGOW, JUNE)] == [ONE, TWO]
    assert [posting.person for posting in link_inspectors_on(state.link_inspectors, GLASGOW, JULY)] == [TWO]
    assert [posting.person for posting in link_inspectors_on(state.link_inspectors, ABERDEEN, JULY)] == [ONE]


def test_an_area_has_a_relationship_manager_for_each_sector() -> None:  # R42
    given(appointed("manager-1", MAY)).when(appoint("manager-2", MAY, "children")).then(
        appointed("manager-2", MAY, "children")
    )


def test_a_second_relationship_manager_for_a_sector_is_refused_until_the_first_has_ended() -> None:  # R42
    history = (appointed("manager-1", MAY),)
    given(*history).when(appoint("manager-2", JULY)).then_refused(SectorHasManager)
    given(*history).when(appoint("manager-1", MAY)).then_refused(SectorHasManager)
    closed = (*history, RelationshipManagerAppointmentEnded(ABERDEEN, "adults", "manager-1", END_OF_JUNE))
    given(*closed).when(appoint("manager-2", END_OF_JUNE)).then_refused(SectorHasManager)
    given(*closed).when(appoint("manager-2", JULY)).then(appointed("manager-2", JULY))


def test_the_end_of_a_relationship_managers_appointment_is_recorded_once() -> None:  # R42
    end = EndRelationshipManagerAppointment(ABERDEEN, "adults", "manager-1", JUNE)
    event = RelationshipManagerAppointmentEnded(ABERDEEN, "adults", "manager-1", JUNE)
    given(appointed("manager-1", MAY)).when(end).then(event)
    given(appointed("manager-1", MAY), event).when(end).then_nothing()
    given().when(end).then_refused(NotOnRoster)


def test_who_was_relationship_manager_on_a_day_is_always_answerable() -> None:  # R42
    state = fold(
        roster,
        appointed("manager-1", MAY),
        RelationshipManagerAppointmentEnded(ABERDEEN, "adults", "manager-1", END_OF_JUNE),
        appointed("manager-2", JULY),
    )
    managers = state.relationship_managers
    on = {day: relationship_manager_on(managers, ABERDEEN, "adults", day) for day in (END_OF_JUNE, JULY)}
    assert {day: posting and posting.person for day, posting in on.items()} == {
        END_OF_JUNE: "manager-1",
        JULY: "manager-2",
    }
    assert relationship_manager_on(managers, ABERDEEN, "children", JULY) is None
