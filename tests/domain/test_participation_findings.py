"""What stands open in one area's part in one review (R17, R20, R22)."""

from datetime import date, datetime
from uuid import UUID

import pytest

from app.domain import participations
from app.domain.findings import Finding
from app.domain.participations import ReviewFacts, explain
from app.events.participations import (
    AreaNotified,
    CoordinatorNominated,
    DocumentAccepted,
    DocumentQueried,
    DocumentReturned,
    LocalSurveyReportProvided,
    ParticipationWithdrawn,
)
from app.ledger.events import Event, Sealed
from tests.domain.dsl import ABERDEEN, DAY, fold

SEALED: Sealed[str] = Sealed(commitment="ab")
notified = AreaNotified((ABERDEEN,), DAY)
nominated = CoordinatorNominated("coordinator-1", "Planning officer", date(2024, 7, 18), SEALED)
returned = DocumentReturned("policy", date(2024, 8, 20), (UUID(int=1),))
PUBLISHED = ReviewFacts(ABERDEEN, published_on=date(2025, 3, 17))


def found(key: str, *events: Event, facts: ReviewFacts = PUBLISHED, at: str = "2025-04-01T12:00:00Z") -> Finding | None:
    state = fold(participations, *events)
    findings = {finding.key: finding for finding in explain(state, facts, datetime.fromisoformat(at))}
    return findings.get(key)


def holds(key: str, *events: Event, at: str = "2025-04-01T12:00:00Z") -> bool | None:
    finding = found(key, *events, at=at)
    return None if finding is None else finding.holds


def test_an_area_wants_a_co_ordinator_from_its_notification_on() -> None:  # R17
    assert holds("co-ordinator") is None
    assert holds("co-ordinator", notified) is False
    assert holds("co-ordinator", notified, nominated) is True
    assert holds("co-ordinator", notified, nominated, at="2024-07-17T22:59:59Z") is False
    assert holds("co-ordinator", notified, nominated, at="2024-07-17T23:00:00Z") is True


@pytest.mark.parametrize(
    ("history", "remedy"),
    [
        ((), "Accept it, or query it."),
        ((DocumentQueried("policy", date(2024, 8, 22), SEALED),), "Return it again."),
        ((DocumentAccepted("policy", date(2024, 9, 3)),), None),
    ],
)
def test_a_returned_document_waits_until_it_is_accepted(history: tuple[Event, ...], remedy: str | None) -> None:  # R20
    finding = found("document/policy", notified, returned, *history)
    assert finding is not None
    assert (finding.rule, finding.holds, finding.remedy) == ("R20", remedy is None, remedy)


def test_the_local_survey_report_is_owed_from_publication_on() -> None:  # R22
    assert holds("local-survey-report", notified, at="2025-03-16T23:59:59Z") is None
    assert holds("local-survey-report", notified, at="2025-03-17T00:00:00Z") is False
    assert holds("local-survey-report", notified, LocalSurveyReportProvided(date(2025, 3, 24))) is True
    assert found("local-survey-report", notified, facts=ReviewFacts(ABERDEEN)) is None


def test_nothing_is_wanted_of_an_area_that_withdrew() -> None:  # R17
    withdrawn = ParticipationWithdrawn(date(2024, 8, 1), SEALED)
    assert holds("co-ordinator", notified, withdrawn) is None
    assert holds("withdrawal", notified, withdrawn) is True
