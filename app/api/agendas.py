"""Which improvement plans the agenda of a link meeting carries: those that are followed when it is set (R52).

The read model only names the area's inspections. How their plans stand is read from the streams, and the agenda is not
recorded if one of them moved meanwhile.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api import areas, improvement_plans
from app.api.resources import Params, Reading
from app.domain.areas import Area
from app.domain.engagement_years import FollowedPlan, YearFacts
from app.domain.improvement_plans import ImprovementPlan
from app.projections.improvement_plans import improvement_plans as read_model
from app.projections.partnerships import areas_served, with_partnerships

MOST_INSPECTIONS: Final = 100
"""Of one area, the latest: what came long before them is followed no more."""


async def followed_plans(connection: AsyncConnection, params: Params) -> Reading:
    """The area and its inspections' plans, a joint one included, as facts for an engagement year."""
    table = read_model.table.c
    whose = with_partnerships([params["area"]], await areas_served(connection))
    latest = sa.select(table.inspection).where(table.area.in_(whose)).order_by(table.inspection.desc())
    inspections = (await connection.execute(latest.limit(MOST_INSPECTIONS))).scalars().all()

    def facts(area: Area, *plans: ImprovementPlan) -> YearFacts:
        followed = tuple(
            FollowedPlan(UUID(inspection), *plan.followed)
            for inspection, plan in zip(inspections, plans, strict=True)
            if plan.followed is not None
        )
        return YearFacts(int(params["year"]), area.code is not None, followed)

    sources = [improvement_plans.resource.source({"inspection": inspection}) for inspection in inspections]
    return Reading((areas.resource.source({"area": params["area"]}), *sources), facts)
