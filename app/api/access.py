"""Who may see what (§8), denied by default: every resource and every list declares one of these audiences, and shows a
caller what belongs to their areas."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple, get_args

from app.api.tokens import Caller, Role

AREA_STAFF = frozenset({"coordinator", "cswo", "partnership-staff"})
REVIEW_TEAM = frozenset({"lead-inspector", "service-manager"})
RECORDS = frozenset({"administrator"})
EVERYWHERE = frozenset({"auditor", "administrator"})
BY_AREA = AREA_STAFF | {"link-inspector", "relationship-manager"}
INTERNAL = REVIEW_TEAM | {"link-inspector", "relationship-manager", "administrator"}

PUBLISHED: Final[frozenset[str]] = frozenset(get_args(Role))
"""What is published: everybody, without a token too."""

AREAS_OWN = AREA_STAFF | REVIEW_TEAM | {"link-inspector", "auditor"}
"""What an area owes, submits and is told: its people, its link inspector, and who reviews and inspects it."""

REGISTER = AREAS_OWN | RECORDS
"""The areas and who holds which role there."""

REVIEWERS = REVIEW_TEAM | {"auditor"}
"""What joins areas or counts few people: the review team."""

LINK_WORK = frozenset({"link-inspector", "service-manager", "auditor"})
"""What the regulator notes of an area and passes on of it, which is not the area's to read."""

LIAISON = LINK_WORK | {"relationship-manager"}
"""What link inspector and relationship managers share."""

AREA_AND_LINK = AREA_STAFF | LINK_WORK
"""What an area and its link inspector settle between them."""

ADMINISTERED = RECORDS | {"auditor"}

NATIONAL = ""
"""The scope of what belongs to no area."""


class Whose(NamedTuple):
    """Whose a record is: the areas whose people see it, the scope under which its events are recorded, and who led it,
    the present lead inspector last."""

    areas: Collection[str]
    scope: str
    led_by: Sequence[str] = ()


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
