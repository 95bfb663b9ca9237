"""What a domain refusal is: a stable code, the rule, the facts, and what to do now. Its docstring is its message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from inspect import cleandoc
from typing import ClassVar, Literal

Category = Literal["conflict", "invalid", "forbidden"]


class Refusal(Exception):
    """A command that the rules do not allow.

    Subclasses state their message as a docstring with `{facts}` in braces. *conflict*: the state forbids it now;
    *invalid*: it names something that does not exist; *forbidden*: it is not for this person to do.
    """

    code: ClassVar[str]
    rule: ClassVar[str | None]
    remedy: ClassVar[str]
    category: ClassVar[Category]
    template: ClassVar[str]

    def __init_subclass__(
        cls, *, code: str, remedy: str, rule: str | None = None, category: Category = "conflict"
    ) -> None:
        cls.code, cls.rule, cls.remedy, cls.category = code, rule, remedy, category
        cls.template = " ".join(cleandoc(cls.__doc__ or "").split())

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.message)

    @property
    def message(self) -> str:
        return self.template.format(**self.facts)


class SeveralRefusals(
    Refusal, code="several-refusals", remedy="Mend each of the violations, then send the command again."
):
    """{count} rules do not allow this; each is told in violations."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(count=len(refusals))
        self.refusals = tuple(refusals)


def refuse(refusals: Sequence[Refusal]) -> None:
    """Raise what stands in the way, all of it together; nothing if nothing does."""
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        raise SeveralRefusals(refusals)


class NothingToChange(
    Refusal,
    code="nothing-to-change",
    remedy="Read it as it stands. A reason is recorded with a change, and this would change nothing.",
):
    """It is so already."""


class DatesOutOfOrder(Refusal, code="dates-out-of-order", remedy="Correct the dates.", category="invalid"):
    """{earlier} should not be later than {later}."""


def in_order(earlier: date, later: date) -> None:
    """Raise DatesOutOfOrder unless the days follow one another or are the same."""
    if later < earlier:
        raise DatesOutOfOrder(earlier=earlier, later=later)
