"""The validation of one area's self-evaluation: selected, evidence, focus groups, letter, feedback."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from app.domain import validations
from app.domain.refusals import SeveralRefusals
from app.domain.validations import (
    AlreadyInvited,
    AreaNotSelected,
    Command,
    EvidenceAlreadyRequested,
    EvidenceAlreadyReturned,
    EvidenceUnknown,
    Facts,
    FeedbackAlreadyGiven,
    FocusGroupAlreadyHeld,
    GiveValidationFeedback,
    HoldValidationFocusGroup,
    InviteToValidation,
    LetterAlreadySent,
    OutsideValidationPhase,
    ReleaseFromValidation,
    RequestEvidence,
    ReturnEvidence,
    SendValidationLetter,
    StillSelected,
    SubmissionMissing,
    explain,
)
from app.events.obligations import ObligationRaised
from app.events.validations import (
    AreaInvited,
    AreaReleased,
    EvidenceRequested,
    EvidenceReturned,
    FeedbackGiven,
    FocusGroupHeld,
    ValidationLetterSent,
)
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import ABERDEEN, fold
from tests.domain.test_obligations import at

SUBMITTED, SELECTED, INVITED = date(2024, 11, 18), date(2024, 12, 9), date(2024, 12, 10)
STARTS, ENDS, SENT = date(2025, 1, 20), date(2025, 2, 24), date(2025, 3, 10)
FILE, OTHER_FILE = UUID(int=1), UUID(int=2)
READY = Facts(ABERDEEN, SUBMITTED, (STARTS, ENDS), SELECTED)

invited = AreaInvited(ABERDEEN, INVITED)
requested = EvidenceRequested("audits", "Case file audits", STARTS, INVITED)
returned = EvidenceReturned("audits", (FILE,), STARTS)
letter = ValidationLetterSent(FILE, SENT)
send = SendValidationLetter(FILE)
feedback = GiveValidationFeedback("The grade holds.")


def given(*events: Event, facts: Facts = READY) -> dsl.Given:
    return dsl.given(*events, facts=facts)


def test_an_area_is_told_that_it_is_selected() -> None:  # R4
    given().when(InviteToValidation(), on=INVITED).then(invited)
    given(invited).when(InviteToValidation(), on=INVITED).then_nothing()
    given(invited).when(InviteToValidation(), on=STARTS).then_refused(AlreadyInvited)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"selected_on": None}, AreaNotSelected),
        ({"selected_on": STARTS}, AreaNotSelected),
        ({"submitted_on": None}, SubmissionMissing),
    ],
)
def test_only_a_selected_area_with_a_submission_is_told_so(
    change: dict[str, Any], refusal: type[Any]
) -> None:  # R4, R5
    given(facts=replace(READY, **change)).when(InviteToValidation(), on=INVITED).then_refused(refusal)


def test_an_area_is_released_once_it_is_deselected() -> None:  # R4, §9
    released, gone = AreaReleased(STARTS), replace(READY, selected_on=None)
    given(invited).when(ReleaseFromValidation(), on=STARTS).then_refused(StillSelected)
    given(invited, facts=gone).when(ReleaseFromValidation(), on=STARTS).then(released)
    given(invited, released, facts=gone).when(ReleaseFromValidation(), on=STARTS).then_nothing()
    given(facts=gone).when(ReleaseFromValidation()).then_refused(AreaNotSelected)
    given(invited, released).when(send, on=SENT).then_refused(AreaNotSelected)
    given(invited, released).when(InviteToValidation(), on=ENDS).then(AreaInvited(ABERDEEN, ENDS))


def test_documentary_evidence_is_asked_for_and_returned_and_late_is_recorded() -> None:  # R4
    ask = RequestEvidence("audits", "Case file audits", STARTS)
    given(invited).when(ask, on=INVITED).then(requested)
    given(invited, requested).when(ask, on=INVITED).then_nothing()
    given(invited, requested).when(ask, on=STARTS).then_refused(EvidenceAlreadyRequested)
    given(invited, requested).when(replace(ask, due_on=ENDS)).then_refused(EvidenceAlreadyRequested)
    hand_in = ReturnEvidence("audits", (OTHER_FILE, FILE), "In two files")
    given(invited, requested).when(hand_in, on=ENDS).then(
        EvidenceReturned("audits", (FILE, OTHER_FILE), ENDS, Sealed("In two files"))
    )
    given(invited, requested, returned).when(ReturnEvidence("audits", (FILE,)), on=STARTS).then_nothing()
    given(invited, requested, returned).when(hand_in, on=ENDS).then_refused(EvidenceAlreadyReturned)
    given(invited).when(hand_in).then_refused(EvidenceUnknown)


def test_evidence_is_no_obligation_for_the_list_of_those_would_tell_who_is_validated() -> None:  # R6
    events = validations.decide(RequestEvidence("audits", "Audits", ENDS), fold(validations, invited), READY, STARTS)
    assert [type(event) for event in events] == [EvidenceRequested]
    assert not any(isinstance(event, ObligationRaised) for event in events)


def test_focus_groups_are_held_with_staff_and_with_people_who_use_services_in_the_phase() -> None:  # R4
    staff = HoldValidationFocusGroup("staff-1", "staff", 8)
    held = FocusGroupHeld("staff-1", "staff", 8, STARTS)
    given(invited).when(staff, on=STARTS).then(held)
    given(invited).when(replace(staff, group="people-who-use-services"), on=ENDS).then(
        FocusGroupHeld("staff-1", "people-who-use-services", 8, ENDS)
    )
    given(invited, held).when(staff, on=STARTS).then_nothing()
    given(invited, held).when(replace(staff, participants=9), on=STARTS).then_refused(FocusGroupAlreadyHeld)
    for day in (date(2025, 1, 19), date(2025, 2, 25), date(2024, 2, 1)):
        given(invited).when(staff, on=day).then_refused(OutsideValidationPhase)
    given(invited, facts=replace(READY, phase=None)).when(staff, on=SENT).then(
        FocusGroupHeld("staff-1", "staff", 8, SENT)
    )


@pytest.mark.parametrize("command", [send, feedback])
def test_a_letter_or_feedback_before_selection_and_submission_is_refused(command: Command) -> None:  # R5
    given().when(command, on=SENT).then_refused(AreaNotSelected)
    given(invited, facts=replace(READY, submitted_on=None)).when(command, on=SENT).then_refused(SubmissionMissing)
    given(invited, facts=replace(READY, selected_on=None)).when(command, on=SENT).then_refused(AreaNotSelected)
    given(invited).when(command, on=date(2024, 12, 9)).then_refused(AreaNotSelected)
    given(invited, facts=replace(READY, submitted_on=ENDS)).when(command, on=STARTS).then_refused(SubmissionMissing)
    with pytest.raises(SeveralRefusals) as caught:
        validations.decide(command, validations.Validation(), Facts(ABERDEEN), SENT)
    assert [type(refusal) for refusal in caught.value.refusals] == [AreaNotSelected, SubmissionMissing]


def test_a_validated_area_gets_one_letter_and_feedback() -> None:  # R5
    given(invited).when(send, on=SENT).then(letter)
    given(invited, letter).when(send, on=SENT).then_nothing()
    given(invited, letter).when(SendValidationLetter(OTHER_FILE), on=SENT).then_refused(LetterAlreadySent)
    given(invited).when(feedback, on=SENT).then(FeedbackGiven(SENT, Sealed("The grade holds.")))
    given(invited, FeedbackGiven(SENT, Sealed("x"))).when(feedback, on=SENT).then_refused(FeedbackAlreadyGiven)


def test_another_areas_letter_that_was_sent_and_erased_gives_way_to_the_right_one() -> None:  # R5, §8
    right, erased = SendValidationLetter(OTHER_FILE), replace(READY, erased=frozenset({letter.attachment}))
    mended = ValidationLetterSent(OTHER_FILE, SENT)
    given(invited, letter, facts=erased).when(right, on=SENT).then(mended)
    given(invited, letter, mended, facts=erased).when(right, on=SENT).then_nothing()
    validations.permit(SendValidationLetter, fold(validations, invited, letter), erased)


def test_why_a_letter_cannot_be_sent_is_explained() -> None:  # R5
    instant = at("2025-03-01T09:00:00Z")

    def found(*events: Event, facts: Facts = READY) -> dict[str, bool]:
        return {f.key: f.holds for f in explain(fold(validations, *events), facts, instant)}

    assert found(facts=Facts(ABERDEEN)) == {"letter/selected": False, "letter/submitted": False}
    assert found(invited) == {"letter/selected": True, "letter/submitted": True}
    assert found(invited, letter) == {"letter": True}
