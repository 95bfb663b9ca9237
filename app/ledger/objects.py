"""Files' content, outside the database, in a store of the installation's choice.

Each file lies under a name of its own and never shares its bytes with an equal one, so that it can be destroyed alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import IO

import obstore
from obstore.store import from_url

PART_BYTES = 256 * 1024


class ObjectStore:
    """A folder, or a bucket at S3, Azure or Google: whatever the URL names."""

    def __init__(self, url: str) -> None:
        self._store = from_url(url, mkdir=True) if url.startswith("file:") else from_url(url)

    async def put(self, content: IO[bytes], name: str) -> None:
        """Store a file under a name that no other has."""
        await obstore.put_async(self._store, name, content)

    async def get(self, name: str) -> AsyncIterator[bytes]:
        """The stored bytes in parts. Raises FileNotFoundError."""
        found = await obstore.get_async(self._store, name)
        async for part in found.stream(PART_BYTES):
            yield bytes(part)

    async def stored(self) -> AsyncIterator[tuple[str, datetime]]:
        """The name of each file, and when it was stored."""
        async for page in obstore.list(self._store):
            for found in page:
                yield found["path"], found["last_modified"]

    async def stored_at(self, name: str) -> datetime:
        """When a file was stored last. Raises FileNotFoundError."""
        found = await obstore.head_async(self._store, name)
        return found["last_modified"]

    async def delete(self, name: str) -> None:
        """Destroy a file's bytes, if they are there."""
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, name)
