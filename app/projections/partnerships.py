"""The health and social care partnerships: one row each, with the integration model set last."""

from collections.abc import Collection, Sequence

from sqlalchemy import Column, Select, Text, cast, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from app.events.partnerships import IntegrationModelSet, PartnershipRegistered
from app.ledger.projections import Projection
from app.projections.folding import change, start

partnerships = Projection(
    name="partnerships",
    version=1,
    columns=(
        Column("partnership", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("health_board", Text, nullable=False),
        Column("areas", JSONB, nullable=False),
        Column("integration_model", Text),
    ),
    handlers={
        PartnershipRegistered: start(
            lambda e: {
                "name": e.name,
                "health_board": e.health_board,
                "areas": list(e.areas),
                "integration_model": None,
            },
            ("partnership",),
        ),
        IntegrationModelSet: change(lambda _row, e: {"integration_model": e.model}),
    },
)


def serving(areas: Collection[str]) -> Select[str]:
    """The codes of the partnerships that serve any of the areas."""
    table = partnerships.table.c
    return select(table.partnership).where(table.areas.has_any(cast(sorted(areas), ARRAY(Text))))


async def codes_serving(engine: AsyncEngine, areas: Collection[str]) -> Sequence[str]:
    """What `serving` finds now."""
    async with engine.connect() as connection:
        return (await connection.scalars(serving(areas))).all()
