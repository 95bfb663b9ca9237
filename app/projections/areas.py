"""The council areas: one row each."""

from sqlalchemy import Column, Text

from app.events.areas import AreaRegistered
from app.ledger.projections import Projection
from app.projections.folding import start

areas = Projection(
    name="areas",
    version=1,
    columns=(
        Column("area", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("previous_code", Text),
        Column("partnership", Text, nullable=False),
    ),
    handlers={
        AreaRegistered: start(
            lambda e: {"name": e.name, "previous_code": e.previous_code, "partnership": e.partnership}, ("area",)
        ),
    },
    indexes=(("partnership",),),
)
