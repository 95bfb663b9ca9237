"""What the service is doing when it is killed: workers that send commands, and an auditor who follows the feed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from tests.reliability.victim import PAUSE, Service

WORKERS = 12
SEALED_NAME = "Name under seal {}"


@dataclass
class Order:
    """One command with its idempotency key, the one event that it must cause, and where that was acknowledged to be."""

    path: str
    body: dict[str, Any]
    stream: str
    type: str
    update: bool = False
    key: str = field(default_factory=lambda: str(uuid4()))
    position: int | None = None
    sent: int = 0


class Load:
    """Workers that send commands one after another, each until it is answered."""

    def __init__(self, service: Service, headers: dict[str, str]) -> None:
        self.service = service
        self.headers = headers
        self.orders: list[Order] = []
        self.statuses: Counter[int] = Counter()
        self.surprises: list[str] = []
        self.acknowledged = 0
        self.ending = False
        self._milestone: tuple[int, asyncio.Event] | None = None

    async def run(self) -> None:
        async with (
            httpx.AsyncClient(base_url=self.service.url, timeout=30, trust_env=False, headers=self.headers) as client,
            asyncio.TaskGroup() as group,
        ):
            for worker in range(WORKERS):
                group.create_task(self._work(client, plan(worker)))

    async def more(self, acknowledged: int) -> None:
        """Return when so many more commands have been acknowledged."""
        reached = asyncio.Event()
        self._milestone = (self.acknowledged + acknowledged, reached)
        await reached.wait()

    async def _work(self, client: httpx.AsyncClient, orders: Iterator[Order]) -> None:
        for order in orders:
            if self.ending:
                return
            self.orders.append(order)
            while order.position is None:
                await self._send(client, order)

    async def _send(self, client: httpx.AsyncClient, order: Order) -> None:
        order.sent += 1
        headers = {"idempotency-key": order.key} | ({"if-match": "*"} if order.update else {})
        try:
            answer = await client.post(order.path, json=order.body, headers=headers)
        except httpx.TransportError:
            await self.service.up.wait()
            await asyncio.sleep(PAUSE)
            return
        self.statuses[answer.status_code] += 1
        if answer.status_code in (200, 201):
            order.position = int(answer.headers["ledger-position"])
            self.acknowledged += 1
            if self._milestone is not None and self.acknowledged >= self._milestone[0]:
                self._milestone[1].set()
        elif answer.status_code == 500:
            # A kill may make the service unavailable, never surprised.
            self.surprises.append(f"{order.path}: {answer.text}\n{self.service.last_words()}")
            await asyncio.sleep(PAUSE)
        elif answer.status_code > 500 or answer.status_code in (409, 429):
            await asyncio.sleep(PAUSE)  # it could not say; the same request with the same key will find out
        else:
            raise AssertionError(f"{order} was answered {answer.status_code}: {answer.text}")


def plan(worker: int) -> Iterator[Order]:
    """Commands that each cause exactly one event, of which every second one depends on the one before it."""
    for number in count(worker, WORKERS):
        code, area = f"S37{number:06}", f"S12{number:06}"
        body: dict[str, Any] = {
            "code": code,
            "name": f"Partnership {number}",
            "health_board": "S08000020",
            "areas": [area],
        }
        yield Order("/v1/partnerships", body, f"partnership/{code}", "partnership.registered")
        body = {"model": "body-corporate", "starts_on": "2016-04-01"}
        path = f"/v1/partnerships/{code}/integration-models"
        yield Order(path, body, f"partnership/{code}", "partnership.integration-model-set", update=True)
        body = {"code": area, "name": f"Area \\ {number} – “ü”", "partnership": code}
        yield Order("/v1/areas", body, f"area/{area}", "area.registered")
        person = {"person": f"p-{number}", "name": SEALED_NAME.format(number), "starts_on": "2024-04-01"}
        body = {"designation": "chief-social-work-officer", **person}
        yield Order(
            f"/v1/areas/{area}/contact-appointments", body, f"area/{area}", "area.contact-appointed", update=True
        )


class Follower:
    """An auditor who follows the feed and keeps every line, counting only lines that came whole."""

    def __init__(self, service: Service, headers: dict[str, str]) -> None:
        self.service = service
        self.headers = headers | {"accept": "application/x-ndjson"}
        self.lines: list[bytes] = []
        self.broken_off = 0
        self._goal: int | None = None

    async def follow(self) -> None:
        """Pull until the goal is reached."""
        async with httpx.AsyncClient(base_url=self.service.url, timeout=30, trust_env=False) as client:
            while self._goal is None or len(self.lines) < self._goal:
                try:
                    await self._pull(client)
                except httpx.TransportError:
                    self.broken_off += 1
                    await self.service.up.wait()
                await asyncio.sleep(PAUSE)

    def end_at(self, position: int) -> None:
        self._goal = position

    async def _pull(self, client: httpx.AsyncClient) -> None:
        query = {"after": len(self.lines), "limit": 500, "timeout": 5}
        async with client.stream("GET", "/v1/feed", params=query, headers=self.headers) as answer:
            if answer.status_code != 200:
                text = (await answer.aread()).decode()
                assert answer.status_code >= 500, f"the feed answered {answer.status_code}: {text}"
                return
            rest = b""
            async for chunk in answer.aiter_bytes():
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    position = msgspec.json.decode(line)["position"]
                    assert position == len(self.lines) + 1, f"the feed went from {len(self.lines)} to {position}"
                    self.lines.append(line)
