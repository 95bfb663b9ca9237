"""The tail of the ledger in one process: how far it reaches, how far the read models are, and waiting for either.

Appends of this process are known at once; those of others arrive by LISTEN/NOTIFY, sent after the commit and at most
once at a time, so that no append ever waits for a notification.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import asyncpg
import msgspec
import structlog

_APPENDED, _PROJECTED = "ledger_appended", "ledger_projected"
_BACKOFF = 1.0
_FAULTS_CHARACTERS = 1_000
"""How much of the faults' texts is told: a notification holds 8,000 bytes, and a character can take six."""
_LOOK_SECONDS = 5.0
"""After so long without news the tail looks for itself: a notification may be lost, or the database gone silently."""
_HEAD = "SELECT coalesce(max(position), 0) FROM ledger_events"
_TELLING_SECONDS = 0.005
"""The least time between two notifications: under load, one tells of many appends."""
log = structlog.get_logger()


class Tail:
    """`head`: the last position known here. `reflected`: the position that the read models have passed."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self._connect = connect
        self.head = 0
        self.reflected = 0
        self.faults: Mapping[str, str] = {}
        self.connected = False
        self._appended = asyncio.Event()
        self._waiting: dict[asyncio.Future[bool], int] = {}
        self._news: dict[str, str] = {}
        self._announced: str | None = None  # what this process told as the leader, until it hears of another
        self._has_news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="ledger-tail")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def appended(self, position: int) -> None:
        """This process appended up to `position`."""
        self._grow(position)
        # Batches overlap, so their positions may be told out of order: what is told is the head.
        self._tell(_APPENDED, str(self.head))

    def projected(self, position: int, faults: Mapping[str, str]) -> None:
        """This process leads; its read models have passed `position`, and `faults` names those that stopped."""
        room = _FAULTS_CHARACTERS // max(1, len(faults))
        told = {name: fault[:room] for name, fault in faults.items()}
        self._announced = msgspec.json.encode([position, told]).decode()
        if position > self.reflected or told != self.faults:
            self._reflect(position, told)
            self._tell(_PROJECTED, self._announced)

    async def beyond(self, position: int, timeout: float | None = None) -> bool:
        """Wait until the ledger reaches beyond `position`; False when `timeout` seconds passed before."""
        try:
            async with asyncio.timeout(timeout):
                while self.head <= position:
                    await self._appended.wait()
        except TimeoutError:
            return False
        return True

    async def reflects(self, position: int, timeout: float) -> bool:
        """Wait until the read models have passed `position`; False when `timeout` seconds passed before."""
        if self.reflected >= position:
            return True
        loop = asyncio.get_running_loop()
        passed: asyncio.Future[bool] = loop.create_future()
        self._waiting[passed] = position
        expiry = loop.call_later(timeout, _resolve, passed, False)
        try:
            return await passed
        finally:
            expiry.cancel()
            self._waiting.pop(passed, None)

    def _grow(self, position: int) -> None:
        if position > self.head:
            self.head = position
            self._appended.set()
            self._appended = asyncio.Event()

    def _reflect(self, position: int, faults: Mapping[str, str]) -> None:
        self.reflected, self.faults = max(position, self.reflected), faults
        for passed in [passed for passed, wanted in self._waiting.items() if wanted <= position]:
            del self._waiting[passed]
            _resolve(passed, True)

    def _tell(self, channel: str, payload: str) -> None:
        self._news[channel] = payload
        self._has_news.set()

    async def _run(self) -> None:
        while True:
            connection: asyncpg.Connection | None = None
            try:
                connection = await self._connect()
                # A process that only reads would never notice that it hears nothing any more.
                connection.add_termination_listener(lambda _lost: self._has_news.set())
                await connection.add_listener(_APPENDED, self._heard)
                await connection.add_listener(_PROJECTED, self._heard)
                # What was told before the listening began is read from the tables.
                head = await connection.fetchval(_HEAD)
                reflected = await connection.fetchval("SELECT coalesce(min(position), 0) FROM ledger_checkpoints")
                self._grow(head)
                self._reflect(reflected, self.faults)
                self.connected = True
                self._tell(_APPENDED, str(self.head))
                while not connection.is_closed():
                    try:
                        async with asyncio.timeout(_LOOK_SECONDS):
                            await self._has_news.wait()
                    except TimeoutError:
                        self._grow(await connection.fetchval(_HEAD, timeout=_LOOK_SECONDS))
                    self._has_news.clear()
                    news, self._news = self._news, {}
                    for channel, payload in news.items():
                        await connection.execute("SELECT pg_notify($1, $2)", channel, payload)
                    await asyncio.sleep(_TELLING_SECONDS)
                raise ConnectionError("the database closed the connection")
            except Exception as error:  # noqa: BLE001  # a tail that ended would keep everybody waiting for ever
                log.warning("tail.interrupted", error=f"{type(error).__name__}: {error}")
                self.connected = False
                await asyncio.sleep(_BACKOFF)
            finally:
                if connection is not None:
                    connection.terminate()

    def _heard(self, connection: asyncpg.Connection, pid: int, channel: str, payload: object) -> None:
        if pid == connection.get_server_pid():
            return  # said by this process, and may be old news by now
        if channel == _APPENDED:
            if int(str(payload)) <= self.head and self._announced is not None:
                # Nothing new: somebody has just begun to listen, and does not know how far the read models are.
                self._tell(_PROJECTED, self._announced)
            self._grow(int(str(payload)))
        else:
            self._announced = None
            position, faults = msgspec.json.decode(str(payload), type=tuple[int, dict[str, str]])
            self._reflect(position, faults)


def _resolve(future: asyncio.Future[bool], result: bool) -> None:
    if not future.done():
        future.set_result(result)
