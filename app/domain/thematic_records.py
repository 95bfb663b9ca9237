"""The themes of an exercise's responses: key strengths, challenges, innovative practice (R3, R6).

Nothing here joins an area to a theme. A theme's support is withheld before it is recorded if it would tell of a few
areas, so that not even the record holds it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Final, TypeAlias

from pydantic import Field

from app.domain.commands import command
from app.domain.refusals import Refusal, refuse
from app.domain.suppression import suppression_threshold
from app.events.fields import Reason, ShortText, Slug
from app.events.self_evaluation_exercises import PublishedTheme, ThemeKind
from app.events.thematic_records import ThemeRecorded, ThemeWithdrawn
from app.ledger.events import Event, Sealed

_AREA_CODE: Final = re.compile(r"s(12|37)[0-9]{6}", re.IGNORECASE)
Responses = Annotated[int, Field(ge=1, le=32, json_schema_extra={"format": "int32"})]


@command
class RecordTheme:
    """Record a theme: a national message, and how many of the responses analysed bear it out; no area with it (R3)."""

    code: Slug
    kind: ThemeKind
    statement: ShortText
    support: Responses
    responses: Responses


@command
class WithdrawTheme:
    """Withdraw a theme that does not hold, with the reason (R3)."""

    code: Slug
    reason: Reason


Command: TypeAlias = RecordTheme | WithdrawTheme


@dataclass(frozen=True, slots=True)
class Facts:
    announced: bool = False
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class ThematicRecord:
    themes: Mapping[str, PublishedTheme] = field(default_factory=dict)
    recorded_on: Mapping[str, date] = field(default_factory=dict)  # by the theme's code

    @property
    def in_order(self) -> tuple[PublishedTheme, ...]:
        """The themes by their codes: the order in which they were found could follow the areas' responses (R6)."""
        return tuple(self.themes[code] for code in sorted(self.themes))


class NothingToAnalyse(
    Refusal, code="nothing-to-analyse", rule="R3", remedy="Announce the exercise first.", category="invalid"
):
    """There is no exercise whose responses could be analysed."""


class ThemesPublished(
    Refusal, code="themes-published", rule="R6", remedy="The messages of a published report are told once."
):
    """The themes were published on {published_on}."""


class ThemeAlreadyRecorded(
    Refusal, code="theme-already-recorded", rule="R3", remedy="Withdraw the theme first, or use another code."
):
    """The theme {theme} is recorded already, with other words, another count or on another day."""


class NoThemeRecorded(Refusal, code="no-theme-recorded", rule="R3", remedy="Record a theme first."):
    """No theme is recorded."""


class ThemeUnknown(
    Refusal, code="theme-unknown", rule="R3", remedy="Use the code of a recorded theme.", category="invalid"
):
    """There is no theme {theme}."""


class MoreSupportThanResponses(
    Refusal, code="more-support-than-responses", rule="R3", remedy="Correct the counts.", category="invalid"
):
    """{support} responses cannot bear a theme out where {responses} were analysed."""


class AreaNamedInTheme(
    Refusal, code="area-named-in-theme", rule="R6", remedy="Say it without the area.", category="invalid"
):
    """A theme names no area, and this one holds the code {found}."""


def permit(kind: type, state: ThematicRecord, facts: Facts) -> None:
    """Raise the refusal that the record and the exercise alone cause for every command of this kind."""
    _require(facts)
    if kind is WithdrawTheme and not state.themes:
        raise NoThemeRecorded


def _require(facts: Facts) -> None:
    if not facts.announced:
        raise NothingToAnalyse
    if facts.published_on is not None:
        raise ThemesPublished(published_on=facts.published_on)


def decide(command: Command, state: ThematicRecord, facts: Facts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    _require(facts)
    known = state.themes.get(command.code)
    if isinstance(command, WithdrawTheme):
        if known is None:
            raise ThemeUnknown(theme=command.code)
        return [ThemeWithdrawn(command.code, day, Sealed(command.reason))]
    refuse(_faults(command))
    support = withheld_if_few(command.support, command.responses)
    if command.kind == "innovative-practice":
        support = None  # an example is one area's, or a few areas'
    theme = PublishedTheme(command.code, command.kind, command.statement, support)
    if known is None:
        return [ThemeRecorded(theme.code, theme.kind, theme.statement, theme.support, day)]
    if (known, state.recorded_on[command.code]) != (theme, day):
        raise ThemeAlreadyRecorded(theme=command.code)
    return []


def withheld_if_few(support: int, responses: int) -> int | None:
    """The count as it may be shown: None where those who support a theme, or those who do not, would be a few areas,
    and where they are all, for then each one is known to (R6; the threshold is policy)."""
    few = suppression_threshold
    return support if support >= few and responses - support >= few else None


def _faults(command: RecordTheme) -> list[Refusal]:
    faults: list[Refusal] = []
    if command.support > command.responses:
        faults.append(MoreSupportThanResponses(support=command.support, responses=command.responses))
    if found := _AREA_CODE.search(f"{command.code} {command.statement}"):
        faults.append(AreaNamedInTheme(found=found[0]))
    return faults


def evolve(state: ThematicRecord, event: Event) -> ThematicRecord:
    """The themes after one more event."""
    match event:
        case ThemeRecorded(code=code):
            theme = PublishedTheme(code, event.kind, event.statement, event.support)
            return ThematicRecord({**state.themes, code: theme}, {**state.recorded_on, code: event.recorded_on})
        case ThemeWithdrawn(code=code):
            themes = {held: theme for held, theme in state.themes.items() if held != code}
            return replace(state, themes=themes)
    return state
