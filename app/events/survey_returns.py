"""What can happen to the replies that one area's staff give to a review's survey. A stored contract: add, never edit.

A stream apart from the participation's, whose versions others see: they would tell how many replies came (§8).
"""

from datetime import date

from app.events.fields import ResponseId, StaffGroup
from app.ledger.events import Event, event


@event("survey-return.response-recorded", version=1)
class SurveyResponseRecorded(Event, frozen=True):
    """That one response came in, and from which group of staff. What was answered is not kept here."""

    response: ResponseId
    staff_group: StaffGroup
    responded_on: date
