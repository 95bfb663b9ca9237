"""Each kind of command, once with whatever may go wrong around it: the person is told what to do, nothing is recorded
that should not be, what comes twice is recorded once, and what comes again with something changed is never lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.api.tokens import DevelopmentIssuer
from app.demo.client import Client
from app.demo.play import play_areas
from app.demo.review_script import TEAM
from tests.api.document import DOCUMENT
from tests.demo.further_steps import AREAS, DUNDEE, FURTHER
from tests.demo.variations import variations
from tests.service import Service

COMMANDS: dict[str, Any] = {path: methods["post"] for path, methods in DOCUMENT["paths"].items() if "post" in methods}
PATTERNS = {path: re.compile(re.sub(r"{\w+}", "[^/]+", path)) for path in sorted(COMMANDS, key=lambda p: p.count("{"))}
NEVER = '"999999999"'
"""The ETag of a version that nothing here comes to."""
Headers = Mapping[str, str]
Mishap = tuple[int, str, Headers, Mapping[str, Any], Any]
"""The status and code that answer it, its headers, parameters and body."""
Variation = tuple[str, Mapping[str, Any], list[Any] | None]
"""What is changed, the body with that alone changed, and the events that it would record; None if it is refused."""


def command_of(url: str) -> str:
    """The path of the OpenAPI document that a request is meant for."""
    path = urlsplit(url).path
    return next(known for known, pattern in PATTERNS.items() if pattern.fullmatch(path))


def takes(command: str, header: str) -> bool:
    """Whether a command has this header."""
    return any(parameter["name"] == header for parameter in COMMANDS[command]["parameters"])


def takes_json(command: str) -> bool:
    """Whether its body is JSON, and not a file: what may go wrong with those, tests/api/test_bad_files.py tries."""
    return "application/json" in COMMANDS[command]["requestBody"]["content"]


def mishaps(command: str, headers: Headers, body: Mapping[str, Any]) -> Iterator[Mishap]:
    """What may be wrong with a request that is right but for that."""

    def without(name: str) -> Headers:
        return {header: value for header, value in headers.items() if header != name}

    yield 401, "token-missing", without("Authorization"), {}, body
    yield 400, "idempotency-key-missing", without("Idempotency-Key"), {}, body
    yield 422, "invalid-parameters", headers, {"surplus": "1"}, body
    yield 422, "invalid-body", headers, {}, {**body, "surplus": 1}
    yield 422, "invalid-body", headers, {}, {**body, "occurred_at": "2999-01-01T00:00:00Z"}
    yield 422, "invalid-body", headers, {}, {**body, "occurred_at": "2024-01-01T00:00:00"}
    yield 422, "invalid-body", headers, {}, []
    for field in body:
        yield 422, "invalid-body", headers, {}, {**body, field: {"surplus": []}}
    if takes(command, "If-Match"):
        yield 428, "if-match-missing", without("If-Match"), {}, body
        yield 412, "etag-not-ours", {**headers, "If-Match": "latest"}, {}, body
        yield 412, "stale-version", {**headers, "If-Match": NEVER}, {}, body


def told(events: Sequence[Any]) -> list[Any]:
    """What their sender told of events. Which improvement plans stand on an agenda, the service reads itself."""
    carries = "engagement-year.agenda-set"
    return [{**e, "data": {**e["data"], "improvement_plans": []}} if e["type"] == carries else e for e in events]


class Unlucky(Client):
    """A client on whom, the first time that it sends a command of a kind, everything is tried that may go wrong.

    It sends one request at a time, so that whatever is recorded is its own.
    """

    def __init__(self, url: str, issuer: DevelopmentIssuer) -> None:
        super().__init__(url, issuer)
        self.met: set[str] = set()
        self.faults: list[str] = []
        self.lost: list[str] = []
        self._turn = asyncio.Lock()

    async def _request(
        self, method: str, path: str, *, headers: Mapping[str, str], params: Mapping[str, Any] | None = None,
        json: Any = None, content: bytes | None = None,
    ) -> httpx.Response:  # fmt: skip
        async with self._turn:
            command = "" if json is None else command_of(path)
            first = bool(command) and command not in self.met
            rehearsed: dict[str, Any] = {}
            others: list[Variation] = []
            if first:
                self.met.add(command)
                rehearsed = await self._before(command, path, headers, json)
                others = await self._otherwise(command, path, headers, json)
            answer = await super()._request(method, path, headers=headers, params=params, json=json, content=content)
            if first:
                await self._after(command, path, headers, json, rehearsed, answer)
                await self._again(command, path, headers, rehearsed["events"], others)
            return answer

    async def _before(self, command: str, path: str, headers: Headers, body: Mapping[str, Any]) -> dict[str, Any]:
        """Whatever can be wrong, then a rehearsal of the right one, whose answer it gives; none of it is recorded."""
        held = await self._head()
        for status, code, changed, params, sent in mishaps(command, headers, body):
            answer = await self._post(path, changed, sent, **params)
            problem = answer.json()
            if (answer.status_code, problem.get("code")) != (status, code):
                self.faults.append(f"{command}: {answer.status_code} {problem}, and not {status} {code}, for {sent}")
            elif not (problem.get("detail") or problem.get("remedy") or problem.get("errors")):
                self.faults.append(f"{command}: {code} tells nobody what to do")
        rehearsal = await self._post(path, headers, body, dry_run="true")
        if rehearsal.status_code != 200 or not rehearsal.json()["events"]:
            self.faults.append(f"{command}: the rehearsal is refused, or records nothing: {rehearsal.text}")
        if await self._head() != held:
            self.faults.append(f"{command}: something that was refused or rehearsed is recorded")
        found: dict[str, Any] = rehearsal.json()
        return found

    async def _after(
        self, command: str, path: str, headers: Headers, body: Mapping[str, Any], rehearsed: Mapping[str, Any],
        answer: httpx.Response,
    ) -> None:  # fmt: skip
        """What was recorded is what was rehearsed, and recorded once, however often the request comes."""
        held = await self._head()
        if answer.json()["version"] != rehearsed["version"] + len(rehearsed["events"]):
            self.faults.append(f"{command}: at version {answer.json()['version']} after {rehearsed}")
        for again in await asyncio.gather(*(self._post(path, headers, body) for _ in range(3))):
            if again.status_code == 409 and again.json()["code"] == "idempotency-key-in-flight":
                continue
            if (again.is_success, again.json()) != (True, answer.json()) or "idempotent-replayed" not in again.headers:
                self.faults.append(f"{command}: repeated, it answers {again.status_code} {again.text}")
        other = await self._post(path, headers, {**body, "occurred_at": "2024-01-01T00:00:00Z"})
        if other.is_success or await self._head() != held:
            self.faults.append(f"{command}: its key records another request, or the same one twice")

    async def _otherwise(self, command: str, path: str, headers: Headers, body: Mapping[str, Any]) -> list[Variation]:
        """The request with one thing in it changed at a time, and what each would record in its place."""
        schema = COMMANDS[command]["requestBody"]["content"]["application/json"]["schema"]
        return [
            (name, changed, await self._rehearsed(path, headers, changed)) for name, changed in variations(schema, body)
        ]

    async def _again(
        self, command: str, path: str, headers: Headers, recorded: Sequence[Any], others: Sequence[Variation]
    ) -> None:
        """After it, each of the others is recorded or refused, but never answered as if it said the same."""
        another = {**headers, "Idempotency-Key": f"{headers['Idempotency-Key']}/again"}
        for name, changed, would_record in others:
            says_more = would_record is None or any(event not in told(recorded) for event in told(would_record))
            if says_more and await self._rehearsed(path, another, changed) == []:
                self.lost.append(f"{command}: {name} of {changed}")

    async def _rehearsed(self, path: str, headers: Headers, body: Mapping[str, Any]) -> list[Any] | None:
        """The events that a request would record; None if it is refused."""
        answer = await self._post(path, headers, body, dry_run="true")
        return answer.json()["events"] if answer.is_success else None

    async def _post(self, path: str, headers: Headers, body: Any, **params: Any) -> httpx.Response:
        return await self._http.post(path, headers=dict(headers), params=params, json=body)

    async def _head(self) -> int:
        return int((await self._http.get("/health/ready")).json()["head"])


@pytest.fixture(scope="module")
def unlucky(shared_service: Service) -> Unlucky:
    """A client that has played the script, and then sent what the script does not."""

    async def played() -> Unlucky:
        async with Unlucky(shared_service.url, DevelopmentIssuer(shared_service.data)) as client:
            await play_areas(client, AREAS, lambda _stage, _step: None)
            part = await client.read(TEAM, f"/v1/reviews/{{review}}/participations/{DUNDEE}")
            client.names["returned-file"] = part["documents"][0]["attachments"][0]
            for step in FURTHER:
                await client.send(step)
        return client

    return asyncio.run(played())


def test_whatever_goes_wrong_around_a_command_is_told_and_nothing_of_it_recorded(unlucky: Unlucky) -> None:
    assert unlucky.faults == []


def test_what_comes_again_with_something_changed_is_recorded_or_refused_and_never_lost(unlucky: Unlucky) -> None:
    assert unlucky.lost == []


def test_every_command_was_tried_but_for_the_uploads_of_files(unlucky: Unlucky) -> None:
    assert unlucky.met == set(filter(takes_json, COMMANDS))
