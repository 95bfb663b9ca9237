"""Why one area's part in a review stands as it does: what each track has come to and what it lacks."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from app.domain import participations
from app.domain.findings import Finding
from app.domain.participations import ReviewFacts
from app.events.participations import (
    AreaNotified,
    CoordinatorNominated,
    DocumentAccepted,
    DocumentQueried,
    DocumentReturned,
    InterviewHeld,
    LocalSurveyReportProvided,
    ParticipationWithdrawn,
)
from app.ledger.events import Event, Sealed
from tests.domain.dsl import ABERDEEN, fold

JULY, AUGUST, OCTOBER, MARCH = date(2024, 7, 15), date(2024, 8, 26), date(2024, 10, 10), date(2025, 3, 17)
NOW = datetime(2025, 3, 18, 12, tzinfo=UTC)
UNPUBLISHED = ReviewFacts(area=ABERDEEN, announced=True, areas=frozenset({ABERDEEN}))
PUBLISHED = replace(UNPUBLISHED, published_on=MARCH)

notified = AreaNotified((ABERDEEN,), JULY)
nominated = CoordinatorNominated("coordinator-aberdeen-city", "Service Manager", JULY, Sealed("a name"))
returned = DocumentReturned("policy", AUGUST, (UUID(int=1),))
queried = DocumentQueried("policy", AUGUST, Sealed("Which year?"))
accepted = DocumentAccepted("policy", AUGUST)
interviewed = InterviewHeld("leaders", ("chief-social-work-officer",), OCTOBER)
provided = LocalSurveyReportProvided(MARCH)


def found(*events: Event, facts: ReviewFacts = UNPUBLISHED) -> dict[str, Finding]:
    """What the rules find, by key."""
    return {finding.key: finding for finding in participations.explain(fold(participations, *events), facts, NOW)}


def standing(*events: Event, facts: ReviewFacts = UNPUBLISHED) -> dict[str, bool]:
    return {key: finding.holds for key, finding in found(*events, facts=facts).items()}


def test_each_track_tells_what_it_lacks() -> None:  # R17, R20, R21, R22
    assert standing(notified) == {
        "notified": True,
        "coordinator": False,
        "interviews/cswo": False,
        "local-survey-report/provided": False,
    }
    whole = standing(notified, nominated, returned, accepted, interviewed, provided, facts=PUBLISHED)
    assert whole == dict.fromkeys([*standing(notified), "documents/policy/accepted"], True)


def test_a_return_tells_whether_it_waits_for_the_team_or_for_the_area() -> None:  # R20
    waits_for_the_team = found(notified, returned)["documents/policy/accepted"]
    waits_for_the_area = found(notified, returned, queried)["documents/policy/accepted"]
    assert waits_for_the_team.remedy == "Accept or query the return."
    assert waits_for_the_area.remedy == "Answer the query by returning the document again."


def test_a_local_report_that_is_missing_tells_whether_the_national_one_is_awaited() -> None:  # R22
    before = found(notified)["local-survey-report/provided"]
    after = found(notified, facts=PUBLISHED)["local-survey-report/provided"]
    assert (before.holds, before.remedy) == (False, "Wait for the national report to be published.")
    assert (after.holds, after.remedy) == (False, "Provide the report.")


def test_an_area_that_is_not_in_or_has_left_has_nothing_else_to_explain() -> None:  # R17
    assert standing() == {"notified": False}
    withdrawn = ParticipationWithdrawn(OCTOBER, Sealed("no capacity"))
    assert standing(notified, nominated, withdrawn) == {"notified": True, "taking-part": False}
