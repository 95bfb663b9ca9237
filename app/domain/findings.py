"""What an explanation is made of: one rule, whether it holds for a state, and what would change that."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule asks of a state. `key` stays the same while the state changes, for instance
    `acceptance/uncovered/afi-3`; `remedy` says what would make it hold, and is None where it holds or nothing can."""

    key: str
    rule: str | None
    holds: bool
    statement: str
    remedy: str | None = None
