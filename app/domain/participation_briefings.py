"""What co-ordinators are briefed on, and what they ask (R18); see `participations`."""

from datetime import date

from app.domain import participation_refusals as refused
from app.domain.participation_commands import (
    AnswerQuestion,
    AskQuestion,
    InviteToBriefing,
    RecordBriefingAttendance,
)
from app.domain.participation_state import Participation, ReviewFacts
from app.domain.refusals import in_order
from app.events.participations import BriefingAttended, BriefingInvited, QuestionAnswered, QuestionAsked
from app.ledger.events import Event, Sealed


def brief(
    command: InviteToBriefing | RecordBriefingAttendance | AskQuestion | AnswerQuestion,
    state: Participation,
    facts: ReviewFacts,
    day: date,
) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    match command:
        case InviteToBriefing(briefing=briefing):
            if briefing not in facts.briefings:
                raise refused.BriefingUnknown(briefing=briefing)
            if (invited_on := state.invitations.get(briefing)) is not None:
                if invited_on != day:
                    raise refused.AlreadyInvitedToBriefing(briefing=briefing, invited_on=invited_on)
                return []
            in_order(state.coordinators[0].starts_on, day)
            return [BriefingInvited(briefing, day)]
        case RecordBriefingAttendance(briefing=briefing):
            if briefing not in state.invitations:
                raise refused.NotInvitedToBriefing(briefing=briefing)
            if (attended_on := state.attendances.get(briefing)) is not None:
                if attended_on != day:
                    raise refused.BriefingAlreadyAttended(briefing=briefing, attended_on=attended_on)
                return []
            in_order(state.invitations[briefing], day)
            return [BriefingAttended(briefing, day)]
        case AskQuestion(question=code):
            # Two questions under one code cannot be told from a retry, and dropping one would lose it.
            if code in state.questions:
                raise refused.QuestionAlreadyAsked(question=code, asked_on=state.questions[code].asked_on)
            return [QuestionAsked(code, day, Sealed(command.text))]
        case AnswerQuestion(question=code):
            if code not in state.questions:
                raise refused.QuestionUnknown(question=code)
            asked = state.questions[code]
            if asked.answered_on is not None:
                raise refused.QuestionAlreadyAnswered(question=code, answered_on=asked.answered_on)
            in_order(asked.asked_on, day)
            return [QuestionAnswered(code, day, Sealed(command.text))]
