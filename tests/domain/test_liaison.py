"""Liaison both ways: each side raises, the other answers; committees attended for cause; contacts facilitated."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.domain.acting import Actor
from app.domain.liaison import (
    AgreeCommitteeAttendance,
    AnswerAsLinkInspector,
    AnswerAsRelationshipManager,
    CloseMatter,
    FacilitateContact,
    Facts,
    ProposeCommitteeAttendance,
    RaiseWithLinkInspector,
    RaiseWithRelationshipManager,
    RecordCommitteeAttendance,
)
from app.domain.liaison_refusals import (
    AttendanceAlreadyAgreed,
    AttendanceAlreadyProposed,
    AttendanceAlreadyRecorded,
    AttendanceNotAgreed,
    AttendanceUnknown,
    ContactAlreadyFacilitated,
    MatterAlreadyAnswered,
    MatterAlreadyRaised,
    MatterForTheOther,
    MatterIsClosed,
    MatterUnknown,
)
from app.domain.postings import NotLinkInspectorThen, NotRelationshipManagerThen, Posting
from app.domain.refusals import DatesOutOfOrder
from app.events.liaison import (
    AttendanceAgreed,
    AttendanceProposed,
    CommitteeAttended,
    ContactFacilitated,
    MatterAnswered,
    MatterClosed,
    MatterRaised,
)
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import ABERDEEN, GLASGOW

MONDAY, TUESDAY, WEDNESDAY = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5)
CARE_HOME, REVIEW, VISIT, NEW_SERVICE = "care-home-referrals", "care-reviews", "apc-march", "new-service"
FOR_ADULTS = "homes-closing"
TEXT = Sealed("In confidence")

from_manager = MatterRaised(CARE_HOME, "relationship-manager", "adults", "adult-protection", MONDAY, TEXT)
from_inspector = MatterRaised(REVIEW, "link-inspector", "children", "assessment-and-care-management", MONDAY, TEXT)
to_adults = MatterRaised(FOR_ADULTS, "link-inspector", "adults", "adult-protection", MONDAY, TEXT)
answer_as_inspector = AnswerAsLinkInspector(CARE_HOME, "In confidence")
answer_as_manager = AnswerAsRelationshipManager(REVIEW, "In confidence")
close = CloseMatter(CARE_HOME, "raised-with-partnership", "In confidence")
closed = MatterClosed(CARE_HOME, "raised-with-partnership", TUESDAY, TEXT)
propose = ProposeCommitteeAttendance(VISIT, "adult-protection-committee", "Many referrals about one care home")
proposed = AttendanceProposed(VISIT, "adult-protection-committee", MONDAY, Sealed("Many referrals about one care home"))
agreed = AttendanceAgreed(VISIT, TUESDAY)
INSPECTORS = (
    Posting(ABERDEEN, None, "inspector-1", MONDAY, TUESDAY, Sealed("The first")),
    Posting(ABERDEEN, None, "inspector-2", WEDNESDAY, None, Sealed("The second")),
    Posting(GLASGOW, None, "inspector-3", MONDAY, None, Sealed("The third")),
)
MANAGERS = (
    Posting(ABERDEEN, "adults", "manager-1", MONDAY, TUESDAY, Sealed("The first")),
    Posting(ABERDEEN, "adults", "manager-2", WEDNESDAY, None, Sealed("The second")),
    Posting(ABERDEEN, "children", "manager-3", MONDAY, None, Sealed("The third")),
)


def by(person: str) -> Facts:
    """A relationship manager asks."""
    return Facts(ABERDEEN, INSPECTORS, MANAGERS, Actor(person, "relationship-manager"))


def by_inspector(person: str) -> Facts:
    """A link inspector asks."""
    return Facts(ABERDEEN, INSPECTORS, MANAGERS, Actor(person, "link-inspector"))


def given(*events: Event, facts: Facts = Facts(ABERDEEN)) -> dsl.Given:  # noqa: B008  # frozen
    return dsl.given(*events, facts=facts)


def test_a_relationship_manager_raises_a_protection_concern_with_the_link_inspector() -> None:  # R42
    given().when(RaiseWithLinkInspector(CARE_HOME, "adults", "adult-protection", "In confidence"), on=MONDAY).then(
        from_manager
    )


def test_a_link_inspector_raises_a_matter_with_the_relationship_manager_of_a_sector() -> None:  # R42
    given().when(
        RaiseWithRelationshipManager(REVIEW, "children", "assessment-and-care-management", "In confidence"), on=MONDAY
    ).then(from_inspector)


def test_a_matter_is_raised_once_under_its_code_by_whichever_side() -> None:  # R42
    again = RaiseWithRelationshipManager(CARE_HOME, "adults", "adult-protection", "In confidence")
    given(from_manager).when(again, on=MONDAY).then_refused(MatterAlreadyRaised)


def test_the_other_side_answers() -> None:  # R42
    given(from_manager).when(answer_as_inspector, on=TUESDAY).then(MatterAnswered(CARE_HOME, TUESDAY, TEXT))
    given(from_inspector).when(answer_as_manager, on=TUESDAY).then(MatterAnswered(REVIEW, TUESDAY, TEXT))


def test_nobody_answers_what_they_raised() -> None:  # R42
    given(from_manager).when(AnswerAsRelationshipManager(CARE_HOME, "In confidence"), on=TUESDAY).then_refused(
        MatterForTheOther
    )
    given(from_inspector).when(AnswerAsLinkInspector(REVIEW, "In confidence"), on=TUESDAY).then_refused(
        MatterForTheOther
    )


@pytest.mark.parametrize(
    ("command", "before"),
    [
        (RaiseWithLinkInspector(CARE_HOME, "adults", "adult-protection", "In confidence"), ()),
        (AnswerAsRelationshipManager(FOR_ADULTS, "In confidence"), (to_adults,)),
        (CloseMatter(CARE_HOME, "no-action", "In confidence"), (from_manager,)),
        (AgreeCommitteeAttendance(VISIT), (proposed,)),
        (RecordCommitteeAttendance(VISIT), (proposed, agreed)),
    ],
    ids=["raise", "answer", "close", "agree", "attend"],
)
def test_who_acts_is_the_relationship_manager_of_that_sector_on_that_day(
    command: Any, before: tuple[Event, ...]
) -> None:  # R42
    for stranger in ("manager-2", "manager-3", "nobody"):
        given(*before, facts=by(stranger)).when(command, on=TUESDAY).then_refused(NotRelationshipManagerThen)
    assert given(*before, facts=by("manager-1")).when(command, on=TUESDAY).decide()
    assert given(*before, facts=by("manager-2")).when(command, on=WEDNESDAY).decide()


@pytest.mark.parametrize(
    ("command", "before"),
    [
        (RaiseWithRelationshipManager(REVIEW, "children", "adult-protection", "In confidence"), ()),
        (answer_as_inspector, (from_manager,)),
        (close, (from_manager,)),
        (propose, ()),
        (FacilitateContact(NEW_SERVICE, "registration", "senior-manager-adults", "In confidence"), ()),
    ],
    ids=["raise", "answer", "close", "propose", "facilitate"],
)
def test_who_acts_is_link_inspector_of_the_area_on_that_day(command: Any, before: tuple[Event, ...]) -> None:  # R42
    for stranger in ("inspector-2", "inspector-3", "nobody"):
        given(*before, facts=by_inspector(stranger)).when(command, on=TUESDAY).then_refused(NotLinkInspectorThen)
    assert given(*before, facts=by_inspector("inspector-1")).when(command, on=TUESDAY).decide()
    assert given(*before, facts=by_inspector("inspector-2")).when(command, on=WEDNESDAY).decide()


def test_a_matter_is_answered_once_and_not_before_it_was_raised() -> None:  # R42
    given().when(answer_as_inspector).then_refused(MatterUnknown)
    given(from_manager).when(answer_as_inspector, on=date(2025, 3, 2)).then_refused(DatesOutOfOrder)
    given(from_manager, MatterAnswered(CARE_HOME, TUESDAY, TEXT)).when(answer_as_inspector, on=TUESDAY).then_refused(
        MatterAlreadyAnswered
    )


def test_a_matter_is_closed_answered_or_not_with_what_came_of_it() -> None:  # R42
    given(from_manager).when(close, on=TUESDAY).then(closed)
    given(from_manager, MatterAnswered(CARE_HOME, TUESDAY, TEXT)).when(close, on=TUESDAY).then(closed)
    given(from_manager, closed).when(close).then_refused(DatesOutOfOrder)
    given(from_manager, closed).when(CloseMatter(CARE_HOME, "no-action", "In confidence"), on=WEDNESDAY).then_refused(
        MatterIsClosed
    )
    given(from_manager, closed).when(answer_as_inspector, on=WEDNESDAY).then_refused(MatterIsClosed)


def test_an_extra_attendance_for_cause_is_proposed_and_agreed() -> None:  # R42
    given().when(propose, on=MONDAY).then(proposed)
    given(proposed).when(AgreeCommitteeAttendance(VISIT), on=TUESDAY).then(agreed)


def test_a_relationship_managers_attendance_is_liaison_and_no_meeting_that_could_count() -> None:  # R36 R42
    given(proposed, agreed).when(RecordCommitteeAttendance(VISIT), on=WEDNESDAY).then(
        CommitteeAttended(VISIT, WEDNESDAY)
    )


def test_an_attendance_that_was_not_agreed_by_its_day_is_refused() -> None:  # R42
    given().when(AgreeCommitteeAttendance(VISIT)).then_refused(AttendanceUnknown)
    given(proposed).when(RecordCommitteeAttendance(VISIT), on=WEDNESDAY).then_refused(AttendanceNotAgreed)
    given(proposed, agreed).when(RecordCommitteeAttendance(VISIT), on=MONDAY).then_refused(AttendanceNotAgreed)
    given(proposed).when(AgreeCommitteeAttendance(VISIT), on=date(2025, 3, 2)).then_refused(DatesOutOfOrder)


def test_a_repeated_step_of_an_attendance_adds_nothing_and_a_contradicting_one_is_refused() -> None:  # R42
    attended = CommitteeAttended(VISIT, WEDNESDAY)
    given(proposed, agreed).when(AgreeCommitteeAttendance(VISIT), on=TUESDAY).then_nothing()
    given(proposed, agreed).when(AgreeCommitteeAttendance(VISIT), on=WEDNESDAY).then_refused(AttendanceAlreadyAgreed)
    given(proposed, agreed, attended).when(RecordCommitteeAttendance(VISIT), on=WEDNESDAY).then_nothing()
    given(proposed, agreed, attended).when(RecordCommitteeAttendance(VISIT), on=TUESDAY).then_refused(
        AttendanceAlreadyRecorded
    )


def test_contact_with_registration_or_complaints_is_facilitated_for_a_senior_manager() -> None:  # R43
    facilitate = FacilitateContact(NEW_SERVICE, "registration", "senior-manager-adults", "In confidence")
    facilitated = ContactFacilitated(NEW_SERVICE, "registration", "senior-manager-adults", MONDAY, TEXT)
    given().when(facilitate, on=MONDAY).then(facilitated)


def test_another_text_on_what_is_recorded_is_refused_and_not_lost() -> None:  # R42 R43
    given(from_manager, closed).when(replace(close, note="Another"), on=TUESDAY).then_refused(MatterIsClosed)
    given(proposed).when(replace(propose, cause="Another"), on=MONDAY).then_refused(AttendanceAlreadyProposed)
    facilitated = ContactFacilitated(NEW_SERVICE, "registration", "senior-manager-adults", MONDAY, TEXT)
    given(facilitated).when(
        FacilitateContact(NEW_SERVICE, "registration", "senior-manager-adults", "Another"), on=MONDAY
    ).then_refused(ContactAlreadyFacilitated)
