"""The vocabulary that events and commands share: codes, names and texts with their bounds.

The bounds are checked where a command enters; a recorded event is read back as it was written.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field


def _distinct(values: tuple[object, ...]) -> tuple[object, ...]:
    if len(set(values)) != len(values):
        raise ValueError("names the same item twice")
    return values


def _on_the_calendar(value: str) -> str:
    if not "1990" <= value[:4] <= "2199":
        raise ValueError("lies outside the years 1990 to 2199")
    if len(value) == len("2025-03-17"):
        date.fromisoformat(value)  # the pattern alone lets 31 February through
    return value


Distinct = AfterValidator(_distinct)
UNIQUE_ITEMS = {"uniqueItems": True}

AreaCode = Annotated[
    str, Field(pattern=r"^S12[0-9]{6}$", description="GSS code of a council area", examples=["S12000033"])
]
PartnershipCode = Annotated[
    str,
    Field(
        pattern=r"^S37[0-9]{6}$",
        description="GSS code of a health and social care partnership",
        examples=["S37000001"],
    ),
]
HealthBoardCode = Annotated[
    str, Field(pattern=r"^S08[0-9]{6}$", description="GSS code of a health board", examples=["S08000020"])
]
RecipientCode = Annotated[
    str,
    Field(
        pattern=r"^S(12|37)[0-9]{6}$",
        description="GSS code of the council or the partnership that is written to",
        examples=["S12000033"],
    ),
]
Slug = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=60,
        description="A short code in lower case",
        examples=["policy"],
    ),
]
ObligationKey = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=80,
        description="What is owed, for instance `improvement-plan`, or `document-` and the document's code",
        examples=["document-policy"],
    ),
]
ResponseId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._-]+$",
        max_length=64,
        description="Opaque identifier of one survey response. Says nothing about who gave it.",
        examples=["01JF3Q7K2M"],
    ),
]
PersonId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        max_length=64,
        description="Opaque identifier of a person, the subject of their access token. Never a name.",
        examples=["coordinator-s12000033"],
    ),
]
AttachmentId = UUID

Title = Annotated[str, Field(min_length=1, max_length=200)]
ShortText = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Reason = Annotated[str, Field(min_length=1, max_length=1000, description="Why, in one or two sentences")]
Link = Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=500, examples=["https://example.org/report"])]
PersonName = Annotated[str, Field(min_length=1, max_length=200, description="Sealed: never stands in the record")]
Email = Annotated[
    str,
    Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254, description="Sealed: never stands in the record"),
]
Telephone = Annotated[
    str,
    Field(pattern=r"^\+?[0-9][0-9 ()-]*$", max_length=30, description="Sealed: never stands in the record"),
]
FileName = Annotated[
    str,
    Field(
        pattern=r"^[^/\\\x00-\x1f]+$",
        max_length=255,
        description="As the sender called it, without a folder. Sealed: never stands in the record",
    ),
]
MediaType = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$",
        max_length=127,
        description="IANA media type, without parameters",
        examples=["application/pdf"],
    ),
]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the content, hexadecimal. Sealed")]

Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2199, 12, 31))]
PartialDate = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$",
        max_length=10,
        description="A date as precise as it is known: a year, a month or a day",
        examples=["2025-03", "2025-03-17"],
    ),
    AfterValidator(_on_the_calendar),
]

Sector = Literal["adults", "children"]
ServiceArea = Literal["adults", "children", "justice"]
ServiceOrganiser = Literal["integration-authority", "education", "council"]
IntegrationModel = Literal["body-corporate", "lead-agency"]
Designation = Literal[
    "chief-social-work-officer",
    "senior-manager-adults",
    "senior-manager-children",
    "senior-manager-justice",
    "chief-officer",
    "child-protection-committee",
    "adult-protection-committee",
    "chief-officers-group",
    "mappa-strategic-oversight-group",
]
SelectionMode = Literal["all", "came-forward", "selected"]
StaffGroup = Literal["frontline-social-work", "first-line-manager", "registered-service"]
VisitedGroup = Literal["children-and-young-people", "families", "carers", "staff"]
VisitedPlace = Literal["social-work-team", "social-care-service", "school"]
OwnResults = Literal["record-reading", "staff-survey"]
SharedKind = Literal["publications", "review-progress", "engagement-counts", "plan-status", "risk-summaries"]
ErasureReason = Literal["retention-ended", "right-to-erasure", "court-order"]
FileErasureReason = Literal["retention-ended", "right-to-erasure", "court-order", "returned-in-error"]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a review means by a term, where that comes from, and whom or what it leaves out (R24)."""

    __pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)

    term: Title
    meaning: Annotated[str, Field(min_length=1, max_length=1000)]
    source: ShortText | None = None
    excludes: ShortText | None = None


@dataclass(frozen=True, slots=True)
class QualityIndicator:
    """An indicator of a published framework; `verified` once its wording was checked at its source."""

    __pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)

    code: Annotated[str, Field(pattern=r"^[0-9]{1,2}\.[0-9]{1,2}$", examples=["6.4"])]
    title: Title
    framework: Title
    verified: bool = False


def first_day(known: str) -> date:
    """The first day that a partial date can mean."""
    year, month, day = (*map(int, known.split("-")), 1, 1)[:3]
    return date(year, month, day)


def last_day(known: str) -> date:
    """The last day that a partial date can mean."""
    parts = [*map(int, known.split("-"))]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return date(year, month, parts[2] if len(parts) > 2 else monthrange(year, month)[1])
