"""What the script is made of: steps, each one command as a certain person would send it, gathered in stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from app.domain.obligations import LONDON


@dataclass(frozen=True)
class Person:
    """Who sends a command: a role, the areas that it is for, and an opaque identifier."""

    role: str
    areas: tuple[str, ...] = ()
    subject: str | None = None


@dataclass(frozen=True)
class File:
    """A file to upload for an area before the command that names it."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Step:
    """One command; `key` tells it from every other step, so that a repeat is known.

    `creates` names what the service identifies by itself: later paths hold `{that name}`, and later bodies carry
    `plans`, the improvement plans of inspections under their names. The files' identifiers are put into the body under
    `attach`, as a list or, for `attachment`, alone.
    """

    who: Person
    path: str
    key: str
    at: datetime
    body: Mapping[str, Any] = field(default_factory=dict)
    area: str = ""
    files: Sequence[File] = ()
    attach: Literal["attachments", "attachment"] = "attachments"
    creates: str = ""
    plans: Sequence[str] = ()

    @property
    def requests(self) -> int:
        """How many requests the step takes."""
        return 1 + len(self.files)


@dataclass(frozen=True)
class Stage:
    """A stretch of time: `opening` before and `closing` after what goes on side by side, each line in its own order.

    Most lines are an area's, under its code; an inspection has one of its own, since two areas may share it.
    """

    title: str
    opening: Sequence[Step] = ()
    areas: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    closing: Sequence[Step] = ()

    def until(self, instant: datetime) -> Stage:
        """As much of it as has happened by then."""

        def happened(steps: Sequence[Step]) -> list[Step]:
            return [step for step in steps if step.at <= instant]

        lines = {code: happened(steps) for code, steps in self.areas.items()}
        return Stage(self.title, happened(self.opening), lines, happened(self.closing))

    @property
    def requests(self) -> int:
        """How many requests the stage takes."""
        steps = [*self.opening, *self.closing, *(step for steps in self.areas.values() for step in steps)]
        return sum(step.requests for step in steps)


def moment(day: date, clock: str = "09:00") -> datetime:
    """A time of day in Scotland, for instance `09:00` or `23:59:59`."""
    return datetime.combine(day, time.fromisoformat(clock), LONDON)


def when(step: Step) -> datetime:
    """By which steps are put in order."""
    return step.at


def working_day(day: date) -> date:
    """The day, or the Friday before it: those at the weekend would be too many."""
    return day - timedelta(max(0, day.weekday() - 4))
