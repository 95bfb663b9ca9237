"""What can happen to the results that are one area's own in a review. A stored contract: add, never edit.

A stream apart from the participation's: its counts may be small, and fewer people see it (§8).
"""

from datetime import date

from app.events.fields import AttachmentId, OwnResults, Slug
from app.ledger.events import Event, Sealed, event


@event("area-results.sample-read", version=1)
class SampleRead(Event, frozen=True):
    """So many of the area's case records were read (R26)."""

    sample: Slug
    records: int
    read_on: date


@event("area-results.feedback-given", version=1)
class FeedbackGiven(Event, frozen=True):
    """The review team told the area in person what it saw there; who gave and who heard it, by designation (R29)."""

    given_by: tuple[Slug, ...]
    given_to: tuple[Slug, ...]
    given_on: date


@event("area-results.results-shared", version=1)
class ResultsShared(Event, frozen=True):
    """The area got results of its own, as a file, in words, or both (R29)."""

    results: OwnResults
    shared_on: date
    attachment: AttachmentId | None = None
    summary: Sealed[str] | None = None
