"""Which areas an exercise validates: the review team's alone. A stored contract: add, never edit."""

from datetime import date

from app.events.fields import AreaCode
from app.ledger.events import Event, Sealed, event


@event("validation-selection.area-selected", version=1)
class AreaSelected(Event, frozen=True):
    area: AreaCode
    selected_on: date
    reason: Sealed[str]


@event("validation-selection.area-deselected", version=1)
class AreaDeselected(Event, frozen=True):
    area: AreaCode
    deselected_on: date
    reason: Sealed[str]
