"""One area's self-evaluation: drafts, the window, the one final submission, late authorisation, withdrawal."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain import self_evaluations
from app.domain.obligations import ObligationSettled, status
from app.domain.refusals import DatesOutOfOrder, Refusal, SeveralRefusals
from app.domain.self_evaluation_refusals import (
    AlreadySubmitted,
    AreaNotInExercise,
    DraftAlreadyKept,
    DraftNotLatest,
    DraftOutOfOrder,
    ExerciseUnknown,
    LateSubmissionNotNeeded,
    NoDraftKept,
    NothingSubmitted,
    PartUnanswered,
    PartUnknown,
    SelfEvaluationAlreadyRequested,
    SelfEvaluationNotRequested,
    SubmissionClosed,
    SubmissionNotOpen,
    SubmissionValidated,
)
from app.domain.self_evaluations import (
    Answer,
    AuthoriseLateSubmission,
    Command,
    ExerciseFacts,
    KeepDraft,
    RequestSelfEvaluation,
    ShareDraft,
    SubmitSelfEvaluation,
    WaiveSubmission,
    WithdrawSubmission,
    explain,
    permit,
)
from app.events.obligations import ObligationExtended, ObligationMet, ObligationRaised, ObligationWaived
from app.events.self_evaluations import (
    DraftKept,
    DraftShared,
    LateSubmissionAuthorised,
    PartDrafted,
    SelfEvaluationRequested,
    SelfEvaluationSubmitted,
    SubmissionWithdrawn,
)
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import ABERDEEN, GLASGOW, fold
from tests.domain.test_obligations import at

ASKED, OPENS, CLOSES = date(2024, 8, 12), date(2024, 9, 2), date(2024, 11, 20)
LATE, UNTIL = date(2024, 11, 27), date(2024, 11, 29)
EXERCISE = ExerciseFacts(
    ABERDEEN,
    announced=True,
    areas=frozenset({ABERDEEN}),
    opens_on=OPENS,
    closes_on=CLOSES,
    parts={"outcomes": "Outcomes", "drivers": "Drivers", "barriers": "Barriers"},
)

requested = SelfEvaluationRequested(ABERDEEN, ASKED)
owed = ObligationRaised(
    "submit-self-evaluation", ABERDEEN, "care-inspectorate", "Submit the final self-evaluation", CLOSES
)
asked = (requested, owed)
first = (
    DraftKept(1, ("drivers", "outcomes"), OPENS),
    PartDrafted(1, "drivers", Sealed("Drivers, first")),
    PartDrafted(1, "outcomes", Sealed("Outcomes, first")),
)
second = (DraftKept(2, ("barriers",), OPENS), PartDrafted(2, "barriers", Sealed("Barriers")))
drafted = (*asked, *first, *second)
submit = SubmitSelfEvaluation(2, 4)
submitted = SelfEvaluationSubmitted(2, 4, False, CLOSES)
met = ObligationMet("submit-self-evaluation", CLOSES)
withdrawn = SubmissionWithdrawn(CLOSES, Sealed("A part was pasted twice"))
owed_again = ObligationRaised(
    "submit-self-evaluation-2", ABERDEEN, "care-inspectorate", "Submit the final self-evaluation", CLOSES
)
authorise = AuthoriseLateSubmission("Head of inspection", UNTIL, "A flood closed the offices")
authorised = LateSubmissionAuthorised("Head of inspection", UNTIL, date(2024, 11, 21), Sealed("A flood"))


def given(*events: Event, facts: ExerciseFacts = EXERCISE) -> dsl.Given:
    return dsl.given(*events, facts=facts)


def test_an_area_is_asked_and_owes_its_submission_by_the_close() -> None:  # R2, §6
    given().when(RequestSelfEvaluation(), on=ASKED).then(requested, owed)
    given(*asked).when(RequestSelfEvaluation(), on=ASKED).then_nothing()
    given(*asked).when(RequestSelfEvaluation(), on=OPENS).then_refused(SelfEvaluationAlreadyRequested)


def test_only_an_area_of_an_announced_exercise_is_asked() -> None:  # R1, R2
    given(facts=ExerciseFacts(ABERDEEN)).when(RequestSelfEvaluation()).then_refused(ExerciseUnknown)
    elsewhere = replace(EXERCISE, areas=frozenset({GLASGOW}))
    given(facts=elsewhere).when(RequestSelfEvaluation()).then_refused(AreaNotInExercise)


@pytest.mark.parametrize(
    "command",
    [
        KeepDraft(1, (Answer("outcomes", "Better"),)),
        ShareDraft(1, ("chief-officer",)),
        authorise,
        SubmitSelfEvaluation(1),
        WithdrawSubmission("Why"),
        WaiveSubmission("Why"),
    ],
)
def test_nothing_happens_before_the_area_was_asked(command: Command) -> None:  # R2
    given().when(command).then_refused(SelfEvaluationNotRequested)
    given(*asked).when(KeepDraft(1, (Answer("outcomes", "Better"),)), on=date(2024, 8, 11)).then_refused(
        SelfEvaluationNotRequested
    )


def test_a_draft_is_kept_under_the_next_number_and_each_part_is_sealed_by_itself() -> None:  # R8
    draft = KeepDraft(1, (Answer("outcomes", "Outcomes, first"), Answer("drivers", "Drivers, first")))
    given(*asked).when(draft, on=OPENS).then(*first)
    given(*asked, *first).when(draft, on=OPENS).then_refused(DraftAlreadyKept)
    given(*asked, *first).when(KeepDraft(3, (Answer("outcomes", "Third"),)), on=OPENS).then_refused(DraftOutOfOrder)


def test_a_draft_may_be_kept_before_the_window_opens() -> None:  # R8
    given(*asked).when(KeepDraft(1, (Answer("drivers", "Drivers"),)), on=ASKED).then(
        DraftKept(1, ("drivers",), ASKED), PartDrafted(1, "drivers", Sealed("Drivers"))
    )


def test_parts_that_a_draft_leaves_out_stand_as_they_were() -> None:  # R8
    state = fold(self_evaluations, *drafted)
    assert state.answers.keys() == {"drivers", "outcomes", "barriers"}


def test_parts_that_the_template_does_not_have_are_told_together() -> None:  # R8
    given(*asked).when(KeepDraft(1, (Answer("weather", "Wet"),)), on=OPENS).then_refused(PartUnknown)
    draft = KeepDraft(1, (Answer("weather", "Wet"), Answer("traffic", "Slow")))
    given(*asked).when(draft, on=OPENS).then_refused(SeveralRefusals)


def test_one_draft_does_not_answer_a_part_twice() -> None:  # R8
    with pytest.raises(ValidationError, match="same part twice"):
        TypeAdapter(KeepDraft).validate_python({"draft": 1, "answers": [{"part": "outcomes", "text": "a"}] * 2})


def test_the_latest_draft_is_shared_by_designation() -> None:  # R8
    share = ShareDraft(2, ("justice-services-manager", "chief-officer"))
    event = DraftShared(2, ("chief-officer", "justice-services-manager"), OPENS)
    given(*drafted).when(share, on=OPENS).then(event)
    given(*drafted, event).when(share, on=OPENS).then_nothing()
    given(*drafted).when(ShareDraft(1, ("chief-officer",)), on=OPENS).then_refused(DraftNotLatest)
    given(*asked).when(share, on=OPENS).then_refused(NoDraftKept)


@pytest.mark.parametrize("day", [OPENS, CLOSES])
def test_the_final_submission_is_made_in_the_window_and_meets_the_obligation(day: date) -> None:  # R8, §6
    given(*drafted).when(submit, on=day).then(
        SelfEvaluationSubmitted(2, 4, False, day), ObligationMet("submit-self-evaluation", day)
    )


def test_a_grade_on_the_six_point_scale_is_optional() -> None:  # R8
    given(*drafted).when(SubmitSelfEvaluation(2), on=CLOSES).then(SelfEvaluationSubmitted(2, None, False, CLOSES), met)
    for grade in (0, 7):
        with pytest.raises(ValidationError):
            TypeAdapter(SubmitSelfEvaluation).validate_python({"draft": 1, "grade": grade})


def test_a_submission_before_the_opening_is_refused() -> None:  # R8
    given(*drafted).when(submit, on=date(2024, 9, 1)).then_refused(SubmissionNotOpen)


def test_a_submission_after_the_close_is_refused_without_an_authorisation() -> None:  # R8
    given(*drafted).when(submit, on=date(2024, 11, 21)).then_refused(SubmissionClosed)


def test_a_late_submission_needs_a_recorded_authorisation_and_is_recorded_as_late() -> None:  # R8
    extended = ObligationExtended("submit-self-evaluation", UNTIL, Sealed("A flood closed the offices"), 1)
    given(*drafted).when(authorise, on=date(2024, 11, 21)).then(
        LateSubmissionAuthorised("Head of inspection", UNTIL, date(2024, 11, 21), Sealed("A flood closed the offices")),
        extended,
    )
    late = (*drafted, authorised, extended)
    given(*late).when(submit, on=LATE).then(
        SelfEvaluationSubmitted(2, 4, True, LATE), ObligationMet("submit-self-evaluation", LATE)
    )
    given(*late).when(submit, on=UNTIL).then_includes(SelfEvaluationSubmitted(2, 4, True, UNTIL))
    given(*late).when(submit, on=date(2024, 11, 30)).then_refused(SubmissionClosed)
    state = fold(self_evaluations, *late)
    assert state.obligations["submit-self-evaluation"].extensions == 1
    assert status(state.obligations["submit-self-evaluation"], at("2024-11-27T12:00:00Z")) == "open"


def test_an_authorisation_does_not_reach_back_to_before_it_was_given() -> None:  # R8
    later = LateSubmissionAuthorised("Head of inspection", UNTIL, date(2024, 11, 28), Sealed("A flood"))
    given(*drafted, later).when(submit, on=LATE).then_refused(SubmissionClosed)


def test_an_authorisation_is_given_once_for_a_day_and_then_for_a_later_one() -> None:  # R8
    given(*drafted, authorised).when(replace(authorise, reason="Storms"), on=LATE).then_refused(LateSubmissionNotNeeded)
    given(*drafted).when(replace(authorise, until=CLOSES), on=LATE).then_refused(LateSubmissionNotNeeded)
    given(*drafted, authorised).when(replace(authorise, until=LATE), on=LATE).then_refused(LateSubmissionNotNeeded)
    further = replace(authorise, until=date(2024, 12, 6))
    given(*drafted, authorised).when(further, on=UNTIL).then_includes(
        LateSubmissionAuthorised("Head of inspection", date(2024, 12, 6), UNTIL, Sealed(authorise.reason))
    )


def test_no_other_submission_is_offered_while_one_stands_and_a_repeat_adds_nothing() -> None:  # R8
    given(*drafted, submitted, met).when(submit, on=CLOSES).then_nothing()
    permit(SubmitSelfEvaluation, fold(self_evaluations, *drafted), EXERCISE)
    with pytest.raises(AlreadySubmitted):
        permit(SubmitSelfEvaluation, fold(self_evaluations, *drafted, submitted, met), EXERCISE)
    permit(SubmitSelfEvaluation, fold(self_evaluations, *drafted, submitted, met, withdrawn, owed_again), EXERCISE)


def test_a_second_final_submission_without_a_withdrawal_is_refused() -> None:  # R8
    given(*drafted, submitted, met).when(submit, on=CLOSES).then_nothing()
    given(*drafted, submitted, met).when(SubmitSelfEvaluation(2, 5), on=CLOSES).then_refused(AlreadySubmitted)
    given(*drafted, submitted, met).when(submit, on=LATE).then_refused(AlreadySubmitted)
    given(*drafted, submitted, met).when(KeepDraft(3, (Answer("outcomes", "x"),)), on=CLOSES).then_refused(
        AlreadySubmitted
    )


def test_a_withdrawal_has_a_reason_and_the_submission_is_owed_anew() -> None:  # R8, §6
    given(*drafted, submitted, met).when(WithdrawSubmission("A part was pasted twice"), on=CLOSES).then(
        withdrawn, owed_again
    )
    after = (*drafted, submitted, met, withdrawn, owed_again)
    given(*after).when(WithdrawSubmission("Again"), on=CLOSES).then_refused(NothingSubmitted)
    given(*after).when(SubmitSelfEvaluation(2, 5), on=CLOSES).then(
        SelfEvaluationSubmitted(2, 5, False, CLOSES), ObligationMet("submit-self-evaluation-2", CLOSES)
    )
    given(*drafted).when(WithdrawSubmission("Why"), on=CLOSES).then_refused(NothingSubmitted)
    given(*drafted, submitted, met).when(WithdrawSubmission("Why"), on=OPENS).then_refused(DatesOutOfOrder)


def test_a_submission_with_a_validation_letter_is_not_withdrawn() -> None:  # R5
    validated = replace(EXERCISE, letter_sent_on=date(2025, 3, 3))
    given(*drafted, submitted, met, facts=validated).when(
        WithdrawSubmission("Second thoughts"), on=date(2025, 3, 4)
    ).then_refused(SubmissionValidated)


def test_a_submission_keeps_the_answers_that_it_was_made_with() -> None:  # R8
    state = fold(self_evaluations, *drafted, submitted, met)
    later = fold(self_evaluations, *drafted, submitted, met, PartDrafted(3, "outcomes", Sealed("Outcomes, later")))
    assert later.submission.answers == state.submission.answers != later.answers


def violations(*events: Event, command: Command, on: date) -> list[Refusal]:
    with pytest.raises(SeveralRefusals) as caught:
        self_evaluations.decide(command, fold(self_evaluations, *events), EXERCISE, on)
    return list(caught.value.refusals)


def test_all_that_a_submission_lacks_is_told_together() -> None:  # R8
    found = violations(*asked, *first[:2], command=SubmitSelfEvaluation(7), on=date(2024, 9, 1))
    assert [type(refusal) for refusal in found] == [SubmissionNotOpen, DraftNotLatest, PartUnanswered, PartUnanswered]
    assert [refusal.facts["title"] for refusal in found[2:]] == ["Outcomes", "Barriers"]
    none = violations(*asked, command=SubmitSelfEvaluation(1), on=OPENS)
    assert [type(refusal) for refusal in none] == [PartUnanswered] * 3


def test_a_submission_is_waived_with_a_reason_and_may_still_come_in() -> None:  # §6
    waived = ObligationWaived("submit-self-evaluation", Sealed("No justice services of its own"))
    given(*drafted).when(WaiveSubmission("No justice services of its own"), on=OPENS).then(waived)
    given(*drafted, waived).when(WaiveSubmission("Again"), on=OPENS).then_refused(ObligationSettled)
    given(*drafted, waived).when(submit, on=CLOSES).then(submitted)
    given(*drafted, submitted, met).when(WaiveSubmission("Late"), on=CLOSES).then_refused(ObligationSettled)


def test_what_the_submission_lacks_is_explained() -> None:  # R8
    state = fold(self_evaluations, *asked, *first)
    found = {finding.key: finding.holds for finding in explain(state, EXERCISE, at("2024-09-01T22:59:59Z"))}
    assert found == {
        "submission/window": False,
        "submission/part/outcomes": True,
        "submission/part/drivers": True,
        "submission/part/barriers": False,
    }
    done = explain(fold(self_evaluations, *drafted, submitted, met), EXERCISE, at("2024-12-01T00:00:00Z"))
    assert [(finding.key, finding.holds) for finding in done] == [("submission", True)]


@pytest.mark.parametrize(
    ("instant", "opened"),
    [
        ("2024-09-01T22:59:59Z", False),  # 23:59:59 in Scotland
        ("2024-09-01T23:00:00Z", True),
        ("2024-11-20T23:59:59Z", True),  # Greenwich Mean Time again
        ("2024-11-21T00:00:00Z", False),
    ],
)
def test_the_window_holds_to_the_end_of_its_last_day_in_scotland(instant: str, opened: bool) -> None:  # R8, §6
    findings = explain(fold(self_evaluations, *drafted), EXERCISE, at(instant))
    assert {finding.key: finding.holds for finding in findings}["submission/window"] is opened
