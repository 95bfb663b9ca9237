"""What can happen to one area's self-evaluation in one exercise. A stored contract: add, never edit.

What the area wrote is sealed, a part at a time. Its validation has a stream of its own (R6).
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from app.events.fields import AreaCode, Slug
from app.ledger.events import Event, Sealed, event

Grade = Annotated[
    int,
    Field(
        ge=1,
        le=6,
        description="On the six-point scale, from 6 (excellent) to 1 (unsatisfactory)",
        json_schema_extra={"format": "int32"},
    ),
]


@event("self-evaluation.requested", version=1)
class SelfEvaluationRequested(Event, frozen=True):
    area: AreaCode
    requested_on: date


@event("self-evaluation.draft-kept", version=1)
class DraftKept(Event, frozen=True):
    """Draft `number` gives `parts` new answers, each in a `self-evaluation.part-drafted`; the others stand."""

    number: int
    parts: tuple[Slug, ...]
    kept_on: date


@event("self-evaluation.part-drafted", version=1)
class PartDrafted(Event, frozen=True):
    draft: int
    part: Slug
    answer: Sealed[str]


@event("self-evaluation.draft-shared", version=1)
class DraftShared(Event, frozen=True):
    draft: int
    recipients: tuple[Slug, ...]
    shared_on: date


@event("self-evaluation.late-submission-authorised", version=1)
class LateSubmissionAuthorised(Event, frozen=True):
    """`authorised_by` is the designation of whoever allowed a submission after the close, `until` its last day."""

    authorised_by: str
    until: date
    authorised_on: date
    reason: Sealed[str]


@event("self-evaluation.submitted", version=1)
class SelfEvaluationSubmitted(Event, frozen=True):
    """The answers as they stood in `draft` became the area's final submission."""

    draft: int
    grade: Grade | None
    late: bool
    submitted_on: date


@event("self-evaluation.submission-withdrawn", version=1)
class SubmissionWithdrawn(Event, frozen=True):
    withdrawn_on: date
    reason: Sealed[str]
