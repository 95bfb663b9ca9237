"""Every day of fifty years against a calendar that is worked out here by the rules themselves (§6, §9).

It knows lengths of months, leap years, summer time and Scotland's bank holidays, and asks no library for them.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from app.domain import inspections
from app.domain.improvement_plan_monitoring import discussions
from app.domain.inspections import PublishInspectionReport
from app.domain.obligations import Obligation, deadline, london_day, status
from app.domain.working_days import working_days_after
from app.events.inspections import AreaForImprovementRecorded, InspectionOpened, LinkInformationContributed
from app.events.obligations import ObligationRaised
from app.ledger.events import Sealed
from tests.domain.dsl import ABERDEEN, ABERDEEN_PARTNERSHIP, fold

FIRST_YEAR, YEARS = 2024, 50
PROCLAIMED = {date(2026, 6, 15)}
"""Bank holidays of one year only: a new one is added here when the calendar that the service uses knows it."""


def lengths(year: int) -> tuple[int, ...]:
    """Of the months of a year."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def month_of(year: int, month: int) -> list[date]:
    return [date(year, month, day) for day in range(1, lengths(year)[month - 1] + 1)]


# Two years more, for what becomes due in them.
CALENDAR = [
    day for year in range(FIRST_YEAR, FIRST_YEAR + YEARS + 2) for month in range(1, 13) for day in month_of(year, month)
]
DAYS = [day for day in CALENDAR if day.year < FIRST_YEAR + YEARS]
PLACE = {day: number for number, day in enumerate(CALENDAR)}


def mondays(year: int, month: int) -> list[date]:
    return [day for day in month_of(year, month) if day.weekday() == 0]


def easter(year: int) -> date:
    """By the Gregorian computus."""
    century, of_century = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def bank_holidays(year: int) -> set[date]:
    """Scotland's: what falls on a weekend, or on another of them, is made up for on the next working day."""
    free = {easter(year) - timedelta(days=2), mondays(year, 5)[0], mondays(year, 5)[-1], mondays(year, 8)[0]}
    for month, of_month in ((1, 1), (1, 2), (11, 30), (12, 25), (12, 26)):
        day = date(year, month, of_month)
        while day.weekday() > 4 or day in free:
            day += timedelta(days=1)
        free.add(day)
    return free | {day for day in PROCLAIMED if day.year == year}


def end_of(day: date) -> datetime:
    """Midnight in London: summer time runs from the last Sunday of March to that of October, 01:00 UTC to 01:00 UTC."""
    following = CALENDAR[PLACE[day] + 1]
    begins, ends = ([each for each in month_of(following.year, month) if each.weekday() == 6][-1] for month in (3, 10))
    summer = begins < following <= ends
    return datetime(following.year, following.month, following.day, tzinfo=UTC) - timedelta(hours=int(summer))


def test_every_deadline_of_fifty_years_ends_at_midnight_in_london() -> None:  # §6, §9
    assert len(DAYS) == 18_263
    for day in DAYS:
        end, owed = end_of(day), Obligation("a", "b", "A plan", day, day)
        assert deadline(day) == end
        assert (status(owed, end - timedelta(microseconds=1)), london_day(end - timedelta(microseconds=1))) == (
            "open",
            day,
        )
        assert (status(owed, end), london_day(end)) == ("overdue", CALENDAR[PLACE[day] + 1])


def test_a_plan_is_owed_on_the_forty_second_day_after_publication_on_any_day_of_fifty_years() -> None:  # R47, §9
    before = date(FIRST_YEAR - 1, 12, 1)
    inspection = fold(
        inspections,
        InspectionOpened("Adult support", ABERDEEN_PARTNERSHIP, (ABERDEEN,), "lead-7", "Inspector", before),
        AreaForImprovementRecorded("reviews", "key-processes", "high", before, Sealed("Improve.")),
        LinkInformationContributed(ABERDEEN, "inspector-1", before),
    )
    known = inspections.Facts(partnership_areas=frozenset({ABERDEEN}))
    for published_on, due_on in zip(DAYS, islice(CALENDAR, 42, None), strict=False):
        _, owed = inspections.decide(PublishInspectionReport("The report"), inspection, known, published_on)
        assert isinstance(owed, ObligationRaised)
        assert owed.due_on == due_on


def test_progress_is_discussed_six_and_twelve_months_after_any_day_of_fifty_years() -> None:  # R52
    for accepted_on in DAYS:
        months = accepted_on.month + 6
        half = month_of(accepted_on.year + (months > 12), months - 12 if months > 12 else months)
        whole = month_of(accepted_on.year + 1, accepted_on.month)
        due = [
            event.due_on
            for event in discussions(ABERDEEN_PARTNERSHIP, accepted_on)
            if isinstance(event, ObligationRaised)
        ]
        assert due == [[day for day in month if day.day <= accepted_on.day][-1] for month in (half, whole)]


def test_ten_working_days_of_any_day_of_fifty_years_leave_out_weekends_and_bank_holidays() -> None:  # R20, §6
    free = set().union(*(bank_holidays(year) for year in range(FIRST_YEAR, FIRST_YEAR + YEARS + 1)))
    working = [day for day in CALENDAR if day.weekday() < 5 and day not in free]
    for day in DAYS:
        assert working_days_after(day, 10) == working[bisect_right(working, day) + 9]
