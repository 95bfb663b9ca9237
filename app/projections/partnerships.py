"""The health and social care partnerships: one row each, with the integration model set last."""

from collections.abc import Collection, Mapping

from sqlalchemy import Column, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

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


async def areas_served(connection: AsyncConnection) -> Mapping[str, frozenset[str]]:
    """Every partnership's code, and the areas that it serves."""
    table = partnerships.table.c
    rows = await connection.execute(select(table.partnership, table.areas))
    return {partnership: frozenset(areas) for partnership, areas in rows}


def with_partnerships(areas: Collection[str], served: Mapping[str, frozenset[str]]) -> list[str]:
    """The areas, and the partnerships that serve any of them: whose records are theirs too."""
    return sorted({*areas, *(partnership for partnership, its in served.items() if not its.isdisjoint(areas))})
