"""The document track of a participation: asked for, returned, queried, accepted or waived (R20)."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain import participations
from app.domain.obligations import status
from app.domain.participation_refusals import (
    DocumentAlreadyAccepted,
    DocumentAlreadyQueried,
    DocumentAlreadyRequested,
    DocumentAlreadyReturned,
    DocumentNotRequested,
    DocumentNotReturned,
)
from app.domain.participations import AcceptDocument, QueryDocument, RecordDocumentReturn, RequestDocument, ReviewFacts
from app.domain.refusals import DatesOutOfOrder
from app.events.obligations import ObligationMet, ObligationRaised, ObligationWaived
from app.events.participations import (
    AreaNotified,
    DocumentAccepted,
    DocumentQueried,
    DocumentRequested,
    DocumentReturned,
)
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import ABERDEEN, fold
from tests.domain.test_obligations import at

NOTIFIED, EARLY, DUE, LATE = date(2024, 7, 15), date(2024, 8, 1), date(2024, 8, 27), date(2024, 8, 28)
FILE, OTHER_FILE = UUID(int=1), UUID(int=2)

REVIEW = ReviewFacts(
    ABERDEEN, announced=True, areas=frozenset({ABERDEEN}), documents={"policy": ("Policy", DUE), "plan": ("Plan", DUE)}
)
notified = AreaNotified((ABERDEEN,), NOTIFIED)
owes_policy = ObligationRaised("document-policy", ABERDEEN, "care-inspectorate", "Policy", DUE)
asked = (notified, owes_policy)
returned = DocumentReturned("policy", DUE, (FILE,))
queried = DocumentQueried("policy", LATE, Sealed("page 2 is missing"))
AGAIN_BY = date(2024, 9, 11)
owed_again = ObligationRaised(
    "query-1-policy", ABERDEEN, "care-inspectorate", "Return the document policy again", AGAIN_BY
)
accepted = DocumentAccepted("policy", LATE)
met = ObligationMet("document-policy", DUE)


def given(*events: Event, facts: ReviewFacts = REVIEW) -> dsl.Given:
    return dsl.given(*events, facts=facts)


def test_a_document_that_was_asked_for_is_returned() -> None:  # R20
    command = RecordDocumentReturn("policy", (OTHER_FILE, FILE), "two parts")
    given(*asked).when(command, on=DUE).then(
        DocumentReturned("policy", DUE, (FILE, OTHER_FILE), Sealed("two parts")), met
    )


def test_a_document_nobody_asked_for_is_refused() -> None:  # R20
    given(*asked).when(RecordDocumentReturn("minutes", (FILE,))).then_refused(DocumentNotRequested)


def test_a_late_return_is_recorded_and_not_refused() -> None:  # R20
    given(*asked).when(RecordDocumentReturn("policy", (FILE,)), on=LATE).then(
        DocumentReturned("policy", LATE, (FILE,)), ObligationMet("document-policy", LATE)
    )
    state = fold(
        participations, *asked, DocumentReturned("policy", LATE, (FILE,)), ObligationMet("document-policy", LATE)
    )
    assert status(state.obligations["document-policy"], at("2024-09-01T00:00:00Z")) == "met-late"


def test_two_records_of_the_same_return_make_one() -> None:  # R20, §9
    given(*asked, returned, met).when(RecordDocumentReturn("policy", (FILE,)), on=DUE).then_nothing()


@pytest.mark.parametrize(("files", "day"), [((OTHER_FILE,), DUE), ((FILE,), LATE)])
def test_a_return_that_contradicts_the_recorded_one_is_refused(files: tuple[UUID, ...], day: date) -> None:  # R20
    given(*asked, returned, met).when(RecordDocumentReturn("policy", files), on=day).then_refused(
        DocumentAlreadyReturned
    )


def test_a_queried_document_is_returned_again_and_the_obligation_stays_met() -> None:  # R20
    again = DocumentReturned("policy", LATE, (OTHER_FILE,))
    given(*asked, returned, met, queried).when(RecordDocumentReturn("policy", (OTHER_FILE,)), on=LATE).then(again)
    state = fold(participations, *asked, returned, met, queried, again)
    assert state.documents["policy"].queried_on is None
    assert state.obligations["document-policy"].met_on == DUE


def test_a_queried_document_is_owed_again_within_ten_working_days() -> None:  # R20
    again = ObligationMet("query-1-policy", LATE)
    returned_again = DocumentReturned("policy", LATE, (OTHER_FILE,))
    given(*asked, returned, met, queried, owed_again).when(RecordDocumentReturn("policy", (OTHER_FILE,)), on=LATE).then(
        returned_again, again
    )
    # What is accepted as it is need not come again.
    given(*asked, returned, met, queried, owed_again).when(AcceptDocument("policy"), on=LATE).then(accepted, again)
    second = ObligationRaised(
        "query-2-policy", ABERDEEN, "care-inspectorate", "Return the document policy again", AGAIN_BY
    )
    given(*asked, returned, met, queried, owed_again, returned_again, again).when(
        QueryDocument("policy", "page 3 is missing"), on=LATE
    ).then(DocumentQueried("policy", LATE, Sealed("page 3 is missing")), second)


def test_a_return_is_queried_once_at_a_time() -> None:  # R20
    query = QueryDocument("policy", "page 2 is missing")
    given(*asked).when(query).then_refused(DocumentNotReturned)
    given(*asked, returned).when(query, on=LATE).then(queried, owed_again)
    given(*asked, returned, queried).when(query, on=LATE).then_refused(DocumentAlreadyQueried)
    given(*asked, returned, accepted).when(query, on=LATE).then_refused(DocumentAlreadyAccepted)


def test_a_return_is_accepted_once_and_then_stands() -> None:  # R20
    given(*asked).when(AcceptDocument("policy")).then_refused(DocumentNotReturned)
    given(*asked, returned).when(AcceptDocument("policy"), on=LATE).then(accepted)
    given(*asked, returned, queried).when(AcceptDocument("policy"), on=LATE).then(accepted)
    given(*asked, returned, accepted).when(AcceptDocument("policy"), on=LATE).then_nothing()
    given(*asked, returned, queried, accepted).when(
        RecordDocumentReturn("policy", (OTHER_FILE,)), on=LATE
    ).then_refused(DocumentAlreadyReturned)


def test_a_return_is_not_queried_or_accepted_before_it_came() -> None:  # R20
    for command in (QueryDocument("policy", "page 2 is missing"), AcceptDocument("policy")):
        given(*asked, returned, met).when(command, on=EARLY).then_refused(DatesOutOfOrder)


def test_a_query_is_not_answered_before_it_is_made() -> None:  # R20
    for command in (RecordDocumentReturn("policy", (OTHER_FILE,)), AcceptDocument("policy")):
        given(*asked, returned, met, queried, owed_again).when(command, on=DUE).then_refused(DatesOutOfOrder)
    given(*asked, returned, met, queried, owed_again).when(
        RecordDocumentReturn("policy", (FILE,)), on=DUE
    ).then_nothing()


def test_a_waived_document_may_still_come_in() -> None:  # R20
    waived = ObligationWaived("document-policy", Sealed("not held"))
    given(*asked, waived).when(RecordDocumentReturn("policy", (FILE,)), on=DUE).then(returned)


def test_a_document_that_joined_the_list_after_notification_is_owed_when_it_is_returned() -> None:  # R20
    given(*asked).when(RecordDocumentReturn("plan", (FILE,)), on=DUE).then(
        DocumentReturned("plan", DUE, (FILE,)),
        ObligationRaised("document-plan", ABERDEEN, "care-inspectorate", "Plan", DUE),
        ObligationMet("document-plan", DUE),
    )


def test_an_area_is_asked_for_a_document_beyond_the_list() -> None:  # R20
    request = RequestDocument("minutes", "Minutes", DUE)
    raised = ObligationRaised("document-minutes", ABERDEEN, "care-inspectorate", "Minutes", DUE)
    given(*asked).when(request).then(DocumentRequested("minutes", "Minutes", DUE), raised)
    given(*asked, raised).when(request).then_nothing()
    given(*asked, raised).when(replace(request, due_on=LATE)).then_refused(DocumentAlreadyRequested)


def test_a_document_on_the_list_is_not_asked_for_in_other_words() -> None:  # R20
    given(*asked).when(RequestDocument("policy", "Policy", DUE)).then_nothing()
    given(*asked).when(RequestDocument("policy", "Policies", DUE)).then_refused(DocumentAlreadyRequested)
    given(*asked).when(RequestDocument("plan", "Plans", DUE)).then_refused(DocumentAlreadyRequested)


@pytest.mark.parametrize("attachments", [[], [str(FILE), str(FILE)], [str(UUID(int=n)) for n in range(21)]])
def test_a_return_consists_of_one_to_twenty_files(attachments: list[str]) -> None:  # R20
    with pytest.raises(ValidationError):
        TypeAdapter(RecordDocumentReturn).validate_python({"document": "policy", "attachments": attachments})
