"""Three rounds of `tests.reliability.kill`: the service is killed once, its PostgreSQL twice; nothing is missing."""

from __future__ import annotations

from pathlib import Path

from tests.reliability.kill import play


async def test_nothing_that_was_acknowledged_is_lost_or_doubled_by_a_kill(data_folder: Path) -> None:
    report = await play(rounds=3, seed=7, data=data_folder)
    assert (report.lost, report.doubled) == ([], [])
    assert report.found == report.acknowledged > 100
    assert report.repeated  # the kills came in the middle of something
