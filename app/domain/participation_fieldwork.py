"""Where inspectors meet people of an area: interviews, focus groups, visits (R21, R27); see `participations`."""

from datetime import date
from typing import Final

from app.domain import participation_refusals as refused
from app.domain.participation_commands import HoldInterview, RecordFocusGroupAttendance, RecordVisit
from app.domain.participation_state import CSWO, Participation, ReviewFacts, Visit
from app.domain.refusals import Refusal, refuse
from app.events.participations import FocusGroupAttended, InterviewHeld, VisitMade
from app.ledger.events import Event

OTHER_INTERVIEWEES: Final = 2


def require_interview_left(state: Participation) -> None:
    """Raise InterviewsHeld once all who may be interviewed have been."""
    met = [person for interview in state.interviews.values() for person in interview.interviewees]
    if CSWO in met and sum(person != CSWO for person in met) >= OTHER_INTERVIEWEES:
        raise refused.InterviewsHeld


def hold_interview(command: HoldInterview, state: Participation, facts: ReviewFacts, day: date) -> list[Event]:
    """The CSWO once, and at most two others (R21); none if this interview is recorded so already."""
    interviewees = tuple(sorted(command.interviewees))
    if (recorded := state.interviews.get(command.code)) is not None:
        if (recorded.interviewees, recorded.held_on) != (interviewees, day):
            raise refused.InterviewAlreadyHeld(interview=command.code, held_on=recorded.held_on)
        return []
    against = _outside_period(facts, day)
    with_cswo = [code for code, interview in state.interviews.items() if CSWO in interview.interviewees]
    if CSWO in interviewees and with_cswo:
        against.append(refused.CswoAlreadyInterviewed(interview=with_cswo[0]))
    before = [person for interview in state.interviews.values() for person in interview.interviewees]
    others = sum(person != CSWO for person in (*before, *interviewees))
    if others > OTHER_INTERVIEWEES:
        against.append(refused.TooManyInterviewees(others=others))
    refuse(against)
    return [InterviewHeld(command.code, interviewees, day)]


def attend_focus_group(
    command: RecordFocusGroupAttendance, state: Participation, facts: ReviewFacts, day: date
) -> list[Event]:
    """Managers in a themed focus group on the day (R21); none if it is recorded so already."""
    recorded = state.focus_groups.get((command.theme, day))
    if recorded is None:
        refuse(_outside_period(facts, day))
        return [FocusGroupAttended(command.theme, command.managers, day)]
    if recorded != command.managers:
        raise refused.FocusGroupAlreadyRecorded(managers=recorded, theme=command.theme)
    return []


def make_visit(command: RecordVisit, state: Participation, day: date) -> list[Event]:
    """A visit to the area (R27); none if it is recorded so already."""
    visit = Visit(tuple(sorted(command.met)), tuple(sorted(command.places)), day)
    recorded = state.visits.get(command.visit)
    if recorded is None:
        return [VisitMade(command.visit, visit.met, visit.places, visit.visited_on)]
    if recorded != visit:
        raise refused.VisitAlreadyRecorded(visit=command.visit, visited_on=recorded.visited_on)
    return []


def _outside_period(facts: ReviewFacts, day: date) -> list[Refusal]:
    if facts.interview_window is None:
        return []
    first, last = facts.interview_window
    return [] if first <= day <= last else [refused.OutsideInterviewPeriod(first=first, last=last, day=day)]
