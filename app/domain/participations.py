"""One area's part in one review. Its tracks run in parallel; only withdrawal ends them (R17 to R22, R27).

Sealed text cannot be compared with the record: whatever has one is recorded once, since another text dropped as a retry
would be lost. The co-ordinator alone is recorded anew, since contact details are mistyped and change.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from app.domain import obligations as duties
from app.domain import participation_refusals as refused
from app.domain.findings import Finding
from app.domain.participation_briefings import brief
from app.domain.participation_commands import (
    AcceptDocument,
    AnswerQuestion,
    AskQuestion,
    Command,
    ExtendObligation,
    HoldInterview,
    InviteToBriefing,
    IssueGuidance,
    NominateCoordinator,
    Notify,
    ProvideLocalSurveyReport,
    QueryDocument,
    RecordBriefingAttendance,
    RecordDocumentReturn,
    RecordFocusGroupAttendance,
    RecordVisit,
    ReplaceCoordinator,
    RequestDocument,
    ShareSurvey,
    WaiveObligation,
    Withdraw,
)
from app.domain.participation_explanation import findings
from app.domain.participation_fieldwork import (
    attend_focus_group,
    hold_interview,
    make_visit,
    require_interview_left,
)
from app.domain.participation_state import Participation, ReviewFacts, SurveyReport, coordinator_on, evolve
from app.domain.refusals import in_order, refuse
from app.domain.working_days import working_days_after
from app.events.obligations import ObligationMet, ObligationRaised, ObligationWaived
from app.events.participations import (
    AreaNotified,
    CoordinatorNominated,
    CoordinatorReplaced,
    DocumentAccepted,
    DocumentQueried,
    DocumentRequested,
    DocumentReturned,
    GuidanceIssued,
    LocalSurveyReportProvided,
    ParticipationWithdrawn,
    SurveyShared,
)
from app.ledger.events import Event, Sealed

__all__ = [
    "AcceptDocument",
    "AnswerQuestion",
    "AskQuestion",
    "Command",
    "ExtendObligation",
    "HoldInterview",
    "InviteToBriefing",
    "IssueGuidance",
    "NominateCoordinator",
    "Notify",
    "Participation",
    "ProvideLocalSurveyReport",
    "QueryDocument",
    "RecordBriefingAttendance",
    "RecordDocumentReturn",
    "RecordFocusGroupAttendance",
    "RecordVisit",
    "ReplaceCoordinator",
    "RequestDocument",
    "ReviewFacts",
    "ShareSurvey",
    "WaiveObligation",
    "Withdraw",
    "coordinator_on",
    "decide",
    "document_key",
    "evolve",
    "explain",
    "permit",
]

NOMINATION: Final = "nominate-coordinator"
SURVEY: Final = "share-survey"
RETURN_AGAIN_WITHIN: Final = 10
"""Working days within which a document that was queried is to be returned again (policy)."""


def permit(kind: type, state: Participation, facts: ReviewFacts) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    _require(kind, state, facts)
    if kind is IssueGuidance and state.guidance_issued_on is not None:
        raise refused.GuidanceAlreadyIssued(issued_on=state.guidance_issued_on)
    if kind is ShareSurvey and state.survey_shared_on is not None:
        raise refused.SurveyAlreadyShared(shared_on=state.survey_shared_on)
    report = state.survey_report
    if kind is ProvideLocalSurveyReport and report is not None and report.attachment not in facts.erased:
        raise refused.SurveyReportAlreadyProvided(provided_on=report.provided_on)
    if kind is InviteToBriefing and facts.briefings <= state.invitations.keys():
        raise refused.NoBriefingLeft
    if kind is RecordBriefingAttendance and state.invitations.keys() <= state.attendances.keys():
        raise refused.NoInvitationOpen
    if kind is AnswerQuestion and all(question.answered_on is not None for question in state.questions.values()):
        raise refused.NoQuestionOpen
    if kind is RecordDocumentReturn and not _returnable(state, facts):
        raise refused.NoReturnAwaited
    awaiting = [returned for returned in state.documents.values() if returned.accepted_on is None]
    if kind is AcceptDocument and not awaiting:
        raise refused.NoReturnToReview
    if kind is QueryDocument and all(returned.queried_on is not None for returned in awaiting):
        raise refused.NoReturnToReview
    if kind is HoldInterview:
        require_interview_left(state)
    if kind in (ExtendObligation, WaiveObligation):
        duties.require_open(state.obligations)


def _require(kind: type, state: Participation, facts: ReviewFacts) -> None:
    """Raise what stands in the way of every command of this kind, a retry included."""
    if kind is Notify and not facts.announced:
        raise refused.ReviewNotAnnounced
    if kind is Notify and facts.area not in facts.areas:
        raise refused.AreaOutOfScope(area=facts.area)
    if kind is not Notify and state.notified_on is None:
        raise refused.NotNotified
    if state.withdrawn_on is not None:
        raise refused.HasWithdrawn(withdrawn_on=state.withdrawn_on)
    if kind is NominateCoordinator and state.coordinator is not None:
        raise refused.CoordinatorAlreadyNominated(person=state.coordinator.person, since=state.coordinator.starts_on)
    if kind in (ReplaceCoordinator, IssueGuidance, InviteToBriefing) and state.coordinator is None:
        raise refused.NoCoordinator
    if kind is ShareSurvey and not facts.survey_windows:
        raise refused.SurveyNotPlanned
    if kind is ProvideLocalSurveyReport and facts.published_on is None:
        raise refused.ReportNotYetPublished


def decide(command: Command, state: Participation, facts: ReviewFacts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    _require(type(command), state, facts)
    if state.notified_on is not None and day < state.notified_on and not isinstance(command, Notify):
        raise refused.NotNotified
    match command:
        case Notify():
            return _notify(command, state, facts, day)
        case NominateCoordinator() | ReplaceCoordinator() | IssueGuidance():
            return _coordinate(command, state, facts, day)
        case InviteToBriefing() | RecordBriefingAttendance() | AskQuestion() | AnswerQuestion():
            return brief(command, state, facts, day)
        case RequestDocument():
            return _request(command, state, facts)
        case RecordDocumentReturn():
            return _return(command, state, facts, day)
        case QueryDocument() | AcceptDocument():
            return _review(command, state, facts, day)
        case ShareSurvey():
            if state.survey_shared_on is None:
                return [SurveyShared(day), *_settle(SURVEY, state, facts, day)]
            if state.survey_shared_on != day:
                raise refused.SurveyAlreadyShared(shared_on=state.survey_shared_on)
            return []
        case HoldInterview():
            return hold_interview(command, state, facts, day)
        case RecordFocusGroupAttendance():
            return attend_focus_group(command, state, facts, day)
        case RecordVisit():
            return make_visit(command, state, day)
        case ExtendObligation():
            return duties.extend(state.obligations, command.obligation, command.due_on, command.reason)
        case WaiveObligation():
            return duties.waive(state.obligations, command.obligation, command.reason)
        case ProvideLocalSurveyReport():
            return _report(command, state, facts, day)
        case Withdraw():
            owed = [key for key, obligation in state.obligations.items() if not obligation.settled]
            waived = [ObligationWaived(key, Sealed(command.reason)) for key in owed]
            return [ParticipationWithdrawn(day, Sealed(command.reason)), *waived]


def explain(state: Participation, facts: ReviewFacts, at: datetime) -> Sequence[Finding]:
    """What the area's tracks have come to and what they lack; nothing of it hangs on the hour."""
    return tuple(findings(state, published=facts.published_on is not None))


