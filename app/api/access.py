"""Who may see an area, and the groups of roles that commands are open to (domain.md §8). Denied by default."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from app.api.tokens import Caller

AREA_STAFF = frozenset({"coordinator", "cswo", "partnership-staff"})
REVIEW_TEAM = frozenset({"lead-inspector", "service-manager"})
LINK_TEAM = frozenset({"link-inspector", "service-manager", "relationship-manager"})
RECORDS = frozenset({"administrator"})
EVERYWHERE = frozenset({"auditor", "administrator"})
SEES_LINK_WORK = LINK_TEAM | EVERYWHERE
BY_AREA = AREA_STAFF | {"link-inspector", "relationship-manager"}
INTERNAL = REVIEW_TEAM | {"link-inspector", "relationship-manager", "administrator"}

NATIONAL = ""
"""The scope of what belongs to no area."""


class Whose(NamedTuple):
    """Whose a record is: the areas whose people see it, and the scope under which its events are recorded."""

    areas: Collection[str]
    scope: str


def areas_seen(caller: Caller) -> frozenset[str] | None:
    """The areas whose records the caller may see; None means every area.

    Lead inspectors and service managers without areas in their token have a national remit.
    """
    if caller.role in EVERYWHERE or (caller.role in REVIEW_TEAM and not caller.areas):
        return None
    if caller.role in BY_AREA or caller.role in REVIEW_TEAM:
        return caller.areas
    return frozenset()


def sees(caller: Caller, scope: str) -> bool:
    """Whether the caller may see what belongs to `scope`: an area's code, or NATIONAL for public facts."""
    if scope == NATIONAL:
        return True
    areas = areas_seen(caller)
    return areas is None or scope in areas


def sees_one_of(caller: Caller, areas: Collection[str]) -> bool:
    """Whether the caller may see what belongs to all of these areas together."""
    seen = areas_seen(caller)
    return seen is None or not seen.isdisjoint(areas)


def opens_sealed(caller: Caller) -> bool:
    """Whether the caller, for a record that they see, may read its names, contact details and free text."""
    return caller.role in AREA_STAFF | INTERNAL | {"auditor"}
