"""What one area's part in one review has come to and what it lacks: see `app.domain.participations`.

Its deadlines explain themselves (`app.domain.obligations`); this is the rest.
"""

from collections.abc import Iterator

from app.domain.findings import Finding
from app.domain.participation_state import CSWO, DocumentReturn, Participation


def findings(state: Participation, *, published: bool) -> Iterator[Finding]:
    """One finding for each thing that the rules ask of the area's tracks; `published`: the national report is."""
    if state.notified_on is None:
        yield Finding("notified", "R17", False, "The area has not been notified.", "Notify it of the review.")
        return
    yield Finding("notified", "R17", True, f"The area was notified on {state.notified_on}.")
    if state.withdrawn_on is not None:
        yield Finding("taking-part", "R17", False, f"The area withdrew on {state.withdrawn_on}.")
        return
    yield _coordinator(state)
    for document, returned in state.documents.items():
        yield _document(document, returned)
    yield _interview(state)
    yield _survey_report(state, published)


def _coordinator(state: Participation) -> Finding:
    if state.coordinator is None:
        return Finding(
            "coordinator", "R17", False, "The area has no co-ordinator.", "Nominate one; guidance and briefings wait."
        )
    return Finding("coordinator", "R17", True, f"The area has a co-ordinator since {state.coordinator.starts_on}.")


def _document(document: str, returned: DocumentReturn) -> Finding:
    key = f"documents/{document}/accepted"
    if returned.accepted_on is not None:
        return Finding(key, "R20", True, f"The return of {document} was accepted on {returned.accepted_on}.")
    if returned.queried_on is not None:
        said = f"The return of {document} was queried on {returned.queried_on}."
        return Finding(key, "R20", False, said, "Answer the query by returning the document again.")
    said = f"The return of {document} on {returned.returned_on} has not been accepted."
    return Finding(key, "R20", False, said, "Accept or query the return.")


def _interview(state: Participation) -> Finding:
    if any(CSWO in interview.interviewees for interview in state.interviews.values()):
        return Finding("interviews/cswo", "R21", True, "The Chief Social Work Officer was interviewed.")
    return Finding(
        "interviews/cswo",
        "R21",
        False,
        "The Chief Social Work Officer has not been interviewed.",
        "Hold the interview, and record who was in it.",
    )


def _survey_report(state: Participation, published: bool) -> Finding:
    key = "local-survey-report/provided"
    if state.survey_report is not None:
        provided_on = state.survey_report.provided_on
        return Finding(key, "R22", True, f"The area got its local survey report on {provided_on}.")
    if not published:
        said = "The area has no local survey report: the national report has not been published."
        return Finding(key, "R22", False, said, "Wait for the national report to be published.")
    return Finding(key, "R22", False, "The area has no local survey report.", "Provide the report.")
