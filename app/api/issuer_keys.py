"""The public keys of whoever issues access tokens, read from an identity provider and kept while it is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

import httpx
import jwt
import structlog

from app.api.problems import problem_kind

log = structlog.get_logger(__name__)

Clock = Callable[[], float]
ALGORITHMS: Final = ("EdDSA", "RS256", "ES256")
KEYS_FRESH_SECONDS: Final = 600.0
KEYS_FETCH_INTERVAL: Final = 10.0  # tokens with invented key ids must not turn us against the issuer
KEYS_LIMIT: Final = 256 * 1024

ISSUER_UNAVAILABLE = problem_kind(
    503,
    "issuer-unavailable",
    "The identity provider's keys cannot be read",
    remedy="Send the same request again after Retry-After seconds.",
)


class Keys(Protocol):
    """Where the issuer's public keys come from."""

    async def key(self, kid: str | None) -> jwt.PyJWK | None:
        """The key of that id, or None if the issuer has no such key."""


class RemoteKeys:
    """The keys that an identity provider publishes, read again when they are old or a token names a new one."""

    def __init__(self, url: str, *, client: httpx.AsyncClient, clock: Clock = time.monotonic) -> None:
        self._url = url
        self._client = client
        self._clock = clock
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._lock = asyncio.Lock()

    async def key(self, kid: str | None) -> jwt.PyJWK | None:
        """See `Keys`. Raises `Problem` 503 if the answer hangs on keys that cannot be read."""
        if kid not in self._keys or self._is_old():
            async with self._lock:
                if (kid not in self._keys or self._is_old()) and self._may_try():
                    await self._fetch()
        if kid in self._keys:
            return self._keys[kid]
        if self._fetched is None or self._fetched != self._tried:
            # The last attempt failed: the token may well be signed by a key that we could not read.
            raise ISSUER_UNAVAILABLE(headers={"retry-after": str(int(KEYS_FETCH_INTERVAL))})
        return None

    def _is_old(self) -> bool:
        return self._fetched is None or self._clock() - self._fetched > KEYS_FRESH_SECONDS

    def _may_try(self) -> bool:
        return self._tried is None or self._clock() - self._tried >= KEYS_FETCH_INTERVAL

    async def _fetch(self) -> None:
        """Replace the keys. A failure keeps the old ones, so that an issuer's short outage locks nobody out."""
        now = self._tried = self._clock()
        try:
            response = await self._client.get(self._url, headers={"accept": "application/json"})
            response.raise_for_status()
            if len(response.content) > KEYS_LIMIT:
                raise ValueError("the key set is too large")
            self._keys = _usable(response.json()["keys"])
            self._fetched = now
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("the identity provider's keys cannot be read", error=type(error).__name__)


def _usable(documents: list[dict[str, Any]]) -> dict[str | None, jwt.PyJWK]:
    """The signing keys of a set. Others, and kinds that we do not know, are left out rather than fatal."""
    keys: dict[str | None, jwt.PyJWK] = {}
    for document in documents:
        if document.get("use", "sig") != "sig":
            continue
        try:
            key = jwt.PyJWK(document)
        except (jwt.PyJWTError, ValueError):
            continue
        if key.algorithm_name in ALGORITHMS:
            keys[document.get("kid")] = key
    return keys
