"""What each kind of shared information comprises: an allow-list of event types, denied by default (domain.md §8).

Events on these lists carry designations, codes and dates only; names and free text in them are sealed. Survey answers,
counts of answers, questions, meeting notes and contact details are on none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.api.access import NATIONAL
from app.ledger.feed import Disclosure

KINDS: Mapping[str, tuple[str, ...]] = {
    "publications": ("review.announced", "review.report-published", "review.webinar-held"),
    "review-progress": (
        "review.announced",
        "review.milestone-planned",
        "review.milestone-rescheduled",
        "review.milestone-reached",
        "review.concluded",
        "participation.notified",
        "participation.document-returned",
        "participation.document-accepted",
        "participation.interview-held",
        "participation.local-survey-report-provided",
        "participation.withdrawn",
        "obligation.raised",
        "obligation.met",
        "obligation.waived",
        "obligation.extended",
        "obligation.fell-overdue",
    ),
    "engagement-counts": (),
    "plan-status": (),
}
"""Kind → event types. Engagement and improvement plans are not recorded yet, so their kinds disclose nothing."""


def disclosed(kinds: Iterable[str], areas: Iterable[str]) -> Disclosure:
    """What an agreement on these kinds and areas discloses, national facts of the same kinds included."""
    scopes = [NATIONAL, *areas]
    return Disclosure(frozenset((name, scope) for kind in kinds for name in KINDS[kind] for scope in scopes))
