"""The review as its public pages announced it: questions, purposes, definitions, and the plan with its real dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from app.demo.documents import DOCUMENTS
from app.demo.steps import Person, Step, moment

TEAM: Final = Person("lead-inspector")
NOTIFIED: Final = date(2024, 7, 15)
NOMINATE_BY: Final = date(2024, 7, 19)
DOCUMENTS_DUE: Final = date(2024, 8, 27)
SURVEY_OPENS, SURVEY_CLOSES = date(2024, 8, 19), date(2024, 10, 4)
INTERVIEWS_BEGIN, INTERVIEWS_END = date(2024, 9, 30), date(2024, 11, 1)
CONCLUDED: Final = date(2024, 12, 20)
PUBLISHED: Final = date(2025, 3, 17)
# The period is real; which days the sessions were held on is not known.
BRIEFINGS: Final = tuple(date(2024, 8, day) for day in (6, 8, 13, 15))

ANNOUNCEMENT: Final[dict[str, Any]] = {
    "title": "Review of social work governance and assurance in Scotland",
    "legal_basis": "Section 53 of the Public Services Reform (Scotland) Act 2010",
    "stem": "How well do social work governance and assurance arrangements support leaders to:",
    "questions": [
        "Ensure statutory duties are carried out safely and effectively?",
        "Enable social work staff to be supported, accountable and effective in their practice?",
        "Assist social work staff to uphold core social work values?",
    ],
    "purposes": [
        "Highlight the areas of influence for chief social worker officers, principal social workers and other key "
        "social work leaders as they provide governance and assurance",
        "Explore the support and assistance provided by leaders and managers to encourage staff to uphold social work "
        "values in practice",
        "Identify and disseminate information about what is working well",
        "Recognise the challenges faced by local leaders and staff across the country and identify areas where "
        "improvement is required",
    ],
    "service_areas": ["adults", "children", "justice"],
    "methods": ["documents", "staff-survey", "interviews", "focus-groups"],
    "definitions": [
        {
            "term": "Governance and assurance",
            "meaning": "A robust system for assuring high standards in the delivery of safe, personalised and "
            "effective social work services",
            "source": "Adapted from the definition in “Governance for quality social care in Scotland”, SWS 2018",
        },
        {
            "term": "Statutory duties",
            "meaning": "The wide range of statutory duties across children’s, adults and justice social work services, "
            "as outlined in the guidance on the role of the registered social worker",
            "source": "Role of registered social worker in statutory interventions: guidance for Local Authorities "
            "SG 2010",
        },
        {
            "term": "Social work staff",
            "meaning": "Social workers and other staff employed to fulfil or support the delivery of statutory social "
            "work duties such as occupational therapists, paraprofessionals (social work assistants and justice "
            "assistants)",
            "excludes": "Staff who work in registered services (such as residential care home staff, housing support "
            "staff or similar), because they are already involved in inspections of regulated services",
        },
        {
            "term": "Core social work values",
            "meaning": "Those outlined in the SSSC code of practice (May 2024), underpinned by the ethical principles "
            "of human rights and dignity, social justice and professional integrity",
            "source": "BASW Code of Ethics 2021",
        },
    ],
    "analysis_framework": "Principles of the European Framework for Quality Management (EFQM) model",
    "team": "Strategic inspectors of the Care Inspectorate",
    "starts": "2024-07",
    "ends": "2024-12",
    "report_due": "2025-03",
    "selection_mode": "all",
    "nominate_by": NOMINATE_BY.isoformat(),
}

MILESTONES: Final = (
    ("notification", "Formal notification of all local authorities and partnerships", "2024-07-15", None),
    ("guidance", "Detailed guidance to the co-ordinators", "2024-07-22", "2024-07-26"),
    ("briefings", "Briefing sessions for co-ordinators", "2024-08-05", "2024-08-16"),
    ("survey", "Staff survey", "2024-08-19", "2024-10-04"),
    ("document-return", "Document return", "2024-08-27", None),
    ("interviews", "Interviews with leaders and focus groups", "2024-09-30", "2024-11-01"),
    ("conclusion", "Conclusion of the review", "2024-12", None),
    ("report", "Publication of the national report", "2025-03", None),
)
"""Code, title, first and last day; `interviews` is the code by which the period of the interviews is found."""


def announcement(areas: Sequence[str]) -> list[Step]:
    """The announcement, the plan, the list of documents, the survey's window and the briefings."""
    said = ANNOUNCEMENT | {"areas": sorted(areas)}
    steps = [Step(TEAM, "/v1/reviews", "announce", moment(NOTIFIED, "08:00"), said, creates="review")]
    for code, title, starts_on, ends_on in MILESTONES:
        plan = {"code": code, "title": title, "starts_on": starts_on, "ends_on": ends_on}
        steps.append(_step("milestones", f"milestones/{code}", NOTIFIED, "08:10", **plan))
    for code, title in DOCUMENTS.items():
        listed = {"code": code, "title": title, "due_on": DOCUMENTS_DUE.isoformat()}
        steps.append(_step("documents", f"documents/{code}", NOTIFIED, "08:20", **listed))
    window = {"opens_on": SURVEY_OPENS.isoformat(), "closes_on": SURVEY_CLOSES.isoformat()}
    steps.append(_step("survey-windows", "survey-window", NOTIFIED, "08:30", **window))
    for number, day in enumerate(BRIEFINGS, 1):
        code, title = briefing(day), f"Briefing for co-ordinators, session {number}"
        session = {"code": code, "title": title, "held_on": day.isoformat()}
        steps.append(_step("briefings", f"briefings/{code}", NOTIFIED, "08:40", **session))
    return steps


def fix_report_date() -> Step:
    """The pages say March 2025 first, and 17 March 2025 in the timeline."""
    moved = {"code": "report", "starts_on": PUBLISHED.isoformat(), "reason": "The timeline names the day."}
    return _step("milestone-reschedulings", "milestones/report/moved", NOTIFIED, "17:00", **moved)


def reached(code: str, day: date, clock: str = "17:00") -> Step:
    """A milestone was really reached."""
    return _step("milestone-completions", f"milestones/{code}/reached", day, clock, code=code)


def close_survey() -> Step:
    """At the end of its last day in Scotland (R19)."""
    return _step("survey-closures", "survey-closure", SURVEY_CLOSES, "23:59:59")


def conclude() -> Step:
    """In December 2024; the pages do not tell the day."""
    return _step("conclusions", "conclude", CONCLUDED, "16:00")


def publish() -> Step:
    """The national report."""
    title = "Social work governance and assurance in Scotland: national report"
    return _step("publications", "publish", PUBLISHED, "09:30", title=title)


def webinar() -> Step:
    """Promised for after publication (R22); its day is invented."""
    title = "Governance and assurance of social work: what the review found"
    return _step("webinars", "webinar", date(2025, 4, 3), "10:00", title=title)


def briefing(day: date) -> str:
    """The code of the session held on a day."""
    return f"briefing-{day.isoformat()}"


def _step(command: str, key: str, day: date, clock: str, **body: Any) -> Step:
    return Step(TEAM, f"/v1/reviews/{{review}}/{command}", key, moment(day, clock), body)
