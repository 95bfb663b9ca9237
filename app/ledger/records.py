"""A record: one event as a CloudEvents 1.0 JSON object in canonical form (RFC 8785).

The database writes the position and the moment of recording into the bytes under the append lock, so a record is
prepared as what stands before them (`opening`) and after them (`closing`). Stored once, never serialised again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from app.ledger.events import Event, EventType, encode_hook, event_types

MAX_RECORD_BYTES = 65_535

# With sorted keys, no floats and keys in ASCII, msgspec's output is RFC 8785's; a property test holds them equal.
canonical = msgspec.json.Encoder(order="sorted", enc_hook=encode_hook).encode

_SPLICE = b'"position":0,"recordedat":"'


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Who acted, in which role and for which organisation, and what this answers to (correlation, causation)."""

    actor: str
    role: str
    body: str | None = None
    correlation: str | None = None
    causation: str | None = None


class Prepared(NamedTuple):
    """A record before the append: `opening` ends where the position goes, `closing` begins after the moment."""

    stream: str
    version: int
    type: str
    scope: str
    opening: str
    closing: str


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """One recorded event, decoded: the record's attributes and the event in its current shape."""

    position: int
    id: str
    stream: str
    version: int
    type: str
    scope: str
    occurred_at: datetime
    recorded_at: datetime
    origin: Origin
    event: Event


class _Outgoing(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    actor: str
    actorbody: str | None = None
    actorrole: str
    causationid: str | None = None
    correlationid: str | None = None
    data: Event
    datacontenttype: str
    id: str
    position: int
    recordedat: str
    schemaversion: int
    scope: str = ""
    source: str
    specversion: str
    streamversion: int
    subject: str
    time: datetime
    type: str


class _Stored(msgspec.Struct, frozen=True, gc=False):
    actor: str
    actorrole: str
    data: msgspec.Raw
    id: str
    position: int
    recordedat: datetime
    schemaversion: int
    streamversion: int
    subject: str
    time: datetime
    type: str
    actorbody: str | None = None
    causationid: str | None = None
    correlationid: str | None = None
    scope: str = ""


_decode = msgspec.json.Decoder(_Stored).decode


class RecordTooLarge(Exception):
    """The event does not fit into one record of 65,535 bytes."""


def prepare(
    kind: EventType, event: Event, *, event_id: str, stream: str, version: int, scope: str, source: str,
    occurred_at: datetime, origin: Origin,
) -> Prepared:  # fmt: skip
    """The record of a sealed event, ready for the append. Raises RecordTooLarge."""
    record = canonical(
        _Outgoing(
            actor=origin.actor,
            actorbody=origin.body,
            actorrole=origin.role,
            causationid=origin.causation,
            correlationid=origin.correlation,
            data=event,
            datacontenttype="application/json",
            id=event_id,
            position=0,
            recordedat="",
            schemaversion=kind.version,
            scope=scope,
            source=source,
            specversion="1.0",
            streamversion=version,
            subject=stream,
            time=occurred_at.astimezone(UTC),
            type=kind.name,
        )
    )
    # The last occurrence is the record's own: what follows it holds plain strings only, whose quotes are escaped.
    cut = record.rindex(_SPLICE)
    if len(record) > MAX_RECORD_BYTES - 48:
        raise RecordTooLarge(f"{kind.name} takes {len(record)} bytes; a record holds {MAX_RECORD_BYTES - 48}")
    opening = record[: cut + len(b'"position":')].decode()
    return Prepared(stream, version, kind.name, scope, opening, record[cut + len(_SPLICE) :].decode())


def decode(record: str | bytes) -> Recorded:
    """The record's attributes and its event, lifted to the current schema version. Raises KeyError for a type that
    this version of the service does not know."""
    stored = _decode(record)
    return Recorded(
        stored.position,
        stored.id,
        stored.subject,
        stored.streamversion,
        stored.type,
        stored.scope,
        stored.time,
        stored.recordedat,
        Origin(stored.actor, stored.actorrole, stored.actorbody, stored.correlationid, stored.causationid),
        event_types()[stored.type].decode(stored.data, stored.schemaversion),
    )
