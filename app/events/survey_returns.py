"""What can happen to the replies that one area gives to one of a review's surveys. A stored contract: add, never edit.

A stream apart from the participation's, whose versions others see: they would tell how many replies came (§8).
"""

from datetime import date

from app.events.fields import ResponseId, Slug, StaffGroup
from app.ledger.events import Event, event


@event("survey-return.response-recorded", version=1)
class SurveyResponseRecorded(Event, frozen=True):
    """That one response came in, and from which group of staff. What was answered is not kept here."""

    response: ResponseId
    staff_group: StaffGroup
    responded_on: date


@event("survey-return.reply-recorded", version=1)
class ESurveyReplyRecorded(Event, frozen=True):
    """That one reply to an electronic survey came in, and from which group. What was answered is not kept here."""

    reply: ResponseId
    group: Slug
    replied_on: date