def _returnable(state: Participation, facts: ReviewFacts) -> bool:
    """Whether a document that was asked for has not come, or is to come again."""
    asked = {key.removeprefix("document-") for key in state.obligations if key.startswith("document-")}
    returned = [state.documents.get(document) for document in asked | facts.documents.keys()]
    return any(r is None or (r.queried_on is not None and r.accepted_on is None) for r in returned)


def document_key(document: str) -> str:
    """The key of the obligation to return a document."""
    return f"document-{document}"


def _raise(key: str, what: str, due_on: date, facts: ReviewFacts) -> ObligationRaised:
    return ObligationRaised(key, facts.area, duties.CARE_INSPECTORATE, what, due_on)


def _newly_owed(state: Participation, facts: ReviewFacts) -> list[ObligationRaised]:
    """What the review asks of every area and this one does not owe yet: the list may grow after notification."""
    asked: list[ObligationRaised] = []
    if facts.nominate_by is not None:
        asked.append(_raise(NOMINATION, "Nominate one co-ordinator", facts.nominate_by, facts))
    if facts.survey_windows:
        asked.append(_raise(SURVEY, "Share the staff survey", facts.survey_windows[0][0], facts))
    for document, (title, due_on) in facts.documents.items():
        asked.append(_raise(document_key(document), title, due_on, facts))
    return [obligation for obligation in asked if obligation.key not in state.obligations]


def _settle(key: str, state: Participation, facts: ReviewFacts, day: date) -> list[Event]:
    """Meet an obligation, raising it first if the review came to ask for it after this area was notified."""
    if key in state.obligations:
        return duties.meet(state.obligations, key, day)
    raised = [obligation for obligation in _newly_owed(state, facts) if obligation.key == key]
    return [*raised, ObligationMet(key, day)] if raised else []


def _notify(command: Notify, state: Participation, facts: ReviewFacts, day: date) -> list[Event]:
    refuse(
        [
            refused.RecipientOfAnotherArea(recipient=recipient, area=facts.area)
            for recipient in command.recipients
            if recipient.startswith("S12") and recipient != facts.area
        ]
    )
    recipients = tuple(sorted(command.recipients))
    if state.notified_on is None:
        return [AreaNotified(recipients, day), *_newly_owed(state, facts)]
    if (recipients, day) != (state.recipients, state.notified_on):
        raise refused.AlreadyNotified(notified_on=state.notified_on)
    return []


