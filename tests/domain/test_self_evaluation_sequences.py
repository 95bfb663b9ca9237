"""Self-evaluation, selection and validation of two areas together: what no sequence of commands brings about."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from app.domain import self_evaluations, validation_selections, validations
from app.domain.refusals import Refusal
from app.domain.self_evaluations import (
    Answer,
    AuthoriseLateSubmission,
    KeepDraft,
    RequestSelfEvaluation,
    SubmitSelfEvaluation,
    WithdrawSubmission,
)
from app.domain.validation_selections import DeselectFromValidation, SelectForValidation
from app.domain.validations import (
    GiveValidationFeedback,
    InviteToValidation,
    ReleaseFromValidation,
    SendValidationLetter,
)
from app.events.self_evaluations import SelfEvaluationSubmitted, SubmissionWithdrawn
from app.events.validations import ValidationLetterSent
from app.ledger.events import Event
from tests.domain.dsl import ABERDEEN, GLASGOW, recorded

AREAS = (ABERDEEN, GLASGOW)
OPENS, CLOSES = date(2024, 9, 2), date(2024, 11, 20)


class World:
    """Two areas of one exercise that validates one: each command is decided on all that was recorded before it."""

    def __init__(self) -> None:
        self.evaluations = {area: self_evaluations.SelfEvaluation() for area in AREAS}
        self.validations = {area: validations.Validation() for area in AREAS}
        self.selection = validation_selections.Selection()
        self.recorded: list[tuple[str, Event]] = []

    def evaluate(self, area: str, command: Any, day: date) -> None:
        letter = self.validations[area].letter
        facts = self_evaluations.ExerciseFacts(
            area, announced=True, areas=frozenset(AREAS), opens_on=OPENS, closes_on=CLOSES,
            parts={"outcomes": "Outcomes"}, letter_sent_on=None if letter is None else letter.sent_on,
        )  # fmt: skip
        for event in self_evaluations.decide(command, self.evaluations[area], facts, day):
            self.evaluations[area] = self_evaluations.evolve(self.evaluations[area], recorded(event))
            self.recorded.append((area, event))

    def select(self, _area: str, command: Any, day: date) -> None:
        submitted = frozenset(area for area in AREAS if self.evaluations[area].submission)
        with_letter = frozenset(area for area in AREAS if self.validations[area].letter)
        facts = validation_selections.Facts(1, submitted, with_letter)
        for event in validation_selections.decide(command, self.selection, facts, day):
            self.selection = validation_selections.evolve(self.selection, recorded(event))

    def validate(self, area: str, command: Any, day: date) -> None:
        submission = self.evaluations[area].submission
        facts = validations.Facts(
            area, None if submission is None else submission.submitted_on, None, self.selection.selected.get(area)
        )
        for event in validations.decide(command, self.validations[area], facts, day):
            if isinstance(event, ValidationLetterSent):
                assert submission is not None
                assert submission.submitted_on <= day
                assert self.selection.selected[area] <= day
            self.validations[area] = validations.evolve(self.validations[area], recorded(event))

    def check(self) -> None:
        assert len(self.selection.selected) <= 1
        for area in AREAS:
            kinds = [type(event) for of, event in self.recorded if of == area]
            finals = kinds.count(SelfEvaluationSubmitted) - kinds.count(SubmissionWithdrawn)
            assert finals == (self.evaluations[area].submission is not None)
            if self.validations[area].letter is not None:
                assert finals == 1
                assert area in self.selection.selected


Step = tuple[Callable[[World, str, Any, date], None], Any]
answers = (Answer("outcomes", "Better"),)
steps: st.SearchStrategy[Step] = st.sampled_from(
    [
        (World.evaluate, RequestSelfEvaluation()),
        *((World.evaluate, KeepDraft(number, answers)) for number in (1, 2)),
        *((World.evaluate, SubmitSelfEvaluation(number)) for number in (1, 2)),
        (World.evaluate, AuthoriseLateSubmission("Head of inspection", date(2025, 12, 31), "A flood")),
        (World.evaluate, WithdrawSubmission("A mistake")),
        *((World.select, SelectForValidation((area,), "A range")) for area in AREAS),
        *((World.select, DeselectFromValidation((area,), "No capacity")) for area in AREAS),
        (World.validate, InviteToValidation()),
        (World.validate, ReleaseFromValidation()),
        (World.validate, SendValidationLetter(UUID(int=1))),
        (World.validate, GiveValidationFeedback("Well done")),
    ]
)
days = st.dates(date(2024, 8, 31), date(2025, 3, 31))
usual: list[Step] = [
    (World.evaluate, RequestSelfEvaluation()),
    (World.evaluate, KeepDraft(1, answers)),
    (World.evaluate, SubmitSelfEvaluation(1)),
    (World.select, SelectForValidation((ABERDEEN,), "A range")),
    (World.validate, InviteToValidation()),
    (World.validate, SendValidationLetter(UUID(int=1))),
]


@settings(max_examples=300)
@for_all(
    st.integers(0, len(usual)),
    st.lists(st.tuples(steps, st.sampled_from(AREAS), days), max_size=25),
)
def test_no_sequence_leaves_two_finals_standing_or_a_letter_without_selection_and_submission(
    begun: int, further: list[tuple[Step, str, date]]
) -> None:  # R5, R8
    world = World()
    begin = [(step, ABERDEEN, date(2024, 9, 3 + number)) for number, step in enumerate(usual[:begun])]
    for (act, command), area, day in [*begin, *further]:
        with suppress(Refusal):
            act(world, area, command, day)
        world.check()


def test_the_usual_sequence_ends_with_a_letter() -> None:  # R5
    world = World()
    for number, (act, command) in enumerate(usual):
        act(world, ABERDEEN, command, date(2024, 9, 3 + number))
    assert world.validations[ABERDEEN].letter is not None
