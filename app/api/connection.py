"""One client's connection. uvicorn reads the head of a request however long it is, and however long it takes, and waits
for ever for the rest of a body.

Here that ends. A head that came whole is judged by the edge, which can say more. And what is answered at one moment is
sent at once, where uvicorn sends the head of an answer before its body.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle, Transport
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.edge import HEAD_FIELDS, HEAD_TOO_LARGE, SECURITY_HEADERS
from app.api.problems import BAD_REQUEST, ProblemKind, problem_response

log = structlog.get_logger(__name__)

MOST_HELD = 48 * 1024
"""Bytes; more than the edge lets pass, so that it is the edge that refuses whatever is near the limit."""
PART = 4 * 1024
"""Bytes that the parser is given at once: what it holds is counted after each."""
HEAD_SECONDS = 10.0
BODY_SECONDS = 60.0
"""How long a client may send nothing of a body that is not whole. One that is slow takes as long as it takes."""
LINGER_SECONDS = 2.0
"""How long a refused client is listened to: to close at once would take the answer away from one still sending."""
SENT_TOGETHER = 16 * 1024
"""Bytes; what is larger than this is worth a call of its own."""


class Connection(HttpToolsProtocol):
    """uvicorn's protocol with a limit on the bytes and the time of a head, and on the trailers and pauses of a body."""

    body_seconds = BODY_SECONDS
    _in_head: bool
    _paused: bool
    _held: int
    """Bytes that came since the last whole head or piece of a body."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(Together(transport, self.loop))  # type: ignore[arg-type]  # as far as uvicorn uses one
        self._await_head()
        self._refused = False
        self._deadline: TimerHandle | None = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), PART):
            if self._refused or self.transport.is_closing():
                return
            part = data[start : start + PART]
            super().data_received(part)
            self._held += len(part)
            if self._held > MOST_HELD or len(self.headers) > HEAD_FIELDS:
                log.warning("connection.refused", reason="the header fields did not end")
                self._refuse()
        if not self._in_head:
            self._await_more()
        elif self._deadline is None and self._idle:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def on_headers_complete(self) -> None:
        self._in_head, self._held = False, 0
        self._end_wait()
        super().on_headers_complete()
        self.headers = []  # those of the head are with the application; what is counted from here on are trailers

    def on_body(self, body: bytes) -> None:
        self._held = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._end_wait()
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_wait()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self.transport.write(_answer(BAD_REQUEST))
        self.transport.close()

    def _await_head(self) -> None:
        self._in_head, self._held = True, 0
        self.headers = []

    def _await_more(self, *, paused: bool = False) -> None:
        """Give the client time anew for the next piece of the body; `paused`: nothing is read at present."""
        self._end_wait()
        self._paused = paused
        self._deadline = self.loop.call_later(self.body_seconds, self._give_up)

    def _give_up(self) -> None:
        if self._paused or self.flow.read_paused:  # it is the application that takes its time, or just did
            self._await_more(paused=self.flow.read_paused)
            return
        log.warning("connection.refused", reason="the body did not go on")
        self.transport.close()

    def _end_wait(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    @property
    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]  # None at first

    def _refuse(self) -> None:
        """Say that the head is too large, and listen no more."""
        self._refused = True
        if self._in_head and self._idle:  # else it would stand in or after another answer
            self.transport.write(_answer(HEAD_TOO_LARGE))
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


class Together:
    """A transport that sends what is written in one turn of the event loop with one call of the system: each call wakes
    the client, who could do nothing yet with a head alone."""

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._written: list[bytes] = []
        self._held = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(data)
        self._held += len(data)
        if self._held > SENT_TOGETHER:  # else a long answer would outrun the transport, which says when to pause
            self._send()

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._written:
            written, self._written, self._held = self._written, [], 0
            self._transport.write(written[0] if len(written) == 1 else b"".join(written))


def _answer(kind: ProblemKind) -> bytes:
    """The problem as it goes over the wire, for what never becomes a request that the edge could answer."""
    answer = problem_response(kind())
    headers = [*answer.raw_headers, *SECURITY_HEADERS, (b"connection", b"close")]
    fields = [b"%s: %s\r\n" % header for header in headers]
    return b"".join([STATUS_LINE[kind.status], *fields, b"\r\n", bytes(answer.body)])
