"""What can be asked of a request for support and improvement activity: see `app.domain.support_requests`."""

from typing import Annotated, TypeAlias

from pydantic import Field

from app.domain.commands import command
from app.events.fields import UNIQUE_ITEMS, AttachmentId, Day, Distinct, Reason, ServiceArea, Slug, Text
from app.events.support_requests import Colleagues, Ground, Level, SupportKind


@command
class SubmitSupportRequest:
    """Request support, stating focus, purpose, timescale and resource implications, all four of them (R44)."""

    service_areas: Annotated[
        tuple[ServiceArea, ...], Field(min_length=1, max_length=3, json_schema_extra=UNIQUE_ITEMS), Distinct
    ]
    focus: Text | None = None
    purpose: Text | None = None
    timescale: Text | None = None
    resource_implications: Text | None = None


@command
class ConsiderSupportRequest:
    """Record how the request stands against need, risk or capacity; the area reads it with the decision (R44)."""

    ground: Ground
    level: Level
    note: Text


@command
class ApproveSupportRequest:
    """Approve a request that has been considered against need, risk and capacity (R44)."""


@command
class DeclineSupportRequest:
    """Decline a request that has been considered against need, risk and capacity, with the reason (R44)."""

    reason: Reason


@command
class DeferSupportRequest:
    """Defer a request that has been considered to a later day, from which on it is considered afresh (R44)."""

    until: Day
    reason: Reason


@command
class ProposeInvolvement:
    """Propose that colleagues take part, and say whether that costs the Care Inspectorate resources (R45)."""

    involvement: Slug
    colleagues: Colleagues
    resource_cost: bool
    note: Text


@command
class ConsiderInvolvement:
    """Record how an involvement at a resource cost stands against need, risk or capacity (R45)."""

    involvement: Slug
    ground: Ground
    level: Level
    note: Text


@command
class ApproveInvolvement:
    """Approve an involvement at a resource cost that has been considered, so that colleagues can take part (R45)."""

    involvement: Slug


@command
class DeclineInvolvement:
    """Decline an involvement at a resource cost that has been considered, with the reason (R45)."""

    involvement: Slug
    reason: Reason


@command
class RecordSupportProvided:
    """Record as evidence what was provided, its minutes apart from the area's allocated time (R34, R45)."""

    provision: Slug
    kind: SupportKind
    minutes: Annotated[int, Field(ge=1, le=100_000, json_schema_extra={"format": "int32"})]
    note: Text
    involvement: Annotated[
        Slug | None, Field(description="The colleagues who provided it; else the link inspector")
    ] = None
    attachments: Annotated[
        tuple[AttachmentId, ...], Field(max_length=20, json_schema_extra=UNIQUE_ITEMS), Distinct
    ] = ()


@command
class CompleteSupport:
    """Complete the support of an approved request, with what came of it (R45)."""

    outcome: Text


Command: TypeAlias = (
    SubmitSupportRequest
    | ConsiderSupportRequest
    | ApproveSupportRequest
    | DeclineSupportRequest
    | DeferSupportRequest
    | ProposeInvolvement
    | ConsiderInvolvement
    | ApproveInvolvement
    | DeclineInvolvement
    | RecordSupportProvided
    | CompleteSupport
)
