"""What holds for every aggregate: folds survive any history, retries add nothing, refusals explain themselves."""

import inspect
import string
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from types import ModuleType, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.domain import (
    area_results,
    data_subjects,
    engagement_years,
    improvement_plans,
    inspections,
    participations,
    reviews,
    roster,
    self_evaluations,
    survey_returns,
    thematic_records,
    validation_selections,
    validations,
)
from app.domain.postings import Posting
from app.domain.refusals import Refusal
from app.events.fields import PartialDate
from app.ledger.events import Event, Sealed, event_types
from tests.domain.dsl import ABERDEEN, AGGREGATE_OF, AGGREGATES, GLASGOW, RESOURCE_OF, recorded, unmet

MODULES = sorted(AGGREGATES, key=lambda module: module.__name__)
by_module = pytest.mark.parametrize("aggregate", MODULES, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
every_command = pytest.mark.parametrize("kind", AGGREGATE_OF, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")

# A few values of each kind, so that events and commands meet.
TEXTS = st.sampled_from([ABERDEEN, GLASGOW, "policy", "document-policy", "chief-social-work-officer"])
DAYS = st.sampled_from([date(2024, 7, day) for day in range(13, 19)])
PARTIAL = st.sampled_from(["2024", "2024-06", "2024-07", "2024-07-15"])
REVIEW = participations.ReviewFacts(
    area=ABERDEEN,
    announced=True,
    areas=frozenset({ABERDEEN}),
    nominate_by=date(2024, 7, 16),
    documents={"policy": ("policy", date(2024, 7, 16))},
    briefings=frozenset({"policy"}),
    survey_windows=((date(2024, 7, 14), date(2024, 7, 16)),),
    interview_window=(date(2024, 7, 14), date(2024, 7, 17)),
    published_on=date(2024, 7, 15),
)
INSPECTORS = tuple(
    Posting(ABERDEEN, None, inspector, date(2024, 7, 14), None, Sealed("Name")) for inspector in ("policy", GLASGOW)
)
FACTS: Mapping[ModuleType, Any] = {
    area_results: area_results.Facts(date(2024, 7, 13), None, date(2024, 7, 14)),
    data_subjects: data_subjects.SubjectFacts("coordinator-aberdeen-city"),
    improvement_plans: improvement_plans.Facts(
        INSPECTORS
    ),
    inspections: inspections.Facts(
        frozenset({ABERDEEN, GLASGOW}), inspections.Earlier(ABERDEEN, date(2024, 7, 13), frozenset({"policy"})),
        INSPECTORS,
    ),
    engagement_years: engagement_years.YearFacts(
        2024, plans=(engagement_years.FollowedPlan(UUID(int=1), date(2024, 7, 13)),)
    ),
    participations: REVIEW,
    reviews: reviews.Facts((20, 15, 5)),
    roster: roster.AreaFacts(),
    self_evaluations: self_evaluations.ExerciseFacts(
        ABERDEEN, announced=True, areas=frozenset({ABERDEEN}), opens_on=date(2024, 7, 14),
        closes_on=date(2024, 7, 16), parts={"policy": "policy"},
    ),
    survey_returns: survey_returns.Facts(date(2024, 7, 13), None, REVIEW.survey_windows, frozenset({"policy"})),
    thematic_records: thematic_records.Facts(announced=True),
    validation_selections: validation_selections.Facts(2, frozenset({ABERDEEN, "policy"}), frozenset({GLASGOW})),
    validations: validations.Facts(ABERDEEN, date(2024, 7, 14), None, date(2024, 7, 15)),
}  # fmt: skip

CORRECTIONS = (participations.ReplaceCoordinator, reviews.SetContactPoint)
"""What they say of a person is sealed and may correct what was mistyped: their key alone tells a repeat."""


def values(hint: Any, *, sealed: bool) -> st.SearchStrategy[Any]:
    """Values of a field's type; `sealed` fields hold commitments, as they do once recorded."""
    if hint == PartialDate:
        return PARTIAL
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return values(args[0], sealed=sealed)
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, UnionType):
        return st.one_of([values(arg, sealed=sealed) for arg in args])
    if origin is tuple:
        return st.lists(values(args[0], sealed=sealed), min_size=1, max_size=3, unique=True).map(tuple)
    if origin is Sealed:
        return st.just(Sealed(commitment="ab")) if sealed else st.just(Sealed("text"))
    if is_dataclass(hint) and isinstance(hint, type):
        return instances(hint, sealed=sealed)
    known: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXTS,
        date: DAYS,
        int: st.integers(0, 50),
        bool: st.booleans(),
        UUID: st.sampled_from([UUID(int=1), UUID(int=2)]),
        NoneType: st.none(),
    }
    return known[hint]


def instances(kind: type, *, sealed: bool = True) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind, include_extras=True)
    hints.pop("__pydantic_config__", None)
    return st.builds(kind, **{name: values(hint, sealed=sealed) for name, hint in hints.items()})


EVENTS: st.SearchStrategy[Event] = st.one_of([instances(kind.cls) for _, kind in sorted(event_types().items())])


@cache
def events_of(aggregate: ModuleType) -> st.SearchStrategy[list[Event]]:
    """Histories in any order and with any gaps: what an answer as of some moment may have to fold."""
    own = [
        instances(kind.cls)
        for _, kind in sorted(event_types().items())
        if kind.cls.__module__.rsplit(".", 1)[-1] in (aggregate.__name__.rsplit(".", 1)[-1], "obligations")
    ]
    return st.lists(st.one_of(*own, EVENTS), max_size=12)


