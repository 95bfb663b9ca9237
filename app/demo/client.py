"""The demonstration's HTTP client: tokens, idempotency keys, and patience with a service that is busy or restarts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx

from app.api.tokens import DevelopmentIssuer
from app.demo.steps import File, Person, Step

SERIES: Final = "demo"
PATIENCE_SECONDS: Final = 60.0
"""How long a request is repeated while the service does not answer, or asks to come again."""


class DemonstrationStopped(Exception):
    """The play cannot go on; the message says what was refused, and why."""


class Client:
    """Sends steps and reads answers.

    `names` holds what the service identified by itself, by the names that the steps gave it; `seen` is the highest
    ledger position that any answer told of.
    """

    def __init__(self, url: str, issuer: DevelopmentIssuer) -> None:
        self.url = url.rstrip("/")
        self.names: dict[str, str] = {}
        self.seen = 0
        self._issuer = issuer
        self._tokens: dict[Person, str] = {}
        # Loopback is no place for a proxy from the environment.
        self._http = httpx.AsyncClient(base_url=self.url, timeout=60, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def ready(self, seconds: float) -> None:
        """Wait until the service calls itself ready. Raises `DemonstrationStopped` when it has not by then."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                answer = await self._http.get("/health/ready")
                if answer.status_code == 200:
                    return
                said = f"answers {answer.status_code}"
            except httpx.TransportError as error:
                said = f"does not answer ({str(error) or type(error).__name__})"
            if time.monotonic() > deadline:
                raise DemonstrationStopped(f"the service at {self.url} {said} after {seconds:.0f} s; is it running?")
            await asyncio.sleep(0.1)

    async def send(self, step: Step) -> None:
        """Upload the step's files and send its command; what was done before changes nothing."""
        body = dict(step.body) | {"occurred_at": step.at.isoformat()}
        if step.files:
            uploaded = [await self._upload(step, file, number) for number, file in enumerate(step.files, 1)]
            body[step.attach] = uploaded[0] if step.attach == "attachment" else uploaded
        if step.plans:
            body["improvement_plans"] = [self.names[inspection] for inspection in step.plans]
        # The script's order decides, whatever the version: a stricter condition would only stand in a retry's way.
        headers = self._headers(step.who, step.key) | {"If-Match": "*"}
        answer = await self._request("POST", step.path.format_map(self.names), headers=headers, json=body)
        if step.creates:
            self.names[step.creates] = _last_part(answer)

    async def read(self, who: Person | None, path: str, **query: Any) -> dict[str, Any]:
        """One resource, or one page of a list. Nobody is the public."""
        headers = {} if who is None else self._headers(who)
        answer = await self._request("GET", path.format_map(self.names), headers=headers, params=query)
        body: dict[str, Any] = answer.json()
        return body

    async def items(self, who: Person, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every item of a list, page after page."""
        page = await self.read(who, path, limit=200, **query)
        found: list[dict[str, Any]] = page["items"]
        while page["next"]:
            page = await self.read(who, path, limit=200, cursor=page["next"], **query)
            found += page["items"]
        return found

    async def lines(self, who: Person, path: str, **query: Any) -> list[str]:
        """The lines of an answer in NDJSON."""
        headers = self._headers(who) | {"Accept": "application/x-ndjson"}
        return (await self._request("GET", path, headers=headers, params=query)).text.splitlines()

    async def _upload(self, step: Step, file: File, number: int) -> str:
        headers = self._headers(step.who, f"{step.key}/file-{number}") | {
            "Content-Type": file.media_type,
            "Content-Disposition": f'attachment; filename="{file.name}"',
        }
        path = f"/v1/areas/{step.area}/attachments"
        answer = await self._request("POST", path, headers=headers, content=file.content)
        return _last_part(answer)

    async def _request(
        self, method: str, path: str, *, headers: Mapping[str, str], params: Mapping[str, Any] | None = None,
        json: Any = None, content: bytes | None = None,
    ) -> httpx.Response:  # fmt: skip
        """Send, and send again while the service is busy, away or at the same request: the key makes that safe."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        pause = 0.1
        while True:
            try:
                answer = await self._http.request(
                    method, path, headers=dict(headers), params=params, json=json, content=content
                )
                if answer.is_success:
                    self.seen = max(self.seen, int(answer.headers.get("ledger-position", 0)))
                    return answer
                refused = _refusal(method, path, answer)
                if not _passing(answer):
                    raise refused
            except httpx.TransportError as error:
                refused = DemonstrationStopped(f"the service stopped answering: {str(error) or type(error).__name__}")
            if time.monotonic() > deadline:
                raise refused
            await asyncio.sleep(pause)
            pause = min(2 * pause, 1.0)

    def _headers(self, who: Person, key: str | None = None) -> dict[str, str]:
        if who not in self._tokens:
            self._tokens[who] = self._issuer.issue(who.role, who.areas, subject=who.subject)
        headers = {"Authorization": f"Bearer {self._tokens[who]}"}
        return headers if key is None else headers | {"Idempotency-Key": f"{SERIES}/{key}"}


def _last_part(answer: httpx.Response) -> str:
    """The identifier of what was created: the last part of its address."""
    return urlsplit(answer.headers["location"]).path.rpartition("/")[2]


def _passing(answer: httpx.Response) -> bool:
    """Whether the same request may succeed in a moment: 429, 503, or a first one with its key under way."""
    return answer.status_code in (429, 502, 503, 504) or "retry-after" in answer.headers


def _refusal(method: str, path: str, answer: httpx.Response) -> DemonstrationStopped:
    said: Sequence[str] = [answer.text[:500]]
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        problem = answer.json()
        faults = [
            f"{fault.get('pointer') or fault.get('parameter')} {fault['detail']}" for fault in problem.get("errors", [])
        ]
        said = [problem.get("code", ""), problem.get("title", ""), problem.get("detail") or "", *faults]
    return DemonstrationStopped(f"{method} {path}: {answer.status_code} {'; '.join(filter(None, said))}")
