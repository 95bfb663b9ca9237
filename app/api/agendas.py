"""Which improvement plans are followed in an engagement year, for its agendas, notes and explanation (R40, R52).

The read model only names the area's inspections. How their plans stand is read from the streams, and nothing is
recorded if one of them moved meanwhile.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.api import improvement_plans
from app.api.resources import Params
from app.domain.engagement_tally import bounds
from app.domain.engagement_years import FollowedPlan, YearFacts
from app.domain.improvement_plans import ImprovementPlan
from app.ledger.execution import Reading
from app.projections.improvement_plans import improvement_plans as read_model
from app.projections.partnerships import areas_served, with_partnerships


async def followed_plans(connection: AsyncConnection, params: Params) -> Reading:
    """The plans of the area's inspections, joint ones included, that were not done with before the year began."""
    table = read_model.table.c
    whose = with_partnerships([params["area"]], await areas_served(connection))
    begins, _ = bounds(int(params["year"]))
    # Those that are not accepted yet are read as well: one may be by the time of the decision.
    wanted = sa.select(table.inspection).where(
        table.area.in_(whose), table.followed_until.is_(None) | (table.followed_until >= begins)
    )
    inspections = (await connection.execute(wanted.order_by(table.inspection))).scalars().all()

    def facts(year: YearFacts, *plans: ImprovementPlan) -> YearFacts:
        followed = tuple(
            FollowedPlan(UUID(inspection), *plan.followed)
            for inspection, plan in zip(inspections, plans, strict=True)
            if plan.followed is not None
        )
        return replace(year, plans=followed)

    return Reading([improvement_plans.resource.source({"inspection": inspection}) for inspection in inspections], facts)
