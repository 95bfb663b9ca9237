"""What scrutiny partners may be told of the risks in an area in a year, once a service manager approves it (R39, §8).

One version at a time is before the service manager, and one at a time is shared: the one approved last, until it is
withdrawn. Sealed text cannot be compared with the record, so versions are numbered, and what has a reason is said once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from app.domain import risk_summary_refusals as refused
from app.domain.acting import Actor
from app.domain.commands import command
from app.domain.numbering import comes_next
from app.domain.postings import Posting, require_link_inspector
from app.domain.refusals import in_order, refuse
from app.events.fields import Reason, Text
from app.events.risk_summaries import (
    Risk,
    RiskSummaryApproved,
    RiskSummaryDrafted,
    RiskSummaryPutForward,
    RiskSummarySentBack,
    RiskSummaryWithdrawn,
)
from app.ledger.events import Event, Sealed

VersionNumber = Annotated[
    int, Field(ge=1, le=1000, description="Versions are numbered from 1", json_schema_extra={"format": "int32"})
]
Status = Literal["drafted", "put-forward", "sent-back", "approved", "superseded", "withdrawn"]
UNDECIDED: Final = ("drafted", "put-forward")


@command
class DraftRiskSummary:
    """Draft the next version: the risks, each theme once, and what is to be known of them; a revision is one (R39)."""

    version: VersionNumber
    risks: Annotated[tuple[Risk, ...], Field(max_length=20, description="Empty: none that is worth telling")]
    summary: Text


@command
class PutForwardRiskSummary:
    """Put the current version before the service manager, to be approved for sharing (§8)."""

    version: VersionNumber


@command
class SendRiskSummaryBack:
    """Send the version that was put forward back to the link inspector, with the reason (§8)."""

    version: VersionNumber
    reason: Reason


@command
class ApproveRiskSummary:
    """Approve the version that was put forward for sharing; one approved before is superseded (§8)."""

    version: VersionNumber


@command
class WithdrawRiskSummary:
    """Withdraw the approved version, with the reason: partners are shown none until another is approved (§8)."""

    version: VersionNumber
    reason: Reason


Command: TypeAlias = (
    DraftRiskSummary | PutForwardRiskSummary | SendRiskSummaryBack | ApproveRiskSummary | WithdrawRiskSummary
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Whose summary it is, who the link inspectors are, where one acts, and who asks."""

    area: str
    link_inspectors: tuple[Posting, ...] = ()
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `decided_on` is when it was approved or sent back, `reason` why it was sent back or withdrawn."""

    number: int
    risks: tuple[Risk, ...]
    summary: Sealed[str]
    drafted_on: date
    status: Status = "drafted"
    put_forward_on: date | None = None
    decided_on: date | None = None
    withdrawn_on: date | None = None
    reason: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class RiskSummary:
    versions: Mapping[int, Version] = field(default_factory=dict)
    latest_on: date = date.min  # the day of what happened last

    @property
    def current(self) -> Version | None:
        """The version drafted last."""
        return self.versions[max(self.versions)] if self.versions else None

    @property
    def shared(self) -> Version | None:
        """The version that partners are shown."""
        return next((version for version in self.versions.values() if version.status == "approved"), None)


def permit(kind: type, state: RiskSummary, facts: Facts) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    if kind is DraftRiskSummary:
        return
    if (current := state.current) is None:
        raise refused.RiskSummaryNotDrafted
    if kind is WithdrawRiskSummary:
        if state.shared is None:
            raise refused.RiskSummaryNotShared(version="No version")
    elif current.decided_on is not None:
        raise _decided(current)
    elif kind is PutForwardRiskSummary:
        if current.put_forward_on is not None:
            raise refused.RiskSummaryAlreadyPutForward(version=current.number, put_forward_on=current.put_forward_on)
    elif current.put_forward_on is None:
        raise refused.RiskSummaryNotPutForward(version=current.number)


def _decided(version: Version) -> refused.RiskSummaryAlreadyDecided:
    decision = "sent back" if version.status == "sent-back" else "approved"
    return refused.RiskSummaryAlreadyDecided(version=version.number, decision=decision, decided_on=version.decided_on)


def decide(command: Command, state: RiskSummary, facts: Facts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    if isinstance(command, DraftRiskSummary):
        return _draft(command, state, facts, day)
    if _is_so(command, state, day):
        return []
    _require_named(command, state)
    permit(type(command), state, facts)
    number = command.version
    in_order(state.latest_on, day)
    match command:
        case PutForwardRiskSummary():
            _require_link_inspector(facts, day)
            return [RiskSummaryPutForward(number, day)]
        case SendRiskSummaryBack(reason=reason):
            return [RiskSummarySentBack(number, day, Sealed(reason))]
        case ApproveRiskSummary():
            return [RiskSummaryApproved(number, state.versions[number].risks, day)]
        case WithdrawRiskSummary(reason=reason):
            return [RiskSummaryWithdrawn(number, day, Sealed(reason))]


def _draft(command: DraftRiskSummary, state: RiskSummary, facts: Facts, day: date) -> list[Event]:
    themes = [risk.theme for risk in command.risks]
    refuse([refused.RiskThemeNamedTwice(theme=theme) for theme in dict.fromkeys(themes) if themes.count(theme) > 1])
    latest = max(state.versions, default=0)
    if not comes_next("Version", command.version, latest):
        raise refused.RiskSummaryVersionAlreadyDrafted(version=latest, drafted_on=state.versions[latest].drafted_on)
    in_order(state.latest_on, day)
    _require_link_inspector(facts, day)
    return [RiskSummaryDrafted(command.version, command.risks, day, Sealed(command.summary))]


def _is_so(command: Command, state: RiskSummary, day: date) -> bool:
    """Whether a command without words, which alone can be known again, says what is so already, and of the same day."""
    known = state.versions.get(command.version)
    if known is None:
        return False
    match command:
        case PutForwardRiskSummary():
            return known.status == "put-forward" and known.put_forward_on == day
        case ApproveRiskSummary():
            return known.status == "approved" and known.decided_on == day
    return False


def _require_named(command: Command, state: RiskSummary) -> None:
    """Raise unless the command names the version that it is about: the shared one to withdraw it, else the current."""
    if isinstance(command, WithdrawRiskSummary):
        if state.shared is not None and state.shared.number != command.version:
            raise refused.RiskSummaryNotShared(version=f"Version {command.version}")
    elif state.current is not None and state.current.number != command.version:
        raise refused.RiskSummaryVersionNotCurrent(version=command.version, current=state.current.number)


def _require_link_inspector(facts: Facts, day: date) -> None:
    """Raise NotLinkInspectorThen if somebody asks who was not one of the area's link inspectors on the day."""
    if facts.actor is not None:
        require_link_inspector(facts.link_inspectors, facts.actor.person, [facts.area], day)