def _coordinate(
    command: NominateCoordinator | ReplaceCoordinator | IssueGuidance,
    state: Participation,
    facts: ReviewFacts,
    day: date,
) -> list[Event]:
    if isinstance(command, IssueGuidance):
        if state.guidance_issued_on is not None:
            if state.guidance_issued_on != day:
                raise refused.GuidanceAlreadyIssued(issued_on=state.guidance_issued_on)
            return []
        in_order(state.coordinators[0].starts_on, day)
        return [GuidanceIssued(day), *_newly_owed(state, facts)]
    name = Sealed(command.name)
    email = None if command.email is None else Sealed(command.email)
    telephone = None if command.telephone is None else Sealed(command.telephone)
    if isinstance(command, NominateCoordinator):
        nominated = CoordinatorNominated(command.person, command.designation, day, name, email, telephone)
        return [nominated, *_settle(NOMINATION, state, facts, day)]
    # The same person once more is a correction of what is recorded of them; a repeat is known by its key alone.
    present = state.coordinators[-1]
    in_order(present.starts_on, day)
    return [
        CoordinatorReplaced(
            person=command.person,
            previous=present.person,
            designation=command.designation,
            replaced_on=day,
            name=name,
            reason=Sealed(command.reason),
            email=email,
            telephone=telephone,
        )
    ]


def _request(command: RequestDocument, state: Participation, facts: ReviewFacts) -> list[Event]:
    wanted = (command.title, command.due_on)
    owed = state.obligations.get(document_key(command.document))
    known = facts.documents.get(command.document) if owed is None else (owed.what, owed.first_due_on)
    if known is not None and known != wanted:
        raise refused.DocumentAlreadyRequested(document=command.document)
    if owed is not None:
        return []
    return [
        DocumentRequested(command.document, command.title, command.due_on),
        _raise(document_key(command.document), command.title, command.due_on, facts),
    ]


def _return(command: RecordDocumentReturn, state: Participation, facts: ReviewFacts, day: date) -> list[Event]:
    document, key = command.document, document_key(command.document)
    if key not in state.obligations and document not in facts.documents:
        raise refused.DocumentNotRequested(document=document)
    attachments = tuple(sorted(command.attachments))
    current = state.documents.get(document)
    if current is not None:
        if command.note is None and (current.returned_on, current.attachments, current.note) == (
            day,
            attachments,
            None,
        ):
            return []
        if current.queried_on is None or current.accepted_on is not None:
            raise refused.DocumentAlreadyReturned(document=document, returned_on=current.returned_on)
        in_order(current.queried_on, day)
    note = None if command.note is None else Sealed(command.note)
    settled = [*_settle(key, state, facts, day), *_settle_query(document, state, day)]
    return [DocumentReturned(document, day, attachments, note), *settled]


def _review(
    command: QueryDocument | AcceptDocument, state: Participation, facts: ReviewFacts, day: date
) -> list[Event]:
    current = state.documents.get(command.document)
    if current is None:
        raise refused.DocumentNotReturned(document=command.document)
    if isinstance(command, AcceptDocument):
        if current.accepted_on is not None:
            if current.accepted_on != day:
                raise refused.DocumentAlreadyAccepted(document=command.document, accepted_on=current.accepted_on)
            return []
        in_order(current.queried_on or current.returned_on, day)
        return [DocumentAccepted(command.document, day), *_settle_query(command.document, state, day)]
    if current.accepted_on is not None:
        raise refused.DocumentAlreadyAccepted(document=command.document, accepted_on=current.accepted_on)
    if current.queried_on is not None:
        raise refused.DocumentAlreadyQueried(document=command.document, queried_on=current.queried_on)
    in_order(current.returned_on, day)
    key = f"query-{len(_queries(command.document, state)) + 1}-{command.document}"
    due_on = working_days_after(day, RETURN_AGAIN_WITHIN)
    again = _raise(key, f"Return the document {command.document} again", due_on, facts)
    return [DocumentQueried(command.document, day, Sealed(command.query)), again]


def _report(command: ProvideLocalSurveyReport, state: Participation, facts: ReviewFacts, day: date) -> list[Event]:
    if facts.published_on is None or day < facts.published_on:
        raise refused.ReportNotYetPublished
    if (provided := state.survey_report) is not None:
        if provided.attachment not in facts.erased:
            if provided != SurveyReport(day, command.attachment):
                raise refused.SurveyReportAlreadyProvided(provided_on=provided.provided_on)
            return []
        # It was the wrong file: the right one follows.
        in_order(provided.provided_on, day)
    return [LocalSurveyReportProvided(day, command.attachment)]


def _queries(document: str, state: Participation) -> list[str]:
    """The keys of the obligations that the queries of a document made, in order."""
    return [key for key in state.obligations if re.fullmatch(f"query-[0-9]+-{document}", key)]


def _settle_query(document: str, state: Participation, day: date) -> list[Event]:
    return [event for key in _queries(document, state) for event in duties.meet(state.obligations, key, day)]
