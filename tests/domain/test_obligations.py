"""Deadlines: dates in Europe/London that hold to the end of the day, clock changes included (§6, §9)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from app.domain import obligations
from app.domain.obligations import Obligation, deadline, findings, lapses, london_day, status
from app.events.obligations import (
    ObligationExtended,
    ObligationFellOverdue,
    ObligationMet,
    ObligationRaised,
    ObligationWaived,
)
from app.ledger.events import Event, Sealed

DUE = date(2025, 4, 28)
CENTURIES = (datetime(1990, 1, 1), datetime(2199, 12, 31))  # noqa: DTZ001  # hypothesis adds the zone
raised = ObligationRaised("plan", "S37000001", "care-inspectorate", "An improvement plan", DUE)


def at(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


def fold(*events: Event) -> obligations.Obligations:
    folded: obligations.Obligations = {}
    for event in events:
        folded = obligations.evolve(folded, event)
    return folded


def test_an_obligation_says_who_owes_what_to_whom_by_when() -> None:  # §6
    assert fold(raised) == {"plan": Obligation("S37000001", "care-inspectorate", "An improvement plan", DUE, DUE)}


@pytest.mark.parametrize(
    ("due_on", "end"),
    [
        (date(2025, 4, 28), "2025-04-28T23:00:00Z"),  # due in BST, which began on 30 March
        (date(2025, 1, 1), "2025-01-02T00:00:00Z"),
        (date(2024, 10, 4), "2024-10-04T23:00:00Z"),  # the survey closes in BST
        (date(2025, 3, 29), "2025-03-30T00:00:00Z"),  # the night before the clocks go forward
        (date(2025, 3, 30), "2025-03-30T23:00:00Z"),  # a day of 23 hours
        (date(2024, 10, 26), "2024-10-26T23:00:00Z"),
        (date(2024, 10, 27), "2024-10-28T00:00:00Z"),  # a day of 25 hours
    ],
)
def test_a_deadline_holds_to_the_end_of_its_day_in_london(due_on: date, end: str) -> None:  # §6, §9
    assert deadline(due_on) == at(end)
    obligation = Obligation("S12000033", "care-inspectorate", "A document", due_on, due_on)
    assert status(obligation, at(end) - timedelta(seconds=1)) == "open"
    assert status(obligation, at(end)) == "overdue"


def test_twenty_eight_april_at_23_10_in_utc_is_late() -> None:  # §9
    obligation = fold(raised)["plan"]
    assert status(obligation, at("2025-04-28T22:59:59Z")) == "open"
    assert status(obligation, at("2025-04-28T23:10:00Z")) == "overdue"
    assert london_day(at("2025-04-28T23:10:00Z")) == date(2025, 4, 29)
    met = fold(raised, ObligationMet("plan", london_day(at("2025-04-28T23:10:00Z"))))["plan"]
    assert status(met, at("2025-05-01T00:00:00Z")) == "met-late"


def test_forty_two_days_roll_over_the_new_year_and_not_over_holidays() -> None:  # §9
    assert date(2024, 11, 20) + timedelta(days=42) == date(2025, 1, 1)
    assert deadline(date(2025, 1, 1)) == at("2025-01-02T00:00:00Z")


def test_what_is_met_in_time_stays_met() -> None:  # §6
    met = fold(raised, ObligationMet("plan", DUE))["plan"]
    assert status(met, at("2026-01-01T00:00:00Z")) == "met"


def test_what_is_waived_is_never_overdue() -> None:  # §6
    waived = fold(raised, ObligationWaived("plan", Sealed(commitment="ab")))["plan"]
    assert status(waived, at("2026-01-01T00:00:00Z")) == "waived"


def test_an_extension_moves_the_deadline_and_is_counted() -> None:  # §6
    extended = fold(raised, ObligationExtended("plan", date(2025, 5, 12), Sealed(commitment="ab"), 1))["plan"]
    assert (extended.due_on, extended.first_due_on, extended.extensions) == (date(2025, 5, 12), DUE, 1)
    assert status(extended, at("2025-05-01T00:00:00Z")) == "open"


def test_the_passing_of_a_deadline_is_recorded_once() -> None:  # §6
    late, fell = at("2025-04-29T08:00:00Z"), ObligationFellOverdue("plan", DUE)
    assert lapses(fold(raised), at("2025-04-28T22:59:59Z")) == []
    assert lapses(fold(raised), late) == [fell]
    assert lapses(fold(raised, fell), late) == []
    assert lapses(fold(raised, ObligationMet("plan", DUE)), late) == []


def test_the_passing_of_an_extended_deadline_is_recorded_again() -> None:  # §6
    extended = ObligationExtended("plan", date(2025, 5, 12), Sealed(commitment="ab"), 1)
    history = fold(raised, ObligationFellOverdue("plan", DUE), extended)
    assert lapses(history, at("2025-05-01T00:00:00Z")) == []
    assert lapses(history, at("2025-05-13T00:00:00Z")) == [ObligationFellOverdue("plan", date(2025, 5, 12))]


@for_all(st.datetimes(*CENTURIES, timezones=st.just(UTC)))
def test_an_instant_is_before_the_end_of_its_own_day_and_not_of_the_day_before(instant: datetime) -> None:  # §6
    day = london_day(instant)
    assert deadline(day - timedelta(days=1)) <= instant < deadline(day)


@pytest.mark.parametrize(
    ("history", "says", "holds"),
    [
        ((), "open", True),
        ((ObligationFellOverdue("plan", DUE),), "overdue since 2025-04-28T23:00:00Z, as is recorded", False),
        ((ObligationMet("plan", DUE),), "met on 2025-04-28", True),
        ((ObligationMet("plan", date(2025, 4, 29)),), "met late, on 2025-04-29", False),
        ((ObligationWaived("plan", Sealed(commitment="ab")),), "waived", True),
    ],
)
def test_a_deadline_explains_how_it_stands(history: tuple[Event, ...], says: str, holds: bool) -> None:  # §6
    asked = at("2025-04-28T12:00:00Z") if says == "open" else at("2025-05-01T00:00:00Z")
    (found,) = findings(fold(raised, *history), asked)
    owed = "An improvement plan: S37000001 owes care-inspectorate by 2025-04-28"
    assert (found.key, found.statement, found.holds) == ("obligation/plan", f"{owed}; {says}.", holds)


def test_a_deadline_tells_how_often_it_was_extended() -> None:  # §6
    extended = fold(raised, *(ObligationExtended("plan", date(2025, 5, n), Sealed(commitment="ab"), n) for n in (1, 2)))
    (found,) = findings(extended, at("2025-05-01T00:00:00Z"))
    assert "by 2025-05-02, extended 2 times from 2025-04-28; open" in found.statement


def test_what_was_met_later_was_not_met_yet_at_an_earlier_instant() -> None:  # §6, §7
    met = fold(raised, ObligationMet("plan", date(2025, 5, 6)))["plan"]
    assert status(met, at("2025-04-28T22:59:59Z")) == "open"
    assert status(met, at("2025-05-05T22:59:59Z")) == "overdue"
    assert status(met, at("2025-05-05T23:00:00Z")) == "met-late"
