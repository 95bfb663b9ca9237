"""What can happen to an agreement to share with a scrutiny partner, and each pull or reading made under one.

A stored contract: add, never edit.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.events.fields import AreaCode, SharedKind, Slug
from app.ledger.events import Event, Sealed, event


@event("sharing-agreement.agreed", version=1)
class SharingAgreed(Event, frozen=True):
    body: Slug
    areas: tuple[AreaCode, ...]
    kinds: tuple[SharedKind, ...]
    purpose: str
    starts_on: date
    ends_on: date


@event("sharing-agreement.amended", version=1)
class SharingAmended(Event, frozen=True):
    """Areas, kinds and last day as they are from now on, in full."""

    areas: tuple[AreaCode, ...]
    kinds: tuple[SharedKind, ...]
    ends_on: date
    reason: Sealed[str]


@event("sharing-agreement.ended", version=1)
class SharingEnded(Event, frozen=True):
    """`ends_on` is the last day on which the agreement holds."""

    ends_on: date
    reason: Sealed[str]


@event("sharing.pull-recorded", version=1)
class SharingPullRecorded(Event, frozen=True):
    """A partner read the ledger after position `after` up to `through`; `disclosed` counts the records it was given."""

    agreement: UUID | None
    body: Slug
    purpose: str
    after: int
    through: int
    disclosed: int


@dataclass(frozen=True, slots=True)
class SummaryShown:
    """The risk summary of an area and engagement year, in the version that was approved for sharing."""

    area: AreaCode
    year: int
    version: int


@event("sharing.summaries-shown", version=1)
class SharingSummariesShown(Event, frozen=True):
    """Approved risk summaries were read, in codes or with the sealed `words` that belong to them: by a partner, or
    without an agreement by the auditor."""

    agreement: UUID | None
    body: Slug
    purpose: str
    summaries: tuple[SummaryShown, ...]
    words: bool
