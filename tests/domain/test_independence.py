"""No aggregate imports another: what a decision needs of another stream is passed in as facts.

The names of the files tell what belongs together, so a new aggregate, or the parts of one that outgrew its file, need
no line here. Refusals are free to all: what is refused for the same reason is told in the same words.
"""

import ast
from pathlib import Path

import pytest

import app.domain
from tests.domain.dsl import AGGREGATES

FILES = {path.stem: path for path in Path(app.domain.__path__[0]).glob("*.py")}
NAMES = sorted((module.__name__.removeprefix("app.domain.") for module in AGGREGATES), key=len)


def owner(module: str) -> str | None:
    """The aggregate that the module is, or is a part of: `participation_state` of `participations`; None if it is
    shared by all."""
    stem = module.rpartition("_")[0]
    return module if module in NAMES else next((name for name in NAMES if stem and name.startswith(stem)), None)


def imported(module: str) -> set[str]:
    """The modules of the domain that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(FILES[module].read_text())):
        if isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name.removeprefix("app.domain.") for name in found} & FILES.keys()


@pytest.mark.parametrize("module", sorted(FILES))
def test_no_aggregate_imports_another_and_what_is_shared_imports_none(module: str) -> None:
    foreign = {name for name in imported(module) if owner(name) not in (None, owner(module))}
    assert {name for name in foreign if not name.endswith("_refusals")} == set()


def test_a_part_belongs_to_the_aggregate_whose_name_it_begins_with() -> None:
    assert owner("participation_state") == owner("participations") == "participations"
    assert owner("engagement_tally") == "engagement_years"
    assert owner("self_evaluation_refusals") == "self_evaluations"
    assert owner("self_evaluation_exercises") == "self_evaluation_exercises"
    assert {owner("working_days"), owner("obligations"), owner("commands")} == {None}
    assert {"participation_state", "participation_commands", "obligations"} <= imported("participations")
