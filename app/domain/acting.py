"""Who asks, where a rule goes by it: what somebody agrees to or contributes, they do themself (R37, R46, R48)."""

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


def in_person(actor: Actor | None, named: str) -> None:
    """Raise NotInPerson if a link inspector names another as the one who agrees or contributes."""
    if actor is not None and actor.role == "link-inspector" and actor.person != named:
        raise NotInPerson(named=named, person=actor.person)
