"""What each national review gathered from its areas until its report was published: one row a review.

What is recorded later leaves the row as it is: it is everybody's, and a figure that appears or grows by what one area
gave would tell that area's (§8). `given` holds, by area, its counts as far as they are not 0.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.participations import AreaNotified
from app.events.reviews import ReportPublished, ReviewAnnounced
from app.ledger.events import Event
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.folding import Change, change, start
from app.projections.participations import COUNTED, NOTHING_GIVEN


def _review(recorded: Recorded) -> list[Key]:
    return [(recorded.stream.split("/")[1],)]


def _gathered(changes: Change) -> Handler:
    """The event changes what its area gave, as long as the report is not published."""

    def fold(existing: Row | None, recorded: Recorded, _key: Key) -> Row | None:
        if existing is None or existing["published"]:
            return existing
        area = recorded.stream.split("/")[2]
        given = existing["given"].get(area, {})
        added = changes(NOTHING_GIVEN | given, recorded.event)
        return existing | {"given": existing["given"] | {area: given | added}}

    return Handler(_review, fold)


_GATHERED: Mapping[type[Event], Change] = {AreaNotified: lambda _given, _event: {}, **COUNTED}

review_outturns = Projection(
    name="review_outturns",
    version=1,
    columns=(
        Column("review", Text, primary_key=True),
        Column("published", Boolean, nullable=False),
        Column("given", JSONB, nullable=False),
    ),
    handlers={
        ReviewAnnounced: start(lambda _event: {"published": False, "given": {}}, ("review",)),
        ReportPublished: change(lambda _row, _event: {"published": True}),
        **{kind: _gathered(changes) for kind, changes in _GATHERED.items()},
    },
)


def gathered_in_published(review: str) -> sa.Select[tuple[Any]]:
    """What each area gave to a review until it was published; no row for one that is not published."""
    table = review_outturns.table
    return sa.select(table.c.given).where(table.c.review == review, table.c.published)
