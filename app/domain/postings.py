"""One person's time in one role for one area, and who holds the role there on a day (R31, R42)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.refusals import Refusal
from app.ledger.events import Sealed


@dataclass(frozen=True, slots=True)
class Posting:
    """One person's time in one role for one area. `sector` is None for a link inspector; `ends_on` is the last day."""

    area: str
    sector: str | None
    person: str
    starts_on: date
    ends_on: date | None
    name: Sealed[str]

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def lasts_until(self, day: date) -> bool:
        return self.ends_on is None or self.ends_on >= day


class NotLinkInspectorThen(
    Refusal,
    code="not-link-inspector-then",
    rule="R31",
    remedy="Ask one of the link inspectors whom the roster has for the area on that day.",
    category="forbidden",
):
    """{inspector} was not link inspector of {areas} on {day}."""


class NotRelationshipManagerThen(
    Refusal,
    code="not-relationship-manager-then",
    rule="R42",
    remedy="Ask the relationship manager whom the roster has for this sector of the area on that day.",
    category="forbidden",
):
    """{manager} was not relationship manager of {area} for {sector} on {day}."""


def link_inspectors_on(link_inspectors: Iterable[Posting], area: str, day: date) -> tuple[Posting, ...]:
    """The area's link inspectors on a day: normally one, occasionally two (R31)."""
    return tuple(posting for posting in link_inspectors if posting.area == area and posting.covers(day))


def is_link_inspector(link_inspectors: Collection[Posting], person: str, areas: Collection[str], day: date) -> bool:
    """Whether the person was link inspector of one of the areas on the day."""
    held = (posting for area in areas for posting in link_inspectors_on(link_inspectors, area, day))
    return any(posting.person == person for posting in held)


def require_link_inspector(
    link_inspectors: Collection[Posting], inspector: str, areas: Collection[str], day: date
) -> None:
    """Raise NotLinkInspectorThen unless the person was link inspector of one of the areas on the day."""
    if not is_link_inspector(link_inspectors, inspector, areas, day):
        raise NotLinkInspectorThen(inspector=inspector, areas=" or ".join(areas), day=day)


def relationship_manager_on(managers: Iterable[Posting], area: str, sector: str, day: date) -> Posting | None:
    """The area's relationship manager for a sector on a day (R42)."""
    return next((p for p in managers if (p.area, p.sector) == (area, sector) and p.covers(day)), None)


def require_relationship_manager(managers: Iterable[Posting], manager: str, area: str, sector: str, day: date) -> None:
    """Raise NotRelationshipManagerThen unless the person was the area's relationship manager for the sector."""
    held = relationship_manager_on(managers, area, sector, day)
    if held is None or held.person != manager:
        raise NotRelationshipManagerThen(manager=manager, area=area, sector=sector, day=day)
