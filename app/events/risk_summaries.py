"""What can happen to the risk summary of an area and year, which scrutiny partners are shown once it is approved (§8).

A stored contract: add, never edit. Themes, levels and trends are *policy*: no source states a scale.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import ConfigDict

from app.ledger.events import Event, Sealed, event

RiskTheme = Literal[
    "performance-and-quality",
    "public-protection",
    "leadership-and-governance",
    "workforce",
    "finance",
    "integration",
    "service-capacity",
    "capacity-for-improvement",
]
RiskLevel = Literal["low", "medium", "high"]
RiskTrend = Literal["new", "rising", "steady", "falling"]


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk, in codes. `low` is watched at the usual meetings, `medium` wants attention beyond them, `high` may call
    for scrutiny or support; one that is `new` had no level before."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    theme: RiskTheme
    level: RiskLevel
    trend: RiskTrend


@event("risk-summary.drafted", version=1)
class RiskSummaryDrafted(Event, frozen=True):
    """The link inspector's next version; without risks, none was found that is worth telling."""

    version: int
    risks: tuple[Risk, ...]
    drafted_on: date
    summary: Sealed[str]


@event("risk-summary.put-forward", version=1)
class RiskSummaryPutForward(Event, frozen=True):
    version: int
    put_forward_on: date


@event("risk-summary.sent-back", version=1)
class RiskSummarySentBack(Event, frozen=True):
    version: int
    sent_back_on: date
    reason: Sealed[str]


@event("risk-summary.approved", version=1)
class RiskSummaryApproved(Event, frozen=True):
    """Approved for sharing. It says again what the version holds in codes, since partners are shown no drafts."""

    version: int
    risks: tuple[Risk, ...]
    approved_on: date


@event("risk-summary.withdrawn", version=1)
class RiskSummaryWithdrawn(Event, frozen=True):
    """The approved version is shared no longer, and no earlier one in its place."""

    version: int
    withdrawn_on: date
    reason: Sealed[str]