@cache
def commands_of(aggregate: ModuleType) -> st.SearchStrategy[Any]:
    return st.one_of([instances(kind) for kind, module in AGGREGATE_OF.items() if module is aggregate])


def differing_in_one_field(command: Any, day: date) -> st.SearchStrategy[tuple[Any, date]]:
    """The command with another value in one of its fields, or as of another day."""
    hints = get_type_hints(type(command), include_extras=True)
    changes = [st.tuples(st.just(field.name), values(hints[field.name], sealed=False)) for field in fields(command)]
    others = [change.map(lambda change: (replace(command, **dict([change])), day)) for change in changes]
    return st.one_of(*others, DAYS.map(lambda on: (command, on)))


@by_module
@for_all(data=st.data())
def test_any_history_can_be_folded(aggregate: ModuleType, data: st.DataObject) -> None:
    state = AGGREGATES[aggregate]
    for event in data.draw(events_of(aggregate)):
        state = aggregate.evolve(state, event)
    assert type(state) is type(AGGREGATES[aggregate])


@by_module
@for_all(data=st.data())
def test_a_command_is_refused_or_takes_effect_once(aggregate: ModuleType, data: st.DataObject) -> None:
    state = AGGREGATES[aggregate]
    for event in data.draw(events_of(aggregate)):
        state = aggregate.evolve(state, event)
    command, day = data.draw(commands_of(aggregate)), data.draw(DAYS)
    with suppress(Refusal):
        for event in aggregate.decide(command, state, FACTS.get(aggregate, unmet(aggregate)), day):
            state = aggregate.evolve(state, recorded(event))
        again = aggregate.decide(command, state, FACTS.get(aggregate, unmet(aggregate)), day)
        assert again == [] or isinstance(command, CORRECTIONS)


@by_module
@for_all(data=st.data())
def test_a_command_that_says_something_else_is_never_taken_for_a_retry(
    aggregate: ModuleType, data: st.DataObject
) -> None:
    state, facts = AGGREGATES[aggregate], FACTS.get(aggregate, unmet(aggregate))
    for event in data.draw(events_of(aggregate)):
        state = aggregate.evolve(state, event)
    command, day = data.draw(commands_of(aggregate)), data.draw(DAYS)
    other, other_day = data.draw(differing_in_one_field(command, day))
    with suppress(Refusal):
        caused = aggregate.decide(command, state, facts, day)
        lost = [event for event in aggregate.decide(other, state, facts, other_day) if event not in caused]
        for event in caused:
            state = aggregate.evolve(state, recorded(event))
        assert not lost or aggregate.decide(other, state, facts, other_day)


@by_module
@for_all(data=st.data())
def test_what_is_not_permitted_records_nothing_whatever_is_asked(aggregate: ModuleType, data: st.DataObject) -> None:
    state = AGGREGATES[aggregate]
    for event in data.draw(events_of(aggregate)):
        state = aggregate.evolve(state, event)
    command, facts = data.draw(commands_of(aggregate)), FACTS.get(aggregate, unmet(aggregate))
    try:
        aggregate.permit(type(command), state, facts)
    except Refusal:
        with suppress(Refusal):
            assert aggregate.decide(command, state, facts, data.draw(DAYS)) == []


@by_module
@for_all(data=st.data())
def test_any_history_can_be_explained_without_quoting_what_is_sealed(
    aggregate: ModuleType, data: st.DataObject
) -> None:
    state = AGGREGATES[aggregate]
    for event in data.draw(events_of(aggregate)):
        state = aggregate.evolve(state, event)
    facts = FACTS.get(aggregate, unmet(aggregate))
    found = RESOURCE_OF[aggregate].findings(state, facts, datetime(2024, 7, 16, 12, tzinfo=UTC))
    assert len({finding.key for finding in found}) == len(found)
    for finding in found:
        assert finding.statement.endswith(".")
        assert "Sealed(" not in finding.statement
        assert finding.remedy is None or not finding.holds


@every_command
def test_every_command_explains_itself_in_one_sentence(kind: type) -> None:
    assert inspect.cleandoc(kind.__doc__ or "").endswith((".", ")."))
    assert "\n" not in (kind.__doc__ or "")


@every_command
def test_every_text_and_list_of_a_command_is_bounded(kind: type) -> None:
    def check(schema: Any) -> None:
        if isinstance(schema, list):
            for item in schema:
                check(item)
        elif isinstance(schema, dict):
            if schema.get("type") == "string" and not schema.keys() & {"format", "enum", "const"}:
                assert "maxLength" in schema or "{" in schema["pattern"]
            if schema.get("type") == "array":
                assert "maxItems" in schema
            if schema.get("type") == "integer":
                assert {"minimum", "maximum", "format"} <= schema.keys()
            for item in schema.values():
                check(item)

    check(TypeAdapter(kind).json_schema())


@every_command
def test_no_command_says_on_which_day_it_happened(kind: type) -> None:
    assert not {field.name for field in fields(kind)} & {"day", "occurred_at", "returned_on", "nominated_on"}


def refusals() -> list[type[Refusal]]:
    # `command` makes each class anew for its slots; refusals are made once.
    return sorted(Refusal.__subclasses__(), key=lambda refusal: refusal.code)


def test_no_two_refusals_share_a_code() -> None:
    codes = [refusal.code for refusal in refusals()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.code)
def test_every_refusal_states_its_facts_and_what_to_do(refusal: type[Refusal]) -> None:
    names = {name for _, name, _, _ in string.Formatter().parse(refusal.__doc__ or "") if name}
    message = refusal.template.format(**dict.fromkeys(names, "x"))
    assert message.endswith(".")
    assert "{" not in message
    assert refusal.remedy.endswith(".")
