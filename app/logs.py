"""Structured logs: one JSON object a line on standard error, or readable lines where a person is watching."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from app.settings import Settings

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class _Lenient:
    """A stream that loses what it cannot write. Whoever reads the log may go away or fill the disk, and what the log
    tells of is to go on all the same."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: Any) -> None:
        with suppress(OSError, ValueError):  # ValueError: it is closed
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def configure(settings: Settings) -> None:
    """Set up logging for this process."""
    level = LEVELS[settings.log_level]
    processors: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    text: Any = _Lenient(sys.stderr)
    lines: Any = _Lenient(sys.stderr.buffer)
    if sys.stderr.isatty():
        processors.append(structlog.dev.ConsoleRenderer())
        structlog.configure(
            processors=processors,
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=structlog.PrintLoggerFactory(text),
            cache_logger_on_first_use=True,
        )
        return
    processors += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_encode)]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(lines),
        cache_logger_on_first_use=True,
    )


class AccessLog:
    """One line for each request, written straight: structlog's processors would cost a twentieth of the request.

    A person at a terminal sees the lines at level debug only, for they would bury everything else.
    """

    def __init__(self, settings: Settings) -> None:
        level = LEVELS[settings.log_level]
        self._stream = _Lenient(sys.stderr.buffer)
        self._silent = level > (logging.DEBUG if sys.stderr.isatty() else logging.INFO)

    def __call__(self, method: str, path: str, status: int, ms: float, request_id: str, correlation_id: str) -> None:
        if not self._silent:
            line = _Line("request", "info", method, path, status, ms, request_id, correlation_id, datetime.now(UTC))
            self._stream.write(msgspec.json.encode(line) + b"\n")
            self._stream.flush()


class _Line(msgspec.Struct, frozen=True, gc=False):
    event: str
    level: str
    method: str
    path: str
    status: int
    ms: float
    request_id: str
    correlation_id: str
    timestamp: datetime


def _encode(event: object, **_options: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)
