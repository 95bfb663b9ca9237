"""Significant developments: urgent ones wait for the service manager, relationship managers are kept informed."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given as for_all
from hypothesis import strategies as st

from app.domain import developments
from app.domain.developments import (
    AcknowledgeDevelopment,
    AcknowledgementAwaited,
    AlreadyAcknowledged,
    AlreadyLinkedToSector,
    AlreadyUrgent,
    CloseDevelopment,
    DevelopmentAlreadyNoted,
    DevelopmentIsClosed,
    DevelopmentNotNoted,
    DevelopmentNotUrgent,
    EscalateDevelopment,
    InformRelationshipManager,
    LinkDevelopmentToSector,
    ManagerAlreadyInformed,
    NoteDevelopment,
)
from app.domain.refusals import DatesOutOfOrder, Refusal
from app.events.developments import (
    DevelopmentAcknowledged,
    DevelopmentClosed,
    DevelopmentEscalated,
    DevelopmentLinkedToSector,
    DevelopmentNoted,
    RelationshipManagerInformed,
)
from app.ledger.events import Event, Sealed
from tests.domain.dsl import fold, given, recorded

MONDAY, TUESDAY, WEDNESDAY = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5)
NOON = datetime(2025, 3, 5, 12, tzinfo=UTC)
TEXT = Sealed("What has happened")
note = NoteDevelopment("risk", "adults", urgent=False, text="What has happened", sector="adults")
note_urgent = NoteDevelopment("public-protection", "children", urgent=True, text="What has happened")
close = CloseDevelopment("intelligence-shared", "Told the Local Area Network")
noted = DevelopmentNoted("risk", "adults", "adults", False, MONDAY, TEXT)
urgent = DevelopmentNoted("public-protection", "children", None, True, MONDAY, TEXT)
escalated = DevelopmentEscalated(TUESDAY, Sealed("It has spread"))
closed = DevelopmentClosed("intelligence-shared", TUESDAY, Sealed("Told the Local Area Network"))


def test_a_development_is_noted_by_kind_service_area_and_sector_with_its_text_sealed() -> None:  # R38
    given().when(note, on=MONDAY).then(noted)


def test_an_urgent_development_is_before_the_service_manager_from_the_day_it_is_noted() -> None:  # R38
    given().when(note_urgent, on=MONDAY).then(urgent)
    state = fold(developments, urgent)
    assert (state.urgent_since, state.awaits_acknowledgement) == (MONDAY, True)


def test_a_development_is_noted_once_since_another_text_would_be_lost() -> None:
    given(noted).when(note, on=MONDAY).then_refused(DevelopmentAlreadyNoted)
    given(noted).when(note_urgent, on=MONDAY).then_refused(DevelopmentAlreadyNoted)


def test_nothing_happens_to_a_development_that_nobody_noted() -> None:
    given().when(AcknowledgeDevelopment()).then_refused(DevelopmentNotNoted)


def test_an_urgent_development_stays_open_until_the_service_manager_acknowledges_it() -> None:  # R38
    given(urgent).when(close, on=TUESDAY).then_refused(AcknowledgementAwaited)
    acknowledged = DevelopmentAcknowledged(TUESDAY)
    given(urgent).when(AcknowledgeDevelopment(), on=TUESDAY).then(acknowledged)
    given(urgent, acknowledged).when(close, on=TUESDAY).then(closed)


def test_acknowledging_twice_adds_nothing_and_another_day_is_refused() -> None:  # R38
    acknowledged = DevelopmentAcknowledged(TUESDAY)
    given(urgent, acknowledged).when(AcknowledgeDevelopment(), on=TUESDAY).then_nothing()
    given(urgent, acknowledged).when(AcknowledgeDevelopment(), on=WEDNESDAY).then_refused(AlreadyAcknowledged)


def test_there_is_nothing_to_acknowledge_in_a_development_that_is_not_urgent() -> None:  # R38
    given(noted).when(AcknowledgeDevelopment(), on=TUESDAY).then_refused(DevelopmentNotUrgent)


def test_a_development_that_becomes_urgent_is_escalated_once_and_then_waits_too() -> None:  # R38
    given(noted).when(EscalateDevelopment("It has spread"), on=TUESDAY).then(escalated)
    given(noted, escalated).when(EscalateDevelopment("It has spread"), on=TUESDAY).then_refused(AlreadyUrgent)
    given(urgent).when(EscalateDevelopment("It has spread"), on=TUESDAY).then_refused(AlreadyUrgent)
    given(noted, escalated).when(close, on=WEDNESDAY).then_refused(AcknowledgementAwaited)


def test_nothing_is_acknowledged_before_it_became_urgent_or_closed_before_it_was_acknowledged() -> None:  # R38
    given(noted, escalated).when(AcknowledgeDevelopment(), on=MONDAY).then_refused(DatesOutOfOrder)
    given(urgent, DevelopmentAcknowledged(WEDNESDAY)).when(close, on=TUESDAY).then_refused(DatesOutOfOrder)
    given(noted).when(close, on=MONDAY - timedelta(days=1)).then_refused(DatesOutOfOrder)


def test_a_development_that_is_not_urgent_is_closed_with_what_came_of_it() -> None:  # R38 R39
    given(noted).when(close, on=TUESDAY).then(closed)
    given(noted, closed).when(CloseDevelopment("no-action", "Nothing to do"), on=WEDNESDAY).then_refused(
        DevelopmentIsClosed
    )


def test_a_closed_development_is_not_closed_with_another_reason() -> None:  # R38
    again = CloseDevelopment("intelligence-shared", "Told the inspection team")
    given(noted, closed).when(again, on=TUESDAY).then_refused(DevelopmentIsClosed)


def test_a_closed_development_does_not_become_urgent_again() -> None:  # R38
    given(noted, closed).when(EscalateDevelopment("It is back"), on=WEDNESDAY).then_refused(DevelopmentIsClosed)


def test_a_development_is_linked_to_the_sector_of_regulated_care_services_that_it_concerns() -> None:  # R42
    given(urgent).when(LinkDevelopmentToSector("children"), on=TUESDAY).then(
        DevelopmentLinkedToSector("children", TUESDAY)
    )
    given(noted).when(LinkDevelopmentToSector("adults"), on=MONDAY).then_nothing()
    given(noted).when(LinkDevelopmentToSector("adults"), on=TUESDAY).then_refused(AlreadyLinkedToSector)


def test_that_a_relationship_manager_was_informed_is_recorded_once_for_each_sector() -> None:  # R42
    informed = RelationshipManagerInformed("adults", TUESDAY)
    given(noted).when(InformRelationshipManager("adults"), on=TUESDAY).then(informed)
    given(noted, informed).when(InformRelationshipManager("adults"), on=TUESDAY).then_nothing()
    given(noted, informed).when(InformRelationshipManager("adults"), on=WEDNESDAY).then_refused(ManagerAlreadyInformed)
    given(noted, informed).when(InformRelationshipManager("children"), on=WEDNESDAY).then(
        RelationshipManagerInformed("children", WEDNESDAY)
    )


def test_what_an_urgent_development_still_needs_is_explained() -> None:  # R38 R42
    def holding(*events: Event) -> dict[str, bool]:
        return {found.key: found.holds for found in developments.explain(fold(developments, *events), None, NOON)}

    assert holding(noted) == {"liaison/informed/adults": False}
    assert holding(noted, escalated) == {"closing/acknowledged": False, "liaison/informed/adults": False}
    informed = RelationshipManagerInformed("adults", TUESDAY)
    assert all(holding(noted, escalated, DevelopmentAcknowledged(TUESDAY), informed).values())


DAYS = [MONDAY + timedelta(days=n) for n in range(4)]
STEPS = st.tuples(
    st.sampled_from([note, note_urgent, EscalateDevelopment("Why"), AcknowledgeDevelopment(), close]),
    st.sampled_from(DAYS),
)


@for_all(steps=st.lists(STEPS, max_size=12))
def test_no_sequence_of_commands_closes_an_urgent_development_unacknowledged(  # R38
    steps: list[tuple[Any, date]],
) -> None:
    happened: list[tuple[date, Event]] = []
    for command, day in steps:
        state = fold(developments, *(event for _, event in happened))
        with suppress(Refusal):
            happened += [(day, recorded(event)) for event in developments.decide(command, state, None, day)]
    # Neither as it stands now nor as it was at the end of any day.
    for day in DAYS:
        then = fold(developments, *(event for on, event in happened if on <= day))
        assert then.closed_on is None or not then.awaits_acknowledgement
