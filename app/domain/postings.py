"""One person's time in one role for one area, and who is an area's link inspector on a day (R31, R42)."""

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
