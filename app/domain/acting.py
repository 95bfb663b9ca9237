"""Who asks, where a rule goes by it: what somebody agrees to or contributes, they do themself (R37, R46, R48)."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the person, as roster and inspections name them, and the role in which they do."""

    person: str
    role: str


class NotInPerson(
    Refusal,
    code="not-in-person",
    remedy="Name yourself as the roster and your token do, or ask the link inspector who is named.",
    category="forbidden",
):
    """The request names {named}, and the token {person}."""


class LeadsNoLonger(
    Refusal,
    code="leads-no-longer",
    rule="R48",
    remedy="Ask the one who leads the inspection now, or their service manager.",
    category="forbidden",
):
    """Another has taken over as lead inspector."""


def as_lead(actor: Actor | None, led_by: Sequence[str]) -> None:
    """Raise LeadsNoLonger if a lead inspector acts on what they do not lead; the present one is last in `led_by`."""
    if actor is not None and actor.role == "lead-inspector" and actor.person not in led_by[-1:]:
        raise LeadsNoLonger


def in_person(actor: Actor | None, named: str) -> None:
    """Raise NotInPerson if a link inspector names another as the one who agrees or contributes."""
    if actor is not None and actor.role == "link-inspector" and actor.person != named:
        raise NotInPerson(named=named, person=actor.person)
