"""The minimum standard of link engagement, and how a year measures up to it on a day (R36, B¶3.2).

Quarterly means once in each quarter: a further meeting in one quarter does not make up for another without any. The
source does not say when a year begins; 1 April is ours (*policy*).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Final, get_args

from app.domain.engagement_state import EngagementYear, Meeting
from app.domain.findings import Finding
from app.domain.obligations import london_day
from app.events.engagement_years import Focus, StandardRow

YEAR_BEGINS: Final = (4, 1)
"""Month and day on which an engagement year begins (*policy*)."""

LINK_INSPECTOR: Final = "link-inspector"
ROWS: Final[tuple[StandardRow, ...]] = get_args(StandardRow)
REQUIRED: Final[dict[StandardRow, int]] = {
    "social-work-leadership": 4,
    "child-protection-committee": 1,
    "adult-protection-committee": 1,
    "chief-officers-group": 1,
}
"""How often in the year, spread evenly over it."""

_ROW_OF: Final[dict[str, StandardRow]] = {
    "chief-social-work-officer": "social-work-leadership",
    "chief-officer": "social-work-leadership",
    "senior-manager-adults": "social-work-leadership",
    "senior-manager-children": "social-work-leadership",
    "senior-manager-justice": "social-work-leadership",
    "child-protection-committee": "child-protection-committee",
    "adult-protection-committee": "adult-protection-committee",
    "chief-officers-group": "chief-officers-group",
}
_OTHER: Final = (
    "mappa-strategic-oversight-group",
    "integration-joint-board",
    "community-justice-partnership",
    "childrens-services-partnership",
    "conference",
    "elected-members",
)
_CALLED: Final[dict[StandardRow, str]] = {
    "social-work-leadership": "Chief social work officer, chief officer or senior social work managers",
    "child-protection-committee": "Child protection committee",
    "adult-protection-committee": "Adult protection committee",
    "chief-officers-group": "Chief officers’ group",
}


@dataclass(frozen=True, slots=True)
class Period:
    """A part of the year in which a row wants one meeting. `unrecorded` are planned ones whose day has passed."""

    first: date
    last: date
    held: int
    planned: int
    unrecorded: int


@dataclass(frozen=True, slots=True)
class RowTally:
    """One row of the standard on a day. A period is met by any meeting in it; `held` counts every meeting."""

    row: StandardRow
    on: date | None
    periods: tuple[Period, ...]

    @property
    def required(self) -> int:
        return len(self.periods)

    @property
    def held(self) -> int:
        return sum(period.held for period in self.periods)

    @property
    def planned(self) -> int:
        return sum(period.planned for period in self.periods)

    @property
    def unrecorded(self) -> int:
        return sum(period.unrecorded for period in self.periods)

    @property
    def missed(self) -> int:
        """Periods that passed without a meeting, as far as is recorded."""
        return sum(not period.held and self.on is not None and period.last < self.on for period in self.periods)

    @property
    def short_by(self) -> int:
        """Meetings that would be missing at the year's end if no further one were held."""
        return sum(not period.held for period in self.periods)

    @property
    def forecast_short_by(self) -> int:
        """Meetings that will be missing at the year's end though every planned one is held."""
        return sum(not period.held and not period.planned for period in self.periods)

    @property
    def due_on(self) -> date | None:
        """The last day for the next meeting that is still wanted."""
        return next((p.last for p in self.periods if not p.held and (self.on is None or self.on <= p.last)), None)


def year_of(day: date) -> int:
    """The engagement year of a day, named for the calendar year in which it begins."""
    return day.year if (day.month, day.day) >= YEAR_BEGINS else day.year - 1


def bounds(year: int) -> tuple[date, date]:
    """The first and the last day of an engagement year."""
    return date(year, *YEAR_BEGINS), date(year + 1, *YEAR_BEGINS) - timedelta(days=1)


def counted(participants: Iterable[str], inspectorate: Iterable[str]) -> tuple[StandardRow, ...]:
    """The rows that a meeting of these people covers, each once; none without the link inspector (R36)."""
    if LINK_INSPECTOR not in inspectorate:
        return ()
    covered = {_ROW_OF.get(participant) for participant in participants}
    return tuple(row for row in ROWS if row in covered)


def tally(meetings: Iterable[Meeting], year: int, on: date | None = None) -> tuple[RowTally, ...]:
    """Every row on a day: a later meeting is still to come, though it is recorded by now. Without a day, all that is
    planned is to come."""
    days: dict[str, dict[str, list[date]]]
    days = {row: {"held": [], "planned": [], "unrecorded": []} for row in ROWS}
    for meeting in meetings:
        if (dated := _on(meeting, on)) is not None:
            how, day = dated
            for row in meeting.counts_in:
                days[row][how].append(day)
    return tuple(
        RowTally(row, on, tuple(_period(first, last, days[row]) for first, last in _periods(year, REQUIRED[row])))
        for row in ROWS
    )


