"""What can happen to a health and social care partnership. A stored contract: add, never edit."""

from datetime import date

from app.events.fields import AreaCode, HealthBoardCode, IntegrationModel, PartnershipCode
from app.ledger.events import Event, event


@event("partnership.registered", version=1)
class PartnershipRegistered(Event, frozen=True):
    code: PartnershipCode
    name: str
    health_board: HealthBoardCode
    areas: tuple[AreaCode, ...]


@event("partnership.integration-model-set", version=1)
class IntegrationModelSet(Event, frozen=True):
    model: IntegrationModel
    starts_on: date
