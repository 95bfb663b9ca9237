"""Working days in Scotland (§6): every day but weekends and bank holidays, which a maintained calendar knows."""

from datetime import date
from typing import Final

from holidays import country_holidays

SCOTLAND: Final = country_holidays("GB", subdiv="SCT")


def working_days_after(day: date, count: int) -> date:
    """The last of the `count` working days that follow `day`: what is due within five working days is due then."""
    return SCOTLAND.get_nth_working_day(day, count)
