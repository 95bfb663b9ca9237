"""The themes that the analysis of an exercise's responses finds. A stored contract: add, never edit.

No event here can name an area: a theme has its own words, and a count only where it stands for many areas (R6).
"""

from datetime import date

from app.events.fields import Slug
from app.events.self_evaluation_exercises import ThemeKind
from app.ledger.events import Event, Sealed, event


@event("thematic-record.theme-recorded", version=1)
class ThemeRecorded(Event, frozen=True):
    """`support` was withheld before it was recorded where few areas, or all but a few, bear the theme out."""

    code: Slug
    kind: ThemeKind
    statement: str
    support: int | None
    recorded_on: date


@event("thematic-record.theme-withdrawn", version=1)
class ThemeWithdrawn(Event, frozen=True):
    code: Slug
    withdrawn_on: date
    reason: Sealed[str]
