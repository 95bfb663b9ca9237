"""Working days in Scotland, whose bank holidays are not England's (§6)."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from app.domain.working_days import working_days_after


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2024, 8, 19), 5, date(2024, 8, 26)),  # a bank holiday in England, none in Scotland
        (date(2024, 8, 2), 1, date(2024, 8, 6)),  # Scotland's is at the beginning of August
        (date(2024, 12, 31), 1, date(2025, 1, 3)),  # 2 January
        (date(2024, 11, 29), 1, date(2024, 12, 3)),  # St Andrew's Day was a Saturday, so the Monday is free
        (date(2026, 6, 12), 1, date(2026, 6, 16)),  # proclaimed for one year only
        (date(2025, 4, 17), 2, date(2025, 4, 22)),  # Good Friday; Easter Monday is a working day
        (date(2025, 5, 10), 5, date(2025, 5, 16)),  # from a Saturday
    ],
)
def test_working_days_leave_out_weekends_and_scotlands_bank_holidays(day: date, count: int, due: date) -> None:  # §6
    assert working_days_after(day, count) == due


@for_all(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(1, 20))
def test_one_working_day_more_is_the_next_working_day(day: date, count: int) -> None:  # §6
    due = working_days_after(day, count)
    assert due.weekday() < 5
    assert due >= day + timedelta(days=count)
    assert working_days_after(due, 1) == working_days_after(day, count + 1)
