"""A load generator for HTTP/1.1 on the loopback: raw sockets kept alive, one request in flight on each, little CPU.

Every answer must carry a Content-Length or have no body; streamed answers are not for this tool. Run it in a process of
its own: `generator_cpu` near 1 says that the generator, and not the server, was the limit.
"""

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import uvloop

from benchmarks.peers.figures import percentile

BODILESS = frozenset({204, 304})


class Response(NamedTuple):
    status: int
    head: bytes  # status line and headers, as they came
    body: bytes

    def header(self, name: str) -> bytes | None:
        """The value of one header; None when it is missing."""
        wanted = name.lower().encode() + b":"
        for line in self.head.split(b"\r\n")[1:]:
            if line[: len(wanted)].lower() == wanted:
                return line[len(wanted) :].strip()
        return None


# (connection, how many it has sent before, the answer to the last one) → the bytes of the next request.
Requests = Callable[[int, int, Response | None], bytes]


def request(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of one request, with Host and Content-Length filled in."""
    lines = [f"{method} {path} HTTP/1.1", "host: localhost"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Run:
    """What all connections of one run share: the requests, the clock and what was counted."""

    def __init__(self, requests: Requests, begin: float, end: float) -> None:
        self.requests, self.begin, self.end = requests, begin, end
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()


class _Connection(asyncio.Protocol):
    def __init__(self, number: int, run: _Run) -> None:
        self.number, self.run = number, run
        self.sent = 0
        self.buffer = b""
        self.head_end = self.expected = -1  # where the headers and the whole answer end; -1 is not known yet
        self.status = 0
        self.started = 0.0
        self.transport: Any = None
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self, previous: Response | None) -> None:
        data = self.run.requests(self.number, self.sent, previous)
        self.sent += 1
        self.started = time.perf_counter()
        self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        buffer = self.buffer = self.buffer + data if self.buffer else data
        if self.expected < 0 and not self._measure(buffer):
            return
        if len(buffer) < self.expected:
            return
        now = time.perf_counter()
        run = self.run
        if run.begin <= now <= run.end:
            run.latencies.append(now - self.started)
            run.statuses[self.status] += 1
        answer = Response(self.status, buffer[: self.head_end], buffer[self.head_end + 4 :])
        self.buffer, self.expected = b"", -1
        if now >= run.end:
            self.transport.close()
        else:
            self.send(answer)

    def _measure(self, buffer: bytes) -> bool:
        """Find the end of the headers and the length of the whole answer; False while the headers are not complete."""
        self.head_end = buffer.find(b"\r\n\r\n")
        if self.head_end < 0:
            return False
        self.status = int(buffer[9:12])
        head = buffer[: self.head_end].lower() + b"\r\n"
        at = head.find(b"\r\ncontent-length:")
        if at >= 0:
            length = int(head[at + 17 : head.find(b"\r\n", at + 17)])
        elif self.status in BODILESS:
            length = 0
        else:
            raise ValueError(f"an answer with no Content-Length: {head!r}")
        self.expected = self.head_end + 4 + length
        return True

    def connection_lost(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if time.perf_counter() < self.run.end:
            self.done.set_exception(error or ConnectionError("the server closed the connection"))
        else:
            self.done.set_result(None)


async def load(
    requests: Requests,
    connections: int,
    seconds: float,
    *,
    host: str = "127.0.0.1",
    port: int,
    warm_up: float = 0.5,
) -> dict[str, Any]:
    """Send what `requests` gives on each connection for `warm_up` + `seconds`, and count the answers of the latter."""
    loop = asyncio.get_running_loop()
    begin = time.perf_counter() + warm_up
    run = _Run(requests, begin, begin + seconds)
    opened = [
        (await loop.create_connection(lambda n=number: _Connection(n, run), host, port))[1]  # type: ignore[misc]
        for number in range(connections)
    ]
    cpu = time.process_time()
    started = time.perf_counter()
    for connection in opened:
        connection.send(None)
    try:
        async with asyncio.timeout(warm_up + seconds + 10):
            await asyncio.gather(*(connection.done for connection in opened))
    finally:
        for connection in opened:
            connection.transport.abort()
    used = (time.process_time() - cpu) / (time.perf_counter() - started)
    ordered = sorted(run.latencies)
    return {
        "connections": connections,
        "requests_per_second": round(len(ordered) / seconds, 1),
        "p50_ms": round(percentile(ordered, 0.5) * 1000, 3),
        "p99_ms": round(percentile(ordered, 0.99) * 1000, 3),
        "statuses": {str(status): count for status, count in sorted(run.statuses.items())},
        "generator_cpu": round(used, 2),
    }


def from_template(method: str, path: str, headers: dict[str, str], body: str) -> Requests:
    """Requests from text in which {n} is a number of its own for each request, {connection} the connection's number
    and {etag} the ETag of the answer before."""
    fixed = not any(mark in f"{path}{headers}{body}" for mark in ("{n}", "{connection}", "{etag}"))
    whole = request(method, path, headers, body.encode())

    def fill(text: str, connection: int, n: int, etag: str) -> str:
        return (
            text.replace("{n}", f"{connection}{n:09d}").replace("{connection}", str(connection)).replace("{etag}", etag)
        )

    def requests(connection: int, n: int, previous: Response | None) -> bytes:
        if fixed:
            return whole
        etag = (previous.header("etag") if previous else None) or b""
        values = (connection, n, etag.decode())
        filled = {name: fill(value, *values) for name, value in headers.items()}
        return request(method, fill(path, *values), filled, fill(body, *values).encode())

    return requests


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="http://127.0.0.1:PORT/PATH; {n}, {connection} and {etag} are filled in")
    parser.add_argument("--method", default="GET")
    parser.add_argument("--header", action="append", default=[], help="Name: value; marks are filled in")
    parser.add_argument("--body", type=Path, help="a file; marks are filled in")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    url = urlsplit(options.url)
    path = url.path + (f"?{url.query}" if url.query else "")
    headers = {name: value.strip() for name, _, value in (header.partition(":") for header in options.header)}
    requests = from_template(options.method, path, headers, options.body.read_text() if options.body else "")
    figures = load(
        requests, options.connections, options.seconds, host=url.hostname or "127.0.0.1", port=url.port or 80
    )
    print(json.dumps({"name": f"{options.method} {url.path}", **uvloop.run(figures)}))


if __name__ == "__main__":
    main()
