"""Attachments' content, outside the database under its SHA-256, in a store of the installation's choice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import IO

import obstore
from obstore.store import from_url

PART_BYTES = 256 * 1024


class ObjectStore:
    """A folder, or a bucket at S3, Azure or Google: whatever the URL names."""

    def __init__(self, url: str) -> None:
        self._store = from_url(url, mkdir=True) if url.startswith("file:") else from_url(url)

    async def put(self, content: IO[bytes], digest: str) -> None:
        """Store a file under the SHA-256 of its bytes, hexadecimal. The same content again is stored once."""
        await obstore.put_async(self._store, self._path(digest), content)

    async def get(self, digest: str) -> AsyncIterator[bytes]:
        """The stored bytes in parts. Raises FileNotFoundError."""
        found = await obstore.get_async(self._store, self._path(digest))
        async for part in found.stream(PART_BYTES):
            yield bytes(part)

    def _path(self, digest: str) -> str:
        return f"{digest[:2]}/{digest}"
