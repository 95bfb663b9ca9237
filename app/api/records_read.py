"""How many records were read in each area of a review, for the total that is stated over all of them (R26, §8).

The read model only names the areas. What was read in them is told by their streams, and nothing is recorded if one of
these moved meanwhile.
"""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api.resources import Params
from app.domain import area_results
from app.domain.area_results import AreaResults
from app.domain.reviews import Facts
from app.ledger.execution import Aggregate, Reading, Source
from app.projections.participations import participations

AREA_RESULTS = Aggregate("area-results", AreaResults(), area_results.decide, area_results.evolve)
"""Stream `area-results/<review's UUID>/<area's GSS code>`."""


async def records_read(connection: AsyncConnection, params: Params) -> Reading:
    """What was read in every area that takes part, or did until it withdrew."""
    part, review = participations.table.c, params["review"]
    areas = (await connection.execute(sa.select(part.area).where(part.review == review))).scalars().all()

    def facts(known: Facts, *results: AreaResults) -> Facts:
        return replace(known, records_read=tuple(own.records_read for own in results))

    return Reading([Source(AREA_RESULTS, AREA_RESULTS.stream(f"{review}/{area}")) for area in areas], facts)
