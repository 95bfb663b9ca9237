"""`docs/rules.md` names tests that exist, for every rule of the sources and every one that a refusal cites."""

import re
from pathlib import Path

import pytest

from app.domain.refusals import Refusal
from tests.domain.dsl import AGGREGATES

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "rules.md").read_text()
LISTED = {rule for row in re.findall(r"^\| ([^|]+) \|", TABLE, re.MULTILINE) for rule in row.split(", ")}
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TABLE)))


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda part: part.rsplit("/", 1)[-1])
def test_a_test_that_the_table_names_exists(path: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / path).read_text()


def test_every_rule_of_the_sources_stands_in_the_table() -> None:
    assert {f"R{number}" for number in range(1, 53)} <= LISTED


def test_every_rule_that_a_refusal_cites_stands_in_the_table() -> None:
    assert AGGREGATES  # importing them is what makes their refusals known
    ours = [refusal for refusal in Refusal.__subclasses__() if refusal.__module__.startswith("app.")]
    cited = {refusal.rule for refusal in ours if refusal.rule}
    assert cited <= LISTED, sorted(cited - LISTED)
