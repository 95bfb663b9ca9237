"""The feed: the whole ledger by position, as far as the reader's sharing agreements disclose it.

Every pull is itself recorded before its first byte leaves. It names no aggregate: kinds map to event types by table.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress

import asyncpg
from starlette.types import Receive, Scope, Send

from app.api.disclosure import Grant, Shared, grants_of, record
from app.api.problems import NOT_ACCEPTABLE, RETRY_SECONDS, problem_kind
from app.api.reads import integer
from app.api.requests import ClientGone, Headers, Request
from app.api.services import Services
from app.api.tokens import Caller
from app.events.sharing_agreements import SharingPullRecorded
from app.ledger.events import event_type
from app.ledger.feed import Disclosure, copy_lines, count_disclosed

NDJSON, BATCH = b"application/x-ndjson", b"application/cloudevents-batch+json"
BATCH_LIMIT, PARTNER_LIMIT, STREAM_LIMIT = 1_000, 10_000, 1_000_000
LONGEST_POLL = 55
STALLED_SECONDS = 30.0
"""How long a reader may take nothing of a stream before it gives up its database connection."""
LENDING_SECONDS = 1.0
"""How long a reader waits for a connection to stream from, and how long one may take to be fit for the next reader."""
BEYOND_HEAD = problem_kind(
    422,
    "position-beyond-head",
    "The ledger does not reach that far",
    remedy="Follow from the position of your last pull; one beyond the end belongs to another ledger.",
)
NO_AGREEMENT = problem_kind(
    403,
    "no-agreement-in-force",
    "No sharing agreement in force today lets you pull the feed",
    remedy="Ask the Care Inspectorate's records officer for an agreement, or for its renewal.",
)
BUSY = problem_kind(
    503,
    "feed-busy",
    "As many readers as may stream the feed at once are doing so",
    remedy=f"Repeat after Retry-After seconds, or accept {BATCH.decode()}, which is not limited so.",
)
STREAMS_IN_USE = problem_kind(
    429,
    "feed-streams-in-use",
    "You are streaming the feed as often at once as one caller may",
    remedy=f"Read one of your streams to its end, or hang up; or accept {BATCH.decode()}, which is not limited so.",
)
_NEWS = "SELECT EXISTS (SELECT FROM ledger_events WHERE position > $1 AND position <= $2 AND type <> $3)"


class FeedEndpoint:
    """ASGI application for GET /v1/feed."""

    def __init__(self, services: Services, shared: Shared) -> None:
        self.services, self.shared = services, shared
        # One caller has half of the connections at most, so that no one keeps the others from theirs.
        self.share = max(1, services.settings.feed_pool_size // 2)
        self.streaming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller()
        query = request.query(("after", "limit", "timeout"))
        media = _media(request)
        grants = await self._grants(request, caller)
        disclosure = _union(grants)
        cap = BATCH_LIMIT if media == BATCH else PARTNER_LIMIT if disclosure else STREAM_LIMIT
        after = integer(query, "after", 0, 2**62) or 0
        limit = integer(query, "limit", 1, cap) or 100
        timeout = integer(query, "timeout", 0, LONGEST_POLL) or 0
        head = self.services.tail.head
        if after > head:
            # Another process may have appended what this one has not heard of yet.
            head = await self.services.ledger.head()
        if after > head:
            raise BEYOND_HEAD(errors=[{"parameter": "after", "detail": f"at most {head}"}])
        through = await self._examine(request, after, limit, timeout, disclosure)
        if timeout and disclosure is not None:
            # An agreement may have ended while the reader waited.
            grants = await self._grants(request, caller)
            disclosure = _union(grants)
        headers: Headers = [
            (b"ledger-position", b"%d" % max(head, through)),
            (b"feed-next", b"%d" % through),
            (b"link", f'<{request.path}?after={through}&limit={limit}>; rel="next"'.encode()),
            (b"vary", b"Accept, Authorization"),
        ]
        # A full page never changes for a reader under the same agreements.
        full = through == after + limit
        headers.append((b"cache-control", b"private, max-age=31536000, immutable" if full else b"private, no-store"))
        async with AsyncExitStack() as lent:
            connection = None
            if media == NDJSON and through > after:
                # Before the pull is recorded, for a reader who is sent away has been shown nothing.
                lent.enter_context(self._stream_of(caller))
                connection = await lent.enter_async_context(self._connection())
            await self._record_pull(request, caller, grants, after, through)
            if media == BATCH:
                await self._answer_batch(request, after, through, disclosure, headers)
            else:
                await self._stream(request, connection, after, through, disclosure, headers)

    async def _grants(self, request: Request, caller: Caller) -> list[Grant]:
        grants = await grants_of(request, caller, self.shared)
        if not grants:
            raise NO_AGREEMENT()
        return grants

    async def _examine(
        self, request: Request, after: int, limit: int, timeout: int, disclosure: Disclosure | None
    ) -> int:
        """The position to answer up to: at once if anything is there to show, else when something comes, time is up or
        the service stops."""
        deadline = asyncio.get_running_loop().time() + timeout
        tail = self.services.tail
        examined = after
        while True:
            through = max(after, min(tail.head, after + limit))
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 or through == after + limit or self.services.stopping.is_set():
                return through
            if through > examined and await self._has_news(examined, through, disclosure):
                return through
            examined = through
            await self._wait(request, through, left)

    async def _has_news(self, after: int, through: int, disclosure: Disclosure | None) -> bool:
        async with self.services.ledger.pool.acquire() as connection:
            if disclosure is not None:
                return await count_disclosed(connection, after, through, disclosure) > 0
            # Each pull is an event: one that counted as news would end the reader's own next wait at once, for ever.
            found: bool = await connection.fetchval(_NEWS, after, through, event_type(SharingPullRecorded).name)
            return found

    async def _wait(self, request: Request, position: int, seconds: float) -> None:
        """Wait until the ledger grows, time is up or the service stops. Raises ClientGone if the reader hangs up."""
        grown = asyncio.ensure_future(self.services.tail.beyond(position, seconds))
        stopped = asyncio.ensure_future(self.services.stopping.wait())
        gone = asyncio.ensure_future(_hangs_up(request))
        waiting = (grown, stopped, gone)
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                raise ClientGone
        finally:
            for task in waiting:
                task.cancel()

    async def _record_pull(
        self, request: Request, caller: Caller, grants: list[Grant], after: int, through: int
    ) -> None:
        pulls = []
        for grant in grants:
            async with self.services.ledger.pool.acquire() as connection:
                shown = await count_disclosed(connection, after, through, grant.disclosure)
            pulls.append(SharingPullRecorded(grant.agreement, grant.body, grant.purpose, after, through, shown))
        await record(request, caller, pulls)

    async def _answer_batch(
        self, request: Request, after: int, through: int, disclosure: Disclosure | None, headers: Headers
    ) -> None:
        chunks: list[bytes] = []

        async def collect(chunk: bytes) -> None:
            chunks.append(chunk)

        if through > after:
            async with self.services.ledger.pool.acquire() as connection:
                await copy_lines(connection, after, through, disclosure, self.services.source, collect)
        lines = b"".join(chunks).rstrip(b"\n").replace(b"\n", b",")
        await request.answer(200, b"[%s]" % lines, headers, BATCH)

    @contextmanager
    def _stream_of(self, caller: Caller) -> Iterator[None]:
        """Count a stream of the caller's while it lasts. Raises a 429 problem beyond their share."""
        if self.streaming[caller.subject] >= self.share:
            raise STREAMS_IN_USE(f"At most {self.share} at once.", headers={"retry-after": str(RETRY_SECONDS)})
        self.streaming[caller.subject] += 1
        try:
            yield
        finally:
            self.streaming[caller.subject] -= 1
            self.streaming += Counter()  # drops those who have none

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection to stream from, of the few that are kept for it: slow readers hold one for as long as they read,
        and must not keep anybody else waiting for theirs."""
        pool = self.services.feed_pool
        try:
            connection = await pool.acquire(timeout=LENDING_SECONDS)
        except TimeoutError:
            raise BUSY(headers={"retry-after": str(RETRY_SECONDS)}) from None
        try:
            yield connection
        finally:
            # A copy cut off while its lines came in leaves the driver out of step; the pool then closes the connection
            # and says so, which is nobody's concern.
            with suppress(Exception):
                await pool.release(connection, timeout=LENDING_SECONDS)

    async def _stream(
        self,
        request: Request,
        connection: asyncpg.Connection | None,
        after: int,
        through: int,
        disclosure: Disclosure | None,
        headers: Headers,
    ) -> None:
        """Stream the lines; no connection, no lines. A client that hangs up ends the query at once."""
        headers.append((b"content-type", NDJSON))
        await request.send({"type": "http.response.start", "status": 200, "headers": headers})

        async def forward(chunk: bytes) -> None:
            try:
                async with asyncio.timeout(STALLED_SECONDS):
                    await request.send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                raise ClientGone from None

        if connection is not None:
            copying = asyncio.ensure_future(
                copy_lines(connection, after, through, disclosure, self.services.source, forward)
            )
            gone = asyncio.ensure_future(_hangs_up(request))
            # Cancelled, the driver asks the server to cancel the query. To close the connection would not end it: the
            # server notices only when it has something to write.
            gone.add_done_callback(lambda _: copying.cancel())
            try:
                await copying
            except asyncio.CancelledError:
                if gone.done():
                    raise ClientGone from None
                raise
            finally:
                gone.cancel()
        await request.send({"type": "http.response.body", "body": b"", "more_body": False})


def _union(grants: list[Grant]) -> Disclosure | None:
    """All that the grants disclose together; None is everything."""
    parts = [grant.disclosure for grant in grants]
    return None if None in parts else Disclosure(frozenset().union(*(part.grants for part in parts if part)))


async def _hangs_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _media(request: Request) -> bytes:
    accept = (request.header(b"accept") or "*/*").lower()
    if NDJSON.decode() in accept or "application/ndjson" in accept:
        return NDJSON
    if BATCH.decode() in accept or "*/*" in accept or "application/*" in accept:
        return BATCH
    raise NOT_ACCEPTABLE("Accept application/x-ndjson or application/cloudevents-batch+json.")
