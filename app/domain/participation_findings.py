"""What stands open in one area's part in one review, deadlines apart: see `app.domain.participations`."""

from collections.abc import Iterator
from datetime import date, datetime

from app.domain.findings import Finding
from app.domain.obligations import london_day
from app.domain.participation_state import DocumentReturn, Participation, ReviewFacts, coordinator_on


def explain(state: Participation, facts: ReviewFacts, at: datetime) -> list[Finding]:
    """What the tracks still want from the area or for it; a withdrawal ends them all."""
    if state.withdrawn_on is not None:
        withdrew = f"This area withdrew from the review on {state.withdrawn_on}; nothing more is asked of it."
        return [Finding("withdrawal", "R17", True, withdrew)]
    if state.notified_on is None:
        return []
    documents = [_document(code, returned) for code, returned in state.documents.items()]
    return [_coordinator(state, london_day(at)), *documents, *_survey_report(state, facts, london_day(at))]


def _coordinator(state: Participation, day: date) -> Finding:
    held = coordinator_on(state, day)
    if held is None:
        return Finding("co-ordinator", "R17", False, "This area has no co-ordinator.", "Nominate one.")
    return Finding("co-ordinator", "R17", True, f"{held.person} is the co-ordinator since {held.starts_on}.")


def _document(code: str, returned: DocumentReturn) -> Finding:
    key, said = f"document/{code}", f"The document {code} was returned on {returned.returned_on}"
    if returned.accepted_on is not None:
        return Finding(key, "R20", True, f"{said} and accepted on {returned.accepted_on}.")
    if returned.queried_on is not None:
        return Finding(key, "R20", False, f"{said} and queried on {returned.queried_on}.", "Return it again.")
    return Finding(key, "R20", False, f"{said}.", "Accept it, or query it.")


def _survey_report(state: Participation, facts: ReviewFacts, day: date) -> Iterator[Finding]:
    if state.survey_report is not None:
        provided = f"The area's own survey report was provided on {state.survey_report.provided_on}."
        yield Finding("local-survey-report", "R22", True, provided)
    elif facts.published_on is not None and facts.published_on <= day:
        owed = (
            f"The national report was published on {facts.published_on}, and the area has no survey report of its own."
        )
        yield Finding("local-survey-report", "R22", False, owed, "Provide the local survey report.")
