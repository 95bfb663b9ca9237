"""What commands come to one after the other, for tests that try them in any order."""

from collections.abc import Callable
from datetime import date
from itertools import combinations
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from app.domain.refusals import Refusal
from tests.domain.dsl import recorded

Asked = tuple[Any, date]
"""A command, and the day on which it happened."""


def after(aggregate: ModuleType, state: Any, facts: Any, asked: Asked) -> tuple[Any, str]:
    """The state after a command, and by what code it was refused, if it was."""
    command, day = asked
    try:
        caused = aggregate.decide(command, state, facts, day)
    except Refusal as refusal:
        return state, refusal.code
    for event in caused:
        state = aggregate.evolve(state, recorded(event))
    return state, ""


def after_all(aggregate: ModuleType, state: Any, facts: Any, history: list[Asked]) -> Any:
    """The state after these commands, of which any may be refused."""
    for asked in history:
        state, _ = after(aggregate, state, facts, asked)
    return state


def assert_the_same_in_either_order(
    aggregate: ModuleType, state: Any, facts: Any, one: Asked, other: Asked, seen: Callable[[Any], Any] = lambda it: it
) -> None:
    """Two commands end in the same state, as far as `seen` shows it, and are answered alike whichever comes first."""
    here, one_in_front = after(aggregate, state, facts, one)
    here, other_behind = after(aggregate, here, facts, other)
    there, other_in_front = after(aggregate, state, facts, other)
    there, one_behind = after(aggregate, there, facts, one)
    assert seen(here) == seen(there)
    assert (one_in_front, other_in_front) == (one_behind, other_behind)


def pairs_of(
    tracks: dict[str, st.SearchStrategy[Any]], days: st.SearchStrategy[date]
) -> st.SearchStrategy[tuple[Asked, Asked]]:
    """Two commands of different tracks."""
    return st.sampled_from(list(combinations(tracks.values(), 2))).flatmap(
        lambda two: st.tuples(st.tuples(two[0], days), st.tuples(two[1], days))
    )
