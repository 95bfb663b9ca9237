"""The page that shows the API: the service gives all of it, and lets the browser load nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import urlsplit

import pytest

from tests.api.people import Person
from tests.service import Service

MEDIA = {"css": "text/css", "js": "text/javascript", "png": "image/png"}


@pytest.fixture
def page(shared_service: Service) -> str:
    answer = Person(shared_service).get("/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return answer.text


@pytest.fixture
def policy(shared_service: Service) -> dict[str, list[str]]:
    """The page's Content-Security-Policy: what may be loaded, and from where."""
    told = Person(shared_service).get("/docs").headers["content-security-policy"]
    return {kind: sources for kind, *sources in (directive.split() for directive in told.split(";"))}


def test_all_that_the_page_loads_is_answered_by_the_service(shared_service: Service, page: str) -> None:
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert {urlsplit(address).path.rpartition(".")[2] for address in loaded} == MEDIA.keys()
    for address in loaded:
        assert urlsplit(address).netloc == "", f"{address} is elsewhere"
        answer = Person(shared_service).get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(MEDIA[address.rpartition(".")[2]])


def test_the_browser_may_load_nothing_from_elsewhere(policy: dict[str, list[str]]) -> None:
    assert policy["default-src"] == ["'none'"]
    for kind, sources in policy.items():
        assert all(re.fullmatch(r"'none'|'self'|'sha256-[\w+/=]+'|data:", source) for source in sources), kind
    assert "data:" not in policy["script-src"]


def test_the_only_script_in_the_page_is_one_that_the_policy_knows(page: str, policy: dict[str, list[str]]) -> None:
    (script,) = re.findall(r"<script>(.+?)</script>", page)
    assert '"/openapi.json"' in script
    assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy["script-src"]


def test_no_other_page_of_the_framework_is_left(shared_service: Service) -> None:
    for path in ("/redoc", "/docs/oauth2-redirect", "/docs/assets/nothing.js"):
        answer = Person(shared_service).get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
