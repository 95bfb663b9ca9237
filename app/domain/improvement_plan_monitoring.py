"""Monitoring of an accepted improvement plan by the link inspector: see `app.domain.improvement_plans` (R49 to R52).

What happened while a plan was monitored is recorded whenever it is told, the end of monitoring or not (§7).
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Final

from app.domain import improvement_plan_refusals as refused
from app.domain import obligations as duties
from app.domain.improvement_plan_commands import (
    AgreePlanReporting,
    CloseAreaForImprovement,
    DiscussPlanProgress,
    EndPlanMonitoring,
    Monitor,
    RecordPlanProgress,
)
from app.domain.improvement_plan_state import Closure, Discussion, ImprovementPlan, MonitoringEnd, Reporting
from app.domain.inspection_refusals import AreaForImprovementUnknown
from app.domain.numbering import comes_next
from app.domain.refusals import Refusal, in_order, refuse
from app.events.improvement_plans import (
    PROGRESS_DISCUSSION,
    AreaForImprovementClosed,
    PlanMonitoringEnded,
    PlanProgressDiscussed,
    PlanProgressRecorded,
    PlanReportingAgreed,
)
from app.events.obligations import ObligationMet, ObligationRaised
from app.ledger.events import Event, Sealed

STAGES: Final[Mapping[str, int]] = {"six-months": 6, "twelve-months": 12}
"""When progress is discussed, in calendar months after sign-off (R52)."""


def discussions(partnership: str, accepted_on: date) -> list[Event]:
    """The discussions of progress that sign-off makes due (R52)."""
    return [
        ObligationRaised(
            progress_discussion(stage),
            duties.LINK_INSPECTOR,
            partnership,
            f"Discuss progress with the improvement plan {months} months after sign-off",
            months_after(accepted_on, months),
        )
        for stage, months in STAGES.items()
    ]


def progress_discussion(stage: str) -> str:
    """The key of the obligation to discuss progress at a stage."""
    return PROGRESS_DISCUSSION + stage


def months_after(day: date, months: int) -> date:
    """The same day of the month so many calendar months later, or that month's last day (R52)."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def permit_monitoring(kind: type, state: ImprovementPlan) -> None:
    """Raise the refusal of everything new of this kind, once there is nothing left of it."""
    if kind is CloseAreaForImprovement and not state.still_open and state.closures:
        code, closure = list(state.closures.items())[-1]
        raise _closed(code, closure)
    if kind is DiscussPlanProgress and state.discussions.keys() >= STAGES.keys():
        raise _discussed(list(STAGES)[-1], state)
    if kind is EndPlanMonitoring and state.ended is not None:
        raise refused.MonitoringAlreadyEnded(ended_on=state.ended.ended_on)


def monitor(command: Monitor, state: ImprovementPlan, day: date) -> list[Event]:
    """The events of a command that only an accepted plan takes."""
    accepted = _accepted(state, day)
    match command:
        case AgreePlanReporting():
            ways = tuple(sorted(command.ways))
            if state.reporting == Reporting(ways, day):
                return []
            _monitored_on(day, state)
            return [PlanReportingAgreed(ways, day)]
        case DiscussPlanProgress():
            return _discuss(command, state, day)
        case RecordPlanProgress(area_for_improvement=code, entry=entry):
            _known(code, state)
            entries = state.progress.get(code, ())
            if not comes_next("Entry", entry, entries[-1].entry if entries else 0):
                raise refused.ProgressAlreadyRecorded(
                    entry=entry, area_for_improvement=code, recorded_on=entries[-1].recorded_on
                )
            if (closure := state.closures.get(code)) is not None and closure.closed_on < day:
                raise _closed(code, closure)
            return [PlanProgressRecorded(code, entry, day, Sealed(command.note))]
        case CloseAreaForImprovement(area_for_improvement=code, reason=reason):
            _known(code, state)
            if (closure := state.closures.get(code)) is not None:
                raise _closed(code, closure)
            return [AreaForImprovementClosed(code, reason, day, Sealed(command.comment))]
        case EndPlanMonitoring():
            return _end(command, state, accepted, day)


