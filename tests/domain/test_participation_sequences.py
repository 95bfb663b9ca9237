"""Whatever is asked of an area's part in a review and in whatever order, no forbidden state comes of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.domain import participations
from app.domain.participations import (
    AcceptDocument,
    AnswerQuestion,
    AskQuestion,
    ExtendObligation,
    HoldInterview,
    InviteToBriefing,
    IssueGuidance,
    NominateCoordinator,
    Notify,
    Participation,
    ProvideLocalSurveyReport,
    QueryDocument,
    RecordBriefingAttendance,
    RecordDocumentReturn,
    RecordFocusGroupAttendance,
    RecordVisit,
    ReplaceCoordinator,
    RequestDocument,
    ReviewFacts,
    ShareSurvey,
    WaiveObligation,
    Withdraw,
    document_key,
)
from app.domain.refusals import Refusal
from app.ledger.events import Event
from tests.domain.dsl import ABERDEEN, fold, recorded
from tests.domain.sequences import Asked, after_all, assert_the_same_in_either_order, pairs_of

CSWO = "chief-social-work-officer"
NOTIFIED = date(2024, 7, 14)
WINDOW = (date(2024, 7, 15), date(2024, 7, 18))
DUE = date(2024, 7, 16)
ANNOUNCED = ReviewFacts(
    area=ABERDEEN,
    announced=True,
    areas=frozenset({ABERDEEN}),
    nominate_by=DUE,
    documents={"policy": ("Policy", DUE)},
    briefings=frozenset({"first", "second"}),
    survey_windows=(WINDOW,),
    interview_window=WINDOW,
)

days = st.sampled_from([date(2024, 7, day) for day in range(13, 21)])
people = st.sampled_from(["person-1", "person-2", "person-3"])
codes = st.sampled_from(["first", "second", "third"])
documents = st.sampled_from(["policy", "plan", "extra"])
files = st.sampled_from([(UUID(int=1),), (UUID(int=1), UUID(int=2))])
interviewees = st.lists(st.sampled_from([CSWO, "chief-officer", "senior-manager-adults"]), min_size=1, max_size=3)
obligations = st.sampled_from(["nominate-coordinator", "share-survey", *map(document_key, ("policy", "plan", "extra"))])

TRACKS: dict[str, st.SearchStrategy[Any]] = {
    "co-ordination": st.one_of(
        st.builds(NominateCoordinator, people, st.just("a name"), st.just("Officer")),
        st.builds(ReplaceCoordinator, people, st.just("a name"), st.just("Officer"), st.just("left")),
        st.just(IssueGuidance()),
        st.builds(InviteToBriefing, codes),
        st.builds(RecordBriefingAttendance, codes),
    ),
    "questions": st.one_of(
        st.builds(AskQuestion, codes, st.just("Why?")), st.builds(AnswerQuestion, codes, st.just("So."))
    ),
    "documents": st.one_of(
        st.builds(RequestDocument, documents, st.just("Policy"), st.just(DUE)),
        st.builds(RecordDocumentReturn, documents, files),
        st.builds(QueryDocument, documents, st.just("Which year?")),
        st.builds(AcceptDocument, documents),
    ),
    "survey": st.just(ShareSurvey()),
    "interviews": st.builds(HoldInterview, codes, interviewees.map(tuple)),
    "focus groups": st.builds(RecordFocusGroupAttendance, codes, st.integers(1, 3)),
    "visits": st.builds(RecordVisit, codes, st.just(("carers", "staff"))),
    "report": st.builds(ProvideLocalSurveyReport, st.sampled_from([None, UUID(int=1)])),
}
notify = st.just(Notify((ABERDEEN,)))
deadlines = st.one_of(
    st.builds(ExtendObligation, obligations, days, st.just("leave")),
    st.builds(WaiveObligation, obligations, st.just("not held")),
)
# Track by track, however many kinds of command each has; those with several steps oftener.
commands = st.sampled_from(
    [*TRACKS.values(), TRACKS["co-ordination"], TRACKS["co-ordination"], TRACKS["documents"], deadlines, notify]
).flatmap(lambda track: track)


class Participations(RuleBasedStateMachine):
    """An area's part while commands arrive in any order and on any day, and the review itself goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.facts, self.state = ANNOUNCED, Participation()
        self.events: list[Event] = []
        self.left: Participation | None = None

    def ask(self, command: Any, day: date) -> None:
        try:
            caused = participations.decide(command, self.state, self.facts, day)
        except Refusal:
            return
        self.events += caused
        for event in caused:
            self.state = participations.evolve(self.state, recorded(event))
        with suppress(Refusal):
            assert participations.decide(command, self.state, self.facts, day) == []

    @initialize(told=st.booleans())
    def begin(self, told: bool) -> None:
        if told:
            self.ask(Notify((ABERDEEN,)), NOTIFIED)

    @rule(command=commands, day=days)
    def anything(self, command: Any, day: date) -> None:
        self.ask(command, day)

    @precondition(lambda self: len(self.events) > 10 and self.left is None)
    @rule(day=days)
    def withdraw(self, day: date) -> None:
        self.ask(Withdraw("no capacity"), day)
        if self.state.withdrawn_on is not None:
            self.left = self.state

    @precondition(lambda self: self.facts.published_on is None)
    @rule(day=days)
    def publish(self, day: date) -> None:
        self.facts = replace(self.facts, published_on=day)

    @precondition(lambda self: "plan" not in self.facts.documents)
    @rule()
    def list_another_document(self) -> None:
        self.facts = replace(self.facts, documents={**self.facts.documents, "plan": ("Plan", DUE)})

    def teardown(self) -> None:
        assert fold(participations, *self.events) == self.state

    @invariant()
    def an_area_has_at_most_one_co_ordinator(self) -> None:  # R17
        present = [held for held in self.state.coordinators if held.ends_on is None]
        assert len(present) == min(1, len(self.state.coordinators))
        assert all(held.ends_on >= held.starts_on for held in self.state.coordinators if held.ends_on is not None)

    @invariant()
    def at_most_two_others_are_interviewed_and_the_cswo_once_in_the_period(self) -> None:  # R21
        interviews = self.state.interviews.values()
        assert sum(CSWO in held.interviewees for held in interviews) <= 1
        assert sum(person != CSWO for held in interviews for person in held.interviewees) <= 2
        assert all(WINDOW[0] <= held.held_on <= WINDOW[1] for held in interviews)

    @invariant()
    def no_local_report_precedes_the_national_one(self) -> None:  # R22
        if (report := self.state.survey_report) is not None:
            assert self.facts.published_on is not None
            assert self.facts.published_on <= report.provided_on

    @invariant()
    def nobody_attends_uninvited(self) -> None:  # R18
        assert self.state.attendances.keys() <= self.state.invitations.keys()

    @invariant()
    def what_was_returned_was_asked_for(self) -> None:  # R20
        assert {document_key(document) for document in self.state.documents} <= self.state.obligations.keys()

    @invariant()
    def no_obligation_is_both_met_and_waived(self) -> None:  # §6
        assert not [key for key, owed in self.state.obligations.items() if owed.waived and owed.met_on is not None]

    @invariant()
    def nothing_happens_before_notification(self) -> None:  # R17
        if self.state.notified_on is None:
            assert self.state == Participation()

    @invariant()
    def nothing_happens_after_withdrawal(self) -> None:  # R17
        if self.left is not None:
            assert self.state == self.left
            assert all(owed.settled for owed in self.state.obligations.values())


def test_no_sequence_of_commands_reaches_a_forbidden_state() -> None:  # R17 to R22
    run_state_machine_as_test(
        Participations, settings=settings(max_examples=150, stateful_step_count=40, deadline=None)
    )


@for_all(told=st.booleans(), history=st.lists(st.tuples(commands, days), max_size=15), pair=pairs_of(TRACKS, days))
def test_commands_of_two_tracks_come_to_the_same_in_either_order(
    told: bool, history: list[Asked], pair: tuple[Asked, Asked]
) -> None:  # R17 to R22
    facts = replace(ANNOUNCED, published_on=date(2024, 7, 17))
    begun: list[Asked] = [(Notify((ABERDEEN,)), NOTIFIED)] if told else []
    state = after_all(participations, Participation(), facts, [*begun, *history])
    assert_the_same_in_either_order(participations, state, facts, *pair)