def other_engagement(meetings: Iterable[Meeting]) -> dict[str, int]:
    """Meetings held beyond the standard, by whom they were with (R41): the link inspector's, and at conferences the
    relationship managers' as well."""
    counts = dict.fromkeys(_OTHER, 0)
    for meeting in meetings:
        if meeting.status != "held":
            continue
        manager = any(role.startswith("relationship-manager") for role in meeting.inspectorate)
        for other in set(_OTHER).intersection(meeting.participants):
            if LINK_INSPECTOR in meeting.inspectorate or (other == "conference" and manager):
                counts[other] += 1
    return counts


def focuses_covered(state: EngagementYear) -> dict[str, int]:
    """In how many notes of meetings and verbal updates each focus was covered (R33)."""
    counts: dict[str, int] = dict.fromkeys(get_args(Focus), 0)
    held = {code for code, meeting in state.meetings.items() if meeting.status == "held"}
    notes = [note.focuses for note in state.notes.values() if note.meeting in held]
    for focuses in [*notes, *(update.focuses for update in state.verbal_updates.values())]:
        for focus in focuses:
            counts[focus] += 1
    return counts


def findings(state: EngagementYear, year: int, at: datetime) -> Sequence[Finding]:
    """What the rules find in the year at an instant: the four rows, the arrangements, the time (R34, R36, R37)."""
    agreement, allocated = state.agreement, state.minutes_allocated
    found = [_row_finding(row) for row in tally(state.meetings.values(), year, london_day(at))]
    agreed = agreement is not None
    confirmed = agreement is not None and agreement.confirmed_on is not None
    found += [
        Finding(
            "arrangements/agreed", "R37", agreed,
            f"The arrangements were {'' if agreed else 'not '}agreed with the area.",
            None if agreed else "Agree them with the chief social work officer, the authority or the partnership.",
        ),
        Finding(
            "arrangements/confirmed", "R37", confirmed,
            f"The service manager has {'' if confirmed else 'not '}confirmed the arrangements.",
            None if confirmed else "Have the service manager confirm them, once they are agreed.",
        ),
        Finding(
            "time/allocated", "R34", allocated is not None,
            "No time is allocated." if allocated is None else f"{allocated} minutes are allocated.",
            "Allocate the year's time." if allocated is None else None,
        ),
    ]  # fmt: skip
    if allocated is not None:
        within = state.minutes_spent <= allocated
        statement = f"{state.minutes_spent} of {allocated} minutes are spent."
        remedy = None if within else "Revise the allocation, with a reason, or correct the entries."
        found.append(Finding("time/within-allocation", "R34", within, statement, remedy))
    return found


def _on(meeting: Meeting, on: date | None) -> tuple[str, date] | None:
    """How a meeting counts on a day and for which day; None for one that was cancelled or retracted."""
    if meeting.status == "held" and meeting.held_on is not None:
        return ("held" if on is None or meeting.held_on <= on else "planned"), meeting.held_on
    if meeting.status == "planned" and meeting.planned_for is not None:
        return ("planned" if on is None or on <= meeting.planned_for else "unrecorded"), meeting.planned_for
    return None


def _period(first: date, last: date, days: Mapping[str, Sequence[date]]) -> Period:
    return Period(first, last, **{how: sum(first <= day <= last for day in those) for how, those in days.items()})


@cache
def _periods(year: int, count: int) -> tuple[tuple[date, date], ...]:
    """The first and the last day of each of a year's `count` equal parts."""
    month, day = YEAR_BEGINS
    months = [month - 1 + 12 * part // count for part in range(count + 1)]
    starts = [date(year + passed // 12, passed % 12 + 1, day) for passed in months]
    return tuple((first, then - timedelta(days=1)) for first, then in pairwise(starts))


def _row_finding(row: RowTally) -> Finding:
    met = row.required - row.short_by
    statement = f"{_CALLED[row.row]}: {met} of {row.required} met, {row.held} held, {row.planned} planned"
    if row.short_by == 0:
        return Finding(f"minimum/{row.row}", "R36", True, f"{statement}.")
    if row.forecast_short_by == 0:
        statement += f"; short by {row.short_by} unless the planned meetings are held"
    elif row.forecast_short_by < row.short_by:
        statement += f"; short by {row.short_by}, and by {row.forecast_short_by} if the planned meetings are held"
    else:
        statement += f"; short by {row.short_by}"
    remedies = []
    if row.unrecorded:
        remedies.append(f"Record whether {row.unrecorded} planned for a day that has passed took place.")
    if row.missed:
        remedies.append(f"{row.missed} cannot be made up for.")
    if row.due_on is not None:
        remedies.append(f"Hold the next by {row.due_on}.")
    return Finding(f"minimum/{row.row}", "R36", False, f"{statement}.", " ".join(remedies) or None)