def _accepted(state: ImprovementPlan, day: date) -> date:
    assert state.acceptance is not None
    in_order(state.acceptance.accepted_on, day)
    return state.acceptance.accepted_on


def _known(code: str, state: ImprovementPlan) -> None:
    if code not in state.report:
        raise AreaForImprovementUnknown(code=code)


def _closed(code: str, closure: Closure) -> Refusal:
    return refused.AreaForImprovementAlreadyClosed(
        area_for_improvement=code, closed_on=closure.closed_on, reason=closure.reason
    )


def _discussed(stage: str, state: ImprovementPlan) -> Refusal:
    return refused.StageAlreadyDiscussed(stage=stage, discussed_on=state.discussions[stage].discussed_on)


def _monitored_on(day: date, state: ImprovementPlan) -> None:
    """Raise if formal monitoring had ended by then. The areas for improvement that are kept on are followed further."""
    if state.ended is not None and state.ended.ended_on < day:
        raise refused.MonitoringAlreadyEnded(ended_on=state.ended.ended_on)


def _discuss(command: DiscussPlanProgress, state: ImprovementPlan, day: date) -> list[Event]:
    stage, note = command.stage, command.note
    if (known := state.discussions.get(stage)) is not None:
        # Another note cannot be told from a retry, and dropping it would lose it.
        if known != Discussion(day, None) or note is not None:
            raise _discussed(stage, state)
        return []
    _monitored_on(day, state)
    key = progress_discussion(stage)
    owed = state.obligations.get(key)
    # Recorded after the end, it was held all the same, though the end released from it.
    met = [] if owed is None or owed.met_on is not None else [ObligationMet(key, day)]
    return [PlanProgressDiscussed(stage, day, None if note is None else Sealed(note)), *met]


def _end(command: EndPlanMonitoring, state: ImprovementPlan, accepted_on: date, day: date) -> list[Event]:
    kept_on, reason = tuple(sorted(command.kept_on)), command.reason
    if (ended := state.ended) is not None:
        if ended != MonitoringEnd(day, kept_on, None) or reason is not None:
            raise refused.MonitoringAlreadyEnded(ended_on=ended.ended_on)
        return []
    owed = [stage for stage in STAGES if _is_owed(stage, state)]
    refuse(
        [
            *(AreaForImprovementUnknown(code=code) for code in kept_on if code not in state.report),
            *(_closed(code, state.closures[code]) for code in kept_on if code in state.closures),
            *(
                refused.AreaForImprovementStillOpen(area_for_improvement=code)
                for code in state.still_open
                if code not in kept_on
            ),
            *_in_the_way(owed, state, accepted_on, day, reason),
        ]
    )
    rests_on = [closure.closed_on for closure in state.closures.values()]
    rests_on += [discussion.discussed_on for discussion in state.discussions.values()]
    in_order(max([accepted_on, *rests_on]), day)
    if reason is None:
        return [PlanMonitoringEnded(day, kept_on)]
    # There is nothing to discuss after the end, so that the reason for it releases from what was still to come.
    released = (duties.waive(state.obligations, progress_discussion(stage), reason) for stage in owed)
    return [PlanMonitoringEnded(day, kept_on, Sealed(reason)), *chain.from_iterable(released)]


def _in_the_way(
    owed: Sequence[str], state: ImprovementPlan, accepted_on: date, day: date, reason: str | None
) -> list[Refusal]:
    """An early end without a reason, and discussions that no reason releases from: those that are overdue."""
    overdue = [stage for stage in owed if state.obligations[progress_discussion(stage)].due_on < day]
    twelve_months = months_after(accepted_on, STAGES["twelve-months"])
    if day < twelve_months:
        early = [refused.EarlyEndNeedsReason(twelve_months=twelve_months)] if reason is None else []
        return [*early, *(refused.DiscussionStillOwed(stage=stage) for stage in overdue)]
    return [refused.DiscussionStillOwed(stage=stage) for stage in (owed if reason is None else overdue)]


def _is_owed(stage: str, state: ImprovementPlan) -> bool:
    discussion = state.obligations.get(progress_discussion(stage))
    return discussion is not None and not discussion.settled
