"""How often a caller may ask: a token bucket for each, in the memory of this process.

A bucket is one number, the moment at which it will be full again. A full one is as good as none: it is forgotten.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address

from starlette.types import Scope

from app.api.problems import TOO_MANY_REQUESTS

SECOND = 10**9
MOST_CALLERS = 10_000
"""How many have a bucket, twice over: if more come within a minute, the earliest of them begin anew."""


class Quotas:
    """`per_minute` requests for each caller, all at once if they like; then they come back evenly. 0: no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._step = 60 * SECOND // per_minute if per_minute else 0
        self._whole = self._step * per_minute
        self._policy = (b"ratelimit-policy", b'"caller";q=%d;w=60' % per_minute)
        # Whoever is in neither has not asked for as long as a bucket takes to fill.
        self._recent: dict[str | bytes, int] = {}
        self._earlier: dict[str | bytes, int] = {}
        self._turn = 0

    def charge(self, scope: Scope, subject: str | None) -> None:
        """Count the request to the subject of its token, or else to the address that it came from, and let its answer
        tell what is left. Raises a 429 problem when nothing is."""
        step = self._step
        if not step:
            return
        caller = subject or _network(scope["client"][0] if scope["client"] else "")
        now = self._clock()
        if now >= self._turn or len(self._recent) >= MOST_CALLERS:
            self._earlier, self._recent, self._turn = self._recent, {}, now + self._whole
        full_at = self._recent.get(caller) or self._earlier.get(caller, 0)
        missing = full_at - now + step if full_at > now else step
        left = (self._whole - missing) // step
        seconds = (missing - 1) % step // SECOND + 1  # until one more comes back, rounded up
        told = b'"caller";r=%d;t=%d' % (left if left > 0 else 0, seconds)
        scope["state"]["quota"] = (self._policy, (b"ratelimit", told))
        if left < 0:
            raise TOO_MANY_REQUESTS(
                f"At most {self._per_minute} a minute are answered.", headers={"retry-after": str(seconds)}
            )
        self._recent[caller] = now + missing


@lru_cache(MOST_CALLERS)
def _network(host: str) -> bytes:
    """What one caller without a token can be known by: an IPv4 address, or the /64 that is the least one is given."""
    try:
        address = ip_address(host)
    except ValueError:
        return b""
    return (getattr(address, "ipv4_mapped", None) or address).packed[:8]
