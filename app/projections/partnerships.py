"""The health and social care partnerships: one row each, with the integration model set last."""

from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import JSONB

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
