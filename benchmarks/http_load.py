"""The whole HTTP command and the single read, against a bare FastAPI route with one statement and no sign-in.

Our command is a survey response: token, quota, validation, idempotency key, If-Match, decision on three streams,
append, read model, read-your-writes. Each connection works on a participation of its own. One worker each; same
PostgreSQL.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from app.api.tokens import DevelopmentIssuer
from benchmarks.peers.figures import DATA, METADATA
from benchmarks.peers.load import Response, load, request

AREAS = Path(__file__).parent.parent / "app" / "demo" / "data" / "areas.csv"
UNLIMITED = {"SCRUTINY_RATE_LIMIT": "1000000000"}
"""Each request is counted, and none refused."""
WHEN = "2024-09-02T09:00:00Z"
ANNOUNCEMENT = {
    "stem": "How well?",
    "questions": ["Question"],
    "purposes": ["Purpose"],
    "service_areas": ["adults"],
    "methods": ["staff-survey"],
    "starts": "2024-07",
    "ends": "2024-12",
    "report_due": "2025-03-17",
    "legal_basis": "s.53",
    "occurred_at": "2024-07-01T09:00:00Z",
}


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str], port: int, path: str) -> Iterator[str]:
    """A server as a process of its own, from its first good answer on; ended with SIGTERM."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
        base = f"http://127.0.0.1:{port}"
        try:
            for _ in range(300):
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(base + path).status_code < 500:
                        break
                time.sleep(0.1)
            else:
                log.seek(0)
                raise RuntimeError(log.read().decode()[-3000:])
            yield base
        finally:
            process.terminate()
            process.wait(30)


class Service:
    """Our service with two reviews under way, so that 64 connections each have a participation."""

    def __init__(self, base: str, port: int, data: Path) -> None:
        self.port = port
        issuer = DevelopmentIssuer(data)
        self.team = issuer.issue("lead-inspector", subject="benchmark-inspector")
        keeper = issuer.issue("administrator", subject="benchmark-records")
        self.participations: list[str] = []
        with httpx.Client(base_url=base, timeout=30) as client:
            self._prepare(client, keeper)

    def _prepare(self, client: httpx.Client, keeper: str) -> None:
        rows = list(csv.DictReader(AREAS.open()))
        codes = [row["gss_code"] for row in rows]
        for row in rows:
            body = {"code": row["gss_code"], "name": row["name"], "partnership": row["hscp_code"]}
            self._post(client, "/v1/areas", body, keeper)
        for number in (1, 2):
            announced = self._post(
                client,
                "/v1/reviews",
                ANNOUNCEMENT | {"title": f"Review {number}", "areas": codes},
            )
            review = f"/v1/reviews/{announced['review']}"
            window = {"opens_on": "2024-08-19", "closes_on": "2024-10-04", "occurred_at": "2024-07-01T09:00:00Z"}
            self._post(client, f"{review}/survey-windows", window)
            for code in codes:
                body = {"recipients": [code], "occurred_at": "2024-07-15T09:00:00Z"}
                self._post(client, f"{review}/participations/{code}/notifications", body)
                self.participations.append(f"{review}/participations/{code}")

    def _post(self, client: httpx.Client, path: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token or self.team}", "idempotency-key": str(uuid4()), "if-match": "*"}
        answer = client.post(path, json=body, headers=headers)
        answer.raise_for_status()
        created: dict[str, Any] = answer.json()
        return created

    def command(self, connection: int, number: int, previous: Response | None) -> bytes:
        """The next response to this connection's survey return, on the version that the last answer gave."""
        tag = previous.header("etag") if previous is not None else None
        if previous is not None and previous.status != 200:
            raise RuntimeError(previous.body.decode())
        key = str(uuid4())
        body = f'{{"response":"{key}","staff_group":"frontline-social-work","occurred_at":"{WHEN}"}}'.encode()
        headers = {
            "authorization": f"Bearer {self.team}",
            "content-type": "application/json",
            "idempotency-key": key,
            "if-match": tag.decode() if tag else "*",
        }
        return request("POST", self.participations[connection] + "/survey-return/responses", headers, body)

    def read(self, connection: int, number: int, previous: Response | None) -> bytes:
        """The participation, whole."""
        headers = {"authorization": f"Bearer {self.team}"}
        return request("GET", self.participations[connection], headers)

    def revalidate(self, connection: int, number: int, previous: Response | None) -> bytes:
        """The participation, with the ETag that the last answer gave: 304 from the second one on."""
        headers = {"authorization": f"Bearer {self.team}"}
        tag = previous.header("etag") if previous is not None else None
        if tag is not None:
            headers["if-none-match"] = tag.decode()
        return request("GET", self.participations[connection], headers)


def bare_insert(connection: int, number: int, previous: Response | None) -> bytes:
    """The bare route's POST: a body of our event's size, one INSERT."""
    body = f'{{"data":{DATA},"metadata":{METADATA}}}'.encode()
    return request("POST", "/insert", {"content-type": "application/json"}, body)


def bare_read(connection: int, number: int, previous: Response | None) -> bytes:
    """The bare route's GET: one SELECT by key."""
    return request("GET", "/item/1")


def compare(create_database: Callable[[str], str], rounds: int, seconds: float) -> list[dict[str, Any]]:
    """Interleaved rounds of ours and the bare route; one figure a round, contender and number of connections."""
    ours, theirs = create_database("http_ours"), create_database("http_bare")
    ports = free_port(), free_port()
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        serve = [
            sys.executable,
            "-m",
            "app.cli",
            "serve",
            "--port",
            str(ports[0]),
            "--data",
            folder,
            "--database-url",
            ours,
        ]
        bare = [sys.executable, "-m", "benchmarks.peers.bare_fastapi", "--uri", theirs, "--port", str(ports[1])]
        with running(serve, UNLIMITED, ports[0], "/health/ready") as base, running(bare, {}, ports[1], "/hello"):
            service = Service(base, ports[0], data)
            asyncio.run(load(bare_insert, 1, 0.2, port=ports[1]))
            for _ in range(rounds):
                for connections in (16, 64):
                    for name, make, port in (
                        ("command", service.command, ports[0]),
                        ("bare insert", bare_insert, ports[1]),
                        ("read", service.read, ports[0]),
                        ("revalidate", service.revalidate, ports[0]),
                        ("bare select", bare_read, ports[1]),
                    ):
                        figure = asyncio.run(load(make, connections, seconds, port=port))
                        figures.append({"name": name, "connections": connections, **figure})
    return figures


if __name__ == "__main__":
    from benchmarks import pg

    for line in compare(pg.start()["create_database"], int(sys.argv[1]), float(sys.argv[2])):
        print(json.dumps(line), flush=True)
