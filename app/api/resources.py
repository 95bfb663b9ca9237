"""How a resource is declared: aggregate, path, public view, commands, who may do what. One declaration a feature.

The declarations drive everything generic: the command path (`commands.py`), reads (`reads.py`), OpenAPI (`openapi.py`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, make_dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, NamedTuple, get_type_hints

from pydantic import ConfigDict, Field, GetPydanticSchema, TypeAdapter
from pydantic.dataclasses import dataclass as pydantic_dataclass
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.api.access import AREA_STAFF, Whose, areas_seen, sees, sees_one_of
from app.api.problems import MOST_ERRORS, Violation
from app.api.requests import not_found, token_missing
from app.api.tokens import Caller
from app.domain import obligations as duties
from app.domain.findings import Finding
from app.ledger.events import Event, Sealed
from app.ledger.execution import NOTHING_RECALLED, Aggregate, Executor, Folded, Reading, Source
from app.ledger.projections import Projection

Params = Mapping[str, str]

UUID_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
AREA_PATTERN = r"S12[0-9]{6}"
PATTERNS: Mapping[str, tuple[str, str]] = {
    "area": (AREA_PATTERN, "S12000033"),
    "partnership": (r"S37[0-9]{6}", "S37000001"),
    "subject": (r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "coordinator-s12000033"),
    "survey": (r"[a-z0-9][a-z0-9-]{0,59}", "children-and-young-people"),
    "year": (r"20[0-9]{2}", "2024"),
}
_UUID = (UUID_PATTERN, "01a209a6-71f3-7581-81e1-43a9e32e2087")


def pattern_of(parameter: str) -> tuple[str, str]:
    """The pattern of a path parameter, and an example: a UUID unless told otherwise. What does not match does not
    exist."""
    return PATTERNS.get(parameter, _UUID)


@dataclass(frozen=True)
class SealedValue:
    """A confidential value that this caller may not read, or that has been erased: its commitment in the record."""

    sealed: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="HMAC-SHA256, hexadecimal")]


Confidential = Annotated[
    Sealed[str],
    GetPydanticSchema(lambda _source, handler: handler(Annotated[str, Field(max_length=4000)] | SealedValue)),
]
"""A sealed text in a view: the text itself for those entitled to it, otherwise its commitment."""


@dataclass(frozen=True)
class AllowedAction:
    """Something that the caller's role may do with the resource, and, if its present state forbids it, why: by several
    rules, where there are `violations`."""

    action: Annotated[str, Field(max_length=100)]
    method: Annotated[str, Field(max_length=10)]
    href: Annotated[str, Field(max_length=500)]
    allowed: bool
    code: Annotated[str, Field(max_length=100)] | None = None
    reason: Annotated[str, Field(max_length=2000)] | None = None
    rule: Annotated[str, Field(max_length=20)] | None = None
    remedy: Annotated[str, Field(max_length=1000)] | None = None
    violations: Annotated[Sequence[Violation], Field(max_length=MOST_ERRORS)] = ()


class Telling(NamedTuple):
    """What the areas' own staff are told of an instance: `as_told` gives what they may see of a state, None where that
    is nothing, and `opens`, of each event of its history, whether they may read the record."""

    as_told: Callable[[Any], Any | None]
    opens: Callable[[Iterable[Event]], Iterable[bool]]


Gather = Callable[[AsyncConnection, Params], Awaitable[Reading]]


@dataclass(frozen=True)
class CommandRoute:
    """One command: its class, the sub-resource it is posted to, and the roles it is open to.

    `erases` names the data subject whose sealed values go with it, for good. `gather` finds what this command reads
    beyond the resource's `reads`, where only a read model can name the streams. `endpoint` is the class that answers,
    where files come or go with it. `action` is the command's name in kebab-case, for instance `nominate-coordinator`.
    """

    command: type
    path: str
    roles: frozenset[str]
    erases: Callable[[Params], str] | None = None
    gather: Gather | None = None
    endpoint: type[Any] | None = None
    adapter: TypeAdapter[Any] = field(init=False)
    body: type = field(init=False)
    names: tuple[str, ...] = field(init=False)
    action: str = field(init=False)

    def __post_init__(self) -> None:
        hints = get_type_hints(self.command, include_extras=True)
        names = tuple(f.name for f in fields(self.command))
        body = make_dataclass(
            self.command.__name__,
            [
                (
                    "occurred_at",
                    Annotated[
                        datetime | None,
                        Field(
                            description="When it happened: RFC 3339 with an offset, never in the future; now if absent."
                        ),
                    ],
                    field(default=None, kw_only=True),
                )
            ],
            bases=(self.command,),
            frozen=True,
        )
        body.__doc__ = self.command.__doc__
        body.__pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)  # type: ignore[attr-defined]
        body.__annotations__ = {**hints, **body.__annotations__}
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", self.command.__name__)
        object.__setattr__(self, "action", words.lower())
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "body", body)
        object.__setattr__(self, "adapter", TypeAdapter(body))


def _no_sources(params: Params, command: Any | None) -> Sequence[Source]:
    return ()


def _no_facts(params: Params, *states: Any) -> None:
    return None


@dataclass(frozen=True)
class Resource:
    """One kind of thing in the API and the stream behind each instance.

    `path` holds the instance's parameters; `collection` is where `creation` is posted. `key` makes the stream's key
    from the parameters, `identify(params, command)` completes them for a new instance. `audience` are the roles that
    see it (§8), in their own areas; where it is `nationwide`, only with a national remit. `scope` is the code of the
    area that the record belongs to, or NATIONAL; where the path does not tell it, `whose` does, from the state or from
    the command that makes the instance. `reads` names the other streams that a decision needs, and `facts(params,
    *states)` reduces them; `recalls(params, state)` finds those that a state itself names. `explain(state, facts, at)`
    tells what the rules find at an instant, and `gather` finds what that takes beyond `reads`, as for a command. A
    `standing` resource is there before its first event; `internal` names the sealed texts of a state that are the
    regulator's own, and are not opened to the area's staff; decisions `in_person` go by who asks, the `actor` among the
    facts; `accepts` lists media types, where an instance is created by sending a file.
    """

    name: str
    title: str
    path: str
    aggregate: Aggregate[Any]
    view: Callable[[Params, Any], Any]
    view_type: type
    permit: Callable[[type, Any, Any], None]
    audience: frozenset[str]
    commands: Sequence[CommandRoute] = ()
    creation: CommandRoute | None = None
    collection: str | None = None
    identify: Callable[[Params, Any], Params] | None = None
    key: Callable[[Params], str] = lambda params: "/".join(params.values())
    scope: Callable[[Params], str] = lambda params: params.get("area", "")
    whose: Callable[[Any], Whose] | None = None
    telling: Telling | None = None
    nationwide: bool = False
    reads: Callable[[Params, Any | None], Sequence[Source]] = _no_sources
    facts: Callable[..., Any] = _no_facts
    recalls: Callable[[Params, Any], Reading] = lambda _params, _state: NOTHING_RECALLED
    gather: Gather | None = None
    explain: Callable[[Any, Any, datetime], Sequence[Finding]] | None = None
    internal: Callable[[Any], Iterable[Sealed[str]]] = lambda _state: ()
    projections: Sequence[Projection] = ()
    standing: bool = False
    in_person: bool = False
    accepts: Sequence[str] = ()
    parameters: tuple[str, ...] = field(init=False)
    body: type = field(init=False)

    def __post_init__(self) -> None:
        body = make_dataclass(
            self.view_type.__name__,
            [
                (
                    "version",
                    Annotated[int, Field(ge=0, le=2**31 - 1, description="The stream's version; also the ETag")],
                ),
                ("allowed_actions", Annotated[list[AllowedAction], Field(max_length=100)]),
            ],
            bases=(self.view_type,),
            frozen=True,
            kw_only=True,
        )
        # pydantic's own kind keeps its schema: every command answers with it, and each made it anew at the start.
        body = pydantic_dataclass(body, frozen=True, kw_only=True)
        body.__doc__ = self.view_type.__doc__
        object.__setattr__(self, "body", body)
        object.__setattr__(self, "parameters", tuple(re.findall(r"{(\w+)}", self.path)))

    @property
    def public(self) -> bool:
        """Whether instances are shown without a token."""
        return "public" in self.audience

    @property
    def explains(self) -> bool:
        """Whether there is anything to explain: rules of its own, or deadlines."""
        return self.explain is not None or isinstance(self.aggregate.initial, duties.Owing)

    def findings(self, state: Any, facts: Any, at: datetime) -> list[Finding]:
        """What the rules find of a state at an instant, its deadlines included."""
        own = [] if self.explain is None else self.explain(state, facts, at)
        owed = duties.findings(state.obligations, at) if isinstance(state, duties.Owing) else []
        return [*own, *owed]

    async def reading(self, engine: AsyncEngine, params: Params, command: Any | None, gather: Gather | None) -> Reading:
        """The streams of `reads`, then those that `gather` finds, and what all of them come to."""
        known, facts = self.reads(params, command), partial(self.facts, params)
        if gather is None:
            return Reading(known, facts)
        async with engine.connect() as connection:
            found = await gather(connection, params)

        def together(*states: Any) -> Any:
            return found.facts(facts(*states[: len(known)]), *states[len(known) :])

        return Reading((*known, *found.sources), together)

    def known(self, params: Params, state: Any, others: Sequence[Folded[Any]]) -> Any:
        """The facts that a read knows, from the states of `reads` and then of `recalls`."""
        recalled, states = self.recalls(params, state), [other.state for other in others]
        own = len(states) - len(recalled.sources)
        return recalled.facts(self.facts(params, *states[:own]), *states[own:])

    def sees(self, caller: Caller, params: Params) -> bool:
        """Whether this instance exists as far as the caller is concerned."""
        if self.whose is not None:
            raise TypeError(f"whose one of the {self.name} is stands in its state: `scope_in_sight` reads that")
        # Who sees an area, but nothing of this kind in it, is told that theirs is not the role to make one.
        if caller.role not in self.audience and params.keys() >= set(self.parameters):
            return False
        if self.nationwide and areas_seen(caller) is not None:
            return False
        return sees(caller, self.scope(params))

    def require_sight(self, caller: Caller, params: Params) -> None:
        """Raise a 404 problem unless the caller may see the instance; a 401 one if a token might help."""
        if not self.sees(caller, params):
            raise token_missing() if caller.role == "public" else not_found()

    async def scope_in_sight(self, executor: Executor, caller: Caller, params: Params) -> str:
        """The scope of the instance's records. Raises as `require_sight` does; a lead inspector sees what they lead."""
        if self.whose is None:
            self.require_sight(caller, params)
            return self.scope(params)
        found = await self._whose(executor, caller, params)
        if caller.role == "lead-inspector" and caller.subject not in found.led_by[-1:]:
            raise not_found()
        return found.scope

    async def scope_in_reach(self, executor: Executor, caller: Caller, params: Params) -> str:
        """The scope of the instance's records, for a command. Raises as `require_sight` does.

        It is in reach of earlier lead inspectors too: what they sent while they led it is answered again as it was, and
        the decision, which alone knows of a change at the same moment, refuses all else.
        """
        if self.whose is None:
            return await self.scope_in_sight(executor, caller, params)
        found = await self._whose(executor, caller, params)
        if caller.role == "lead-inspector" and caller.subject not in found.led_by:
            raise not_found()
        return found.scope

    async def _whose(self, executor: Executor, caller: Caller, params: Params) -> Whose:
        assert self.whose is not None
        if caller.role not in self.audience:
            raise token_missing() if caller.role == "public" else not_found()
        (folded,) = await executor.fold(self.source(params))
        if folded.version == 0 or self.seen_by(caller, folded.state) is None:
            raise not_found()
        return self._within_areas(self.whose(folded.state), caller)

    def seen_by(self, caller: Caller, state: Any) -> Any | None:
        """What a caller who sees the instance may see of a state, which may be one of the past: None is nothing."""
        return self.telling.as_told(state) if self.telling and caller.role in AREA_STAFF else state

    async def versions_in_sight(self, executor: Executor, caller: Caller, params: Params) -> Container[int]:
        """The versions of the events whose records a caller who sees the instance may read."""
        if self.telling is None or caller.role not in AREA_STAFF:
            return range(1, 2**31)
        history = await executor.history(self.source(params).stream)
        opened = self.telling.opens(recorded.event for recorded in history)
        return {recorded.version for recorded, is_open in zip(history, opened, strict=True) if is_open}

    def scope_of_new(self, caller: Caller, params: Params, command: Any) -> str:
        """The scope of an instance that is about to be made. Raises as `require_sight` does."""
        if self.whose is not None:
            return self._within_areas(self.whose(command), caller).scope
        self.require_sight(caller, params)
        return self.scope(params)

    def _within_areas(self, found: Whose, caller: Caller) -> Whose:
        if not sees_one_of(caller, found.areas):
            raise not_found()
        return found

    def href(self, params: Params) -> str:
        return self.path.format(**params)

    def source(self, params: Params) -> Source:
        return Source(self.aggregate, self.aggregate.stream(self.key(params)))
