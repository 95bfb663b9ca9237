"""The log tells of what happens, and nothing that happens hangs on it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import pytest

from app.logs import AccessLog
from app.settings import Settings


def test_a_log_that_nobody_reads_any_more_fails_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    monkeypatch.setattr(sys, "stderr", stream)
    told = AccessLog(Settings())
    for number in range(3):
        told("GET", "/health/live", 200, 1.0, str(number), str(number))
    with pytest.raises(BrokenPipeError):
        stream.flush()
    with suppress(BrokenPipeError):
        stream.close()
