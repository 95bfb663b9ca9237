"""The themes of an exercise's responses: national messages that no area can be joined to."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import get_type_hints

import pytest

from app.domain import thematic_records
from app.domain.refusals import SeveralRefusals
from app.domain.thematic_records import (
    AreaNamedInTheme,
    Facts,
    MoreSupportThanResponses,
    NothingToAnalyse,
    RecordTheme,
    ThemeAlreadyRecorded,
    ThemesPublished,
    ThemeUnknown,
    WithdrawTheme,
    withheld_if_few,
)
from app.events.self_evaluation_exercises import ExerciseAnnounced, PublishedTheme
from app.events.thematic_records import ThemeRecorded, ThemeWithdrawn
from app.ledger.events import Event, Sealed, event_types
from tests.domain import dsl
from tests.domain.dsl import DAY, fold

OPEN = Facts(announced=True)
leadership = RecordTheme("leadership", "strength", "Leaders know how well services do.", 12, 30)
recorded = ThemeRecorded("leadership", "strength", "Leaders know how well services do.", 12, DAY)


def given(*events: Event, facts: Facts = OPEN) -> dsl.Given:
    return dsl.given(*events, facts=facts)


def test_key_strengths_and_challenges_are_recorded_once() -> None:  # R3
    given().when(leadership).then(recorded)
    given(recorded).when(leadership).then_nothing()
    given(recorded).when(replace(leadership, kind="challenge")).then_refused(ThemeAlreadyRecorded)


def test_a_theme_that_does_not_hold_is_withdrawn_with_a_reason() -> None:  # R3
    withdrawn = ThemeWithdrawn("leadership", DAY, Sealed("Counted twice"))
    given(recorded).when(WithdrawTheme("leadership", "Counted twice")).then(withdrawn)
    given(recorded, withdrawn).when(WithdrawTheme("leadership", "Again")).then_refused(ThemeUnknown)
    given(recorded, withdrawn).when(leadership).then(recorded)
    given().when(WithdrawTheme("leadership", "Why")).then_refused(ThemeUnknown)
    assert fold(thematic_records, recorded, withdrawn).themes == {}


@pytest.mark.parametrize(
    ("support", "responses", "shown"),
    [
        (1, 32, None),
        (4, 32, None),
        (5, 32, 5),
        (27, 32, 27),
        (28, 32, None),
        (31, 32, None),
        (32, 32, None),
        (5, 9, None),
    ],
)
def test_support_is_withheld_where_it_tells_of_a_few_areas_or_of_each(
    support: int, responses: int, shown: int | None
) -> None:  # R6, §8
    assert withheld_if_few(support, responses) == shown


def test_a_small_count_never_reaches_the_record() -> None:  # R6, §8
    one = replace(leadership, support=1)
    for few in (one, replace(leadership, support=2)):
        given().when(few).then(ThemeRecorded("leadership", "strength", leadership.statement, None, DAY))
    # Nor can it be asked for by repeating the theme with one count after another.
    held = ThemeRecorded("leadership", "strength", leadership.statement, None, DAY)
    answers = [
        thematic_records.decide(replace(one, support=n), fold(thematic_records, held), OPEN, DAY) for n in (1, 4)
    ]
    assert answers == [[], []]


def test_an_example_of_innovative_practice_is_never_counted() -> None:  # R6
    practice = RecordTheme("dashboard", "innovative-practice", "A shared dashboard of outcomes.", 12, 30)
    given().when(practice).then(
        ThemeRecorded("dashboard", "innovative-practice", "A shared dashboard of outcomes.", None, DAY)
    )


def test_the_themes_stand_in_the_order_of_their_codes_however_they_were_found() -> None:  # R6
    themes = [ThemeRecorded(code, "challenge", "Thin data.", None, DAY) for code in ("data", "drivers", "workforce")]
    orders = {fold(thematic_records, *found).in_order for found in permutations(themes)}
    assert [[theme.code for theme in order] for order in orders] == [["data", "drivers", "workforce"]]


def test_a_theme_that_names_an_area_by_its_code_is_refused() -> None:  # R6
    given().when(replace(leadership, statement="As seen in S12000033.")).then_refused(AreaNamedInTheme)
    given().when(replace(leadership, code="practice-s12000033")).then_refused(AreaNamedInTheme)
    given().when(replace(leadership, support=31)).then_refused(MoreSupportThanResponses)
    both = replace(leadership, code="s37000001", support=31)
    given().when(both).then_refused(SeveralRefusals)


def test_no_event_about_themes_or_the_exercise_has_room_for_an_area() -> None:  # R6
    national = [
        kind
        for kind in event_types().values()
        if kind.name.startswith(("thematic-record.", "self-evaluation-exercise."))
    ]
    naming = {kind.cls for kind in national if names_an_area(kind.cls)}
    assert len(national) == 8
    assert naming == {ExerciseAnnounced}  # which names all that are asked
    assert not names_an_area(PublishedTheme)


def names_an_area(kind: type) -> bool:
    return "S12[0-9]" in str(get_type_hints(kind, include_extras=True))


def test_themes_belong_to_an_announced_exercise_and_are_told_once() -> None:  # R3, R6
    given(facts=Facts()).when(leadership).then_refused(NothingToAnalyse)
    told = Facts(announced=True, published_on=date(2025, 6, 10))
    given(recorded, facts=told).when(WithdrawTheme("leadership", "Why")).then_refused(ThemesPublished)
