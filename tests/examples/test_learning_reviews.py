"""The example of the guide `adding-an-aggregate` is whole: laid over a copy of the house, with one line, it serves."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.people import Person
from tests.conftest import short_folder
from tests.service import Service, service_on_new_database

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "learning_reviews"
FILES = sorted(path.relative_to(EXAMPLE) for path in EXAMPLE.rglob("*.py"))
GUIDE = (ROOT / "docs" / "guides" / "adding-an-aggregate.md").read_text()
LINE = '    "learning_reviews",\n'
AREA, ELSEWHERE = "S12000033", "S12000049"
NOTICE = {"committee": "child-protection-committee", "grounds": "What has happened"}


@pytest.fixture(scope="module")
def house() -> Iterator[Path]:
    """A copy of the house with the example's files in their rooms and its line in `app/features.py`."""
    with short_folder() as copy:
        for folder in ("app", "alembic", "tests"):
            shutil.copytree(ROOT / folder, copy / folder)
        for kept in ("alembic.ini", "pyproject.toml"):
            shutil.copy(ROOT / kept, copy / kept)
        for file in FILES:
            assert not (copy / file).exists()
            shutil.copy(EXAMPLE / file, copy / file)
        features = copy / "app" / "features.py"
        before, last, after = features.read_text().partition('    "liaison",\n')
        features.write_text(before + last + LINE + after)
        yield copy


@pytest.fixture(scope="module")
def enlarged(house: Path, server_dsn: str, template: str) -> Iterator[Service]:
    """The service of that house; what it is made of comes from there and not from the folder of this run."""
    where = {"PYTHONPATH": str(house), "PYTHONSAFEPATH": "1"}
    with service_on_new_database(server_dsn, template, "scrutiny_example", **where) as running:
        yield running


def run(house: Path, program: str, *arguments: str) -> str:
    """What a program of the environment prints in that house; it must succeed."""
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    done = subprocess.run(command, cwd=house, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def test_the_guide_shows_the_examples_files_and_its_line_to_the_letter() -> None:
    shown = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    assert sorted(shown) == sorted((EXAMPLE / file).read_text() for file in FILES)
    assert f"```diff\n+{LINE}```" in GUIDE
    assert [str(file) for file in FILES if f"`{file}`" not in GUIDE] == []


def test_a_command_a_read_a_list_and_a_history_are_served(enlarged: Service) -> None:
    cswo, inspector = Person(enlarged, "cswo", AREA), Person(enlarged, "link-inspector", AREA)
    notified = cswo.do(f"/v1/areas/{AREA}/learning-reviews", NOTICE, seen=None)
    path = f"/v1/areas/{AREA}/learning-reviews/{notified['learning_review']}"
    assert cswo.do(f"{path}/reports", {})["reported_on"] is not None
    state = inspector.read(path)
    assert (state["version"], state["committee"], state["grounds"]) == (2, NOTICE["committee"], NOTICE["grounds"])
    (action,) = cswo.read(path)["allowed_actions"]
    assert (action["action"], action["code"]) == ("report-learning-review", "learning-review-already-reported")
    assert inspector.read(path, version=1)["reported_on"] is None
    assert [row["learning_review"] for row in inspector.read("/v1/learning-reviews")["items"]] == [
        notified["learning_review"]
    ]
    history = inspector.get(f"{path}/history")
    assert [event["type"] for event in history.json()["items"]] == [
        "learning-review.notified",
        "learning-review.reported",
    ]
    assert NOTICE["grounds"] not in history.text


def test_it_is_nobody_elses_and_refuses_what_is_not_allowed(enlarged: Service) -> None:
    cswo, inspector = Person(enlarged, "cswo", AREA), Person(enlarged, "link-inspector", AREA)
    notified = cswo.do(f"/v1/areas/{AREA}/learning-reviews", NOTICE, seen=None)
    path = f"/v1/areas/{AREA}/learning-reviews/{notified['learning_review']}"
    stranger = Person(enlarged, "link-inspector", ELSEWHERE)
    assert stranger.get(path).status_code == 404
    assert stranger.read("/v1/learning-reviews")["items"] == []
    assert inspector.post(f"{path}/reports", {}).json()["code"] == "role-not-allowed"
    early = cswo.post(f"{path}/reports", {"occurred_at": "2024-01-01T09:00:00Z"})
    assert (early.status_code, early.json()["code"]) == (422, "dates-out-of-order")
    cswo.do(f"{path}/reports", {})
    another = cswo.post(f"{path}/reports", {"occurred_at": "2024-01-01T09:00:00Z"})
    assert (another.status_code, another.json()["code"]) == (409, "learning-review-already-reported")


def test_the_openapi_document_describes_it(enlarged: Service) -> None:
    document = Person(enlarged).read("/openapi.json")
    described = {
        f"{method} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if operation["tags"] == ["Learning reviews"]
    }
    one = "/v1/areas/{area}/learning-reviews/{learning_review}"
    assert described == {
        "post /v1/areas/{area}/learning-reviews", f"get {one}", f"get {one}/history", f"get {one}/diff",
        f"post {one}/reports", "get /v1/learning-reviews",
    }  # fmt: skip
    assert document["components"]["schemas"]["NotifyLearningReview"]["required"] == ["committee", "grounds"]


def test_the_houses_own_checks_take_it_in_by_themselves(house: Path) -> None:
    assert run(house, "python", "-m", "tests.events.golden").split() == [
        "wrote", "learning-review.notified.v1.json", "wrote", "learning-review.reported.v1.json",
    ]  # fmt: skip
    checks = [f"tests/domain/test_{name}.py" for name in ("learning_reviews", "every_aggregate", "independence")]
    checks.append("tests/events/test_stored_contract.py")
    tested = run(house, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "learning", *checks)
    assert re.search(r"^[0-9]+ passed", tested, re.MULTILINE)
    assert "0 broken" in run(house, "lint-imports", "--no-cache")
