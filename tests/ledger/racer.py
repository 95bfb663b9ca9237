"""A process that appends as fast as it can to streams that others append to as well, until `appends` were acknowledged.

Run as `python -m tests.ledger.racer SEED APPENDS`, with the DSN on standard input. Prints one JSON line of
{event id: position} for all that was acknowledged. Stale versions, repeated keys and lost connections are to be
expected.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from uuid import uuid4

import msgspec

from app.database import Database
from app.ledger.store import Append, Appended, Ledger, VersionConflict
from tests.ledger.support import Counted, insisting, opened_ledger, prepared

STREAMS = 12
AT_ONCE = 32


class Racer:
    """Appends to the shared streams of one ledger instance and keeps what was acknowledged."""

    def __init__(self, ledger: Ledger, seed: int) -> None:
        self.ledger = ledger
        self.random = random.Random(seed)
        self.versions: dict[str, int] = {}
        self.acknowledged: dict[str, int] = {}
        self.answered: list[tuple[Append, Appended]] = []
        self.conflicts = 0

    async def race(self, appends: int) -> None:
        """Acknowledge this many appends, many at once."""
        left = iter(range(appends))

        async def runner() -> None:
            for _ in left:
                await self.one()

        await asyncio.gather(*(runner() for _ in range(AT_ONCE)))

    async def one(self) -> None:
        while True:
            append, ids = self.invent()
            try:
                match self.random.randrange(10):
                    case 0:  # the same request twice at once, as an impatient client sends it
                        landed, again = await asyncio.gather(
                            insisting(self.ledger, append), insisting(self.ledger, append), return_exceptions=True
                        )
                        landed, again = (again, landed) if isinstance(landed, BaseException) else (landed, again)
                        if isinstance(landed, BaseException):
                            raise landed
                        assert not isinstance(again, Appended) or again.position == landed.position
                    case 1 if self.answered:  # an old request again
                        earlier, outcome = self.random.choice(self.answered)
                        again = await insisting(self.ledger, earlier)
                        assert (again.position, again.written, again.replayed) == (
                            outcome.position,
                            outcome.written,
                            True,
                        )
                        continue
                    case _:
                        landed = await insisting(self.ledger, append)
            except VersionConflict:
                self.conflicts += 1
                await self.look(append.expected[0][0])
                continue
            for back, identifier in enumerate(reversed(ids)):
                self.acknowledged[identifier] = landed.position - back
            stream, version = append.expected[0]
            self.versions[stream] = max(self.versions.get(stream, 0), version + len(ids))
            self.answered.append((append, landed))
            return

    def invent(self) -> tuple[Append, list[str]]:
        stream = f"tally/{self.random.randrange(STREAMS)}" if self.random.random() < 0.4 else f"tally/{uuid4()}"
        version = self.versions.get(stream, 0)
        ids = [str(uuid4()) for _ in range(self.random.choice((1, 1, 1, 2, 5)))]
        events = [prepared(stream, version + n, Counted(n), event_id=identifier) for n, identifier in enumerate(ids, 1)]
        return Append([(stream, version)], events, (), uuid4(), uuid4()), ids

    async def look(self, stream: str) -> None:
        found: dict[str, list[str]] | None = None
        while found is None:
            # Its connection may be killed; whatever that is called, the next one works.
            with contextlib.suppress(Exception):
                found = await self.ledger.streams({stream: 0})
        self.versions[stream] = len(found[stream])


async def main(seed: int, appends: int) -> None:
    async with opened_ledger(Database(sys.stdin.readline().strip())) as ledger:
        racer = Racer(ledger, seed)
        await racer.race(appends)
        print(msgspec.json.encode(racer.acknowledged).decode())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