def evolve(state: RiskSummary, event: Event) -> RiskSummary:
    """The risk summary after one more event."""
    match event:
        case RiskSummaryDrafted(version=number, drafted_on=day):
            # What was not decided on before is overtaken; what is shared stays so until another is approved.
            versions = {
                known: replace(version, status="superseded") if version.status in UNDECIDED else version
                for known, version in state.versions.items()
            }
            drafted = Version(number, event.risks, event.summary, day)
            return RiskSummary({**versions, number: drafted}, day)
        case RiskSummaryPutForward(version=number, put_forward_on=day):
            return _with(state, number, day, status="put-forward", put_forward_on=day)
        case RiskSummarySentBack(version=number, sent_back_on=day):
            return _with(state, number, day, status="sent-back", decided_on=day, reason=event.reason)
        case RiskSummaryApproved(version=number, approved_on=day):
            if (before := state.shared) is not None:
                state = _with(state, before.number, day, status="superseded")
            return _with(state, number, day, status="approved", decided_on=day)
        case RiskSummaryWithdrawn(version=number, withdrawn_on=day):
            return _with(state, number, day, status="withdrawn", withdrawn_on=day, reason=event.reason)
    return state


def _with(state: RiskSummary, number: int, day: date, **changes: object) -> RiskSummary:
    if number not in state.versions:
        return state
    changed = replace(state.versions[number], **changes)  # type: ignore[arg-type]  # fields of a version
    return RiskSummary({**state.versions, number: changed}, day)
