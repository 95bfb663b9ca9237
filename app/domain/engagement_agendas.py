"""Followed improvement plans as a standing item of link meetings (R40, R52): see `app.domain.engagement_years`.

An agenda is set once, and plans are accepted later: what it lacks by then is a finding.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.engagement_state import EngagementYear
from app.domain.engagement_tally import LINK_INSPECTOR
from app.domain.findings import Finding


@dataclass(frozen=True, slots=True)
class FollowedPlan:
    """The inspection whose improvement plan is followed, and from which to which day."""

    inspection: UUID
    since: date
    until: date | None = None


def followed_on(plans: Sequence[FollowedPlan], day: date) -> tuple[UUID, ...]:
    """The inspections whose improvement plans are followed on a day."""
    return tuple(sorted(p.inspection for p in plans if p.since <= day and (p.until is None or day <= p.until)))


def standing(inspectorate: Collection[str], plans: Sequence[FollowedPlan], day: date) -> tuple[UUID, ...]:
    """The improvement plans that stand on the agenda of a meeting set on a day; only a link meeting has any (R52)."""
    return followed_on(plans, day) if LINK_INSPECTOR in inspectorate else ()


def findings(state: EngagementYear, plans: Sequence[FollowedPlan], day: date) -> Iterator[Finding]:
    """Whether the agenda of each link meeting to come carries every plan that is followed by then."""
    for code, meeting in state.meetings.items():
        if meeting.status != "planned" or meeting.planned_for is None or meeting.planned_for < day:
            continue
        followed = standing(meeting.inspectorate, plans, day)
        missing = [str(plan) for plan in followed if plan not in meeting.improvement_plans]
        if missing:
            yield Finding(
                f"agenda/{code}", "R52", False,
                f"Followed and not on the agenda of the meeting of {meeting.planned_for} ({code}): the improvement "
                f"plan{'s' if len(missing) > 1 else ''} of {', '.join(missing)}.",
                "Set the agenda of the meeting anew; it carries the plans that are followed now.",
            )  # fmt: skip
        elif followed:
            statement = f"The agenda of the meeting of {meeting.planned_for} ({code}) carries every plan followed."
            yield Finding(f"agenda/{code}", "R52", True, statement)
