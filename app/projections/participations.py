"""Each area's part in each review: one row, with how far its tracks have come."""

from sqlalchemy import Column, Date, Integer, Text

from app.events.participations import (
    AreaNotified,
    CoordinatorNominated,
    CoordinatorReplaced,
    DocumentAccepted,
    DocumentReturned,
    FocusGroupAttended,
    InterviewHeld,
    LocalSurveyReportProvided,
    ParticipationWithdrawn,
    SurveyResponseRecorded,
    SurveyShared,
)
from app.ledger.projections import Projection
from app.projections.folding import change, start

_UNTOUCHED = {
    "coordinator": None,
    "documents_returned": 0,
    "files_returned": 0,
    "documents_accepted": 0,
    "survey_shared_on": None,
    "survey_responses": 0,
    "people_interviewed": 0,
    "managers_in_focus_groups": 0,
    "survey_report_on": None,
    "withdrawn_on": None,
}

participations = Projection(
    name="participations",
    version=1,
    columns=(
        Column("review", Text, primary_key=True),
        Column("area", Text, primary_key=True),
        Column("notified_on", Date, nullable=False),
        Column("coordinator", Text),
        Column("documents_returned", Integer, nullable=False),
        Column("files_returned", Integer, nullable=False),
        Column("documents_accepted", Integer, nullable=False),
        Column("survey_shared_on", Date),
        Column("survey_responses", Integer, nullable=False),
        Column("people_interviewed", Integer, nullable=False),
        Column("managers_in_focus_groups", Integer, nullable=False),
        Column("survey_report_on", Date),
        Column("withdrawn_on", Date),
    ),
    handlers={
        AreaNotified: start(lambda e: {"notified_on": e.notified_on} | _UNTOUCHED, ("review", "area")),
        CoordinatorNominated: change(lambda _row, e: {"coordinator": e.person}),
        CoordinatorReplaced: change(lambda _row, e: {"coordinator": e.person}),
        DocumentReturned: change(
            lambda row, e: {
                "documents_returned": row["documents_returned"] + 1,
                "files_returned": row["files_returned"] + len(e.attachments),
            }
        ),
        DocumentAccepted: change(lambda row, _e: {"documents_accepted": row["documents_accepted"] + 1}),
        SurveyShared: change(lambda _row, e: {"survey_shared_on": e.shared_on}),
        SurveyResponseRecorded: change(lambda row, _e: {"survey_responses": row["survey_responses"] + 1}),
        InterviewHeld: change(lambda row, e: {"people_interviewed": row["people_interviewed"] + len(e.interviewees)}),
        FocusGroupAttended: change(
            lambda row, e: {"managers_in_focus_groups": row["managers_in_focus_groups"] + e.managers}
        ),
        LocalSurveyReportProvided: change(lambda _row, e: {"survey_report_on": e.provided_on}),
        ParticipationWithdrawn: change(lambda _row, e: {"withdrawn_on": e.withdrawn_on}),
    },
    indexes=(("area",),),
)
