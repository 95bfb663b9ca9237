"""Which areas an exercise validates: as many as are planned, of those that have submitted."""

from datetime import date

import pytest

from app.domain import validation_selections
from app.domain.refusals import SeveralRefusals
from app.domain.validation_selections import (
    AlreadySelected,
    DeselectFromValidation,
    Facts,
    LetterStands,
    MoreThanPlanned,
    NotAmongSelected,
    NothingToValidate,
    NotSubmitted,
    SelectForValidation,
    explain,
)
from app.events.validation_selections import AreaDeselected, AreaSelected
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import DAY, fold
from tests.domain.test_obligations import at

AREAS = tuple(f"S1200000{number}" for number in range(1, 8))
ALL = frozenset(AREAS)
FOUR, SIX = Facts(4, ALL), Facts(6, ALL)


def selected(*areas: str, on: date = DAY) -> list[Event]:
    return [AreaSelected(area, on, Sealed("A range of sizes")) for area in areas]


def select(*areas: str) -> SelectForValidation:
    return SelectForValidation(areas, "A range of sizes")


def given(*events: Event, facts: Facts = FOUR) -> dsl.Given:
    return dsl.given(*events, facts=facts)


def test_as_many_areas_are_selected_as_are_planned() -> None:  # R4
    given().when(select(*AREAS[:4])).then(*selected(*AREAS[:4]))
    given(*selected(*AREAS[:4])).when(select(*AREAS[:4])).then_refused(AlreadySelected)
    given(*selected(*AREAS[:4])).when(select(AREAS[4])).then_refused(MoreThanPlanned)


def test_six_are_selected_once_six_are_planned() -> None:  # R4, §9
    given(*selected(*AREAS[:4]), facts=SIX).when(select(*AREAS[4:6])).then(*selected(*AREAS[4:6]))
    given(*selected(*AREAS[:4]), facts=SIX).when(select(*AREAS[4:])).then_refused(MoreThanPlanned)


def test_a_further_reason_for_an_area_that_is_selected_is_refused_and_not_dropped() -> None:  # R4
    with pytest.raises(AlreadySelected) as caught:
        given(*selected(AREAS[0])).when(select(*AREAS[:2])).decide()
    assert caught.value.facts == {"areas": AREAS[0]}


def test_another_area_is_selected_in_the_place_of_one_that_was_deselected() -> None:  # R4, §9
    deselected = AreaDeselected(AREAS[0], DAY, Sealed("An inspection begins there"))
    four = selected(*AREAS[:4])
    command = DeselectFromValidation((AREAS[0],), "An inspection begins there")
    given(*four).when(command).then(deselected)
    given(*four, deselected).when(command).then_refused(NotAmongSelected)
    given(*four, deselected).when(select(AREAS[4])).then(*selected(AREAS[4]))
    given(*four).when(DeselectFromValidation((AREAS[5],), "Why")).then_refused(NotAmongSelected)


def test_only_areas_that_have_submitted_are_selected() -> None:  # R5
    given(facts=Facts(4, frozenset(AREAS[1:]))).when(select(*AREAS[:2])).then_refused(NotSubmitted)


def test_every_reason_against_a_selection_is_told() -> None:  # R4, R5
    with pytest.raises(SeveralRefusals) as caught:
        validation_selections.decide(
            select(*AREAS[:5]), validation_selections.Selection(), Facts(4, frozenset(AREAS[2:])), DAY
        )
    assert [type(refusal) for refusal in caught.value.refusals] == [NotSubmitted, NotSubmitted, MoreThanPlanned]


def test_an_area_with_a_letter_stays_selected() -> None:  # R5
    with_letter = Facts(4, ALL, frozenset({AREAS[0]}))
    given(*selected(*AREAS[:4]), facts=with_letter).when(DeselectFromValidation((AREAS[0],), "Why")).then_refused(
        LetterStands
    )


def test_nothing_is_selected_in_an_exercise_that_was_not_announced() -> None:  # R4
    given(facts=Facts()).when(select(AREAS[0])).then_refused(NothingToValidate)


def test_it_is_explained_how_many_are_still_to_be_selected() -> None:  # R4
    state = fold(validation_selections, *selected(*AREAS[:4]))
    instant = at("2025-01-20T09:00:00Z")
    assert [(f.key, f.holds) for f in explain(state, FOUR, instant)] == [("selection/number", True)]
    assert [(f.holds, f.statement) for f in explain(state, SIX, instant)] == [(False, "4 of 6 planned areas selected.")]
    assert explain(state, Facts(), instant) == []
