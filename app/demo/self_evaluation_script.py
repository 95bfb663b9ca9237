"""The justice social work self-evaluation of 2024 to 2025: every area's submission, and the validation of six (R1–R10).

Phases, materials, the four areas that became six and the dates of the report are real. Who was late, what was written,
which areas were validated and the themes are invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from app.demo import documents
from app.demo.country import Area, chance, drawn
from app.demo.steps import Person, Stage, Step, moment, when, working_day

TEAM: Final = Person("lead-inspector", subject="lead-inspector-justice")
EXERCISE: Final = "/v1/self-evaluation-exercises/{self-evaluation}"
ANNOUNCED: Final = date(2024, 8, 19)
OPENS, CLOSES = date(2024, 9, 2), date(2024, 11, 20)
LATE_UNTIL: Final = date(2024, 11, 27)
PUBLISHED: Final = date(2025, 6, 10)
PLANNED, VALIDATED = 4, 6

ANNOUNCEMENT: Final[dict[str, Any]] = {
    "title": "Self-evaluation of performance and quality assurance in justice social work",
    "focus": "The current capacity of services to evidence performance, quality and outcomes in relation to "
    "community-based sentences",
    "service_area": "justice",
    "quality_indicator": {
        "code": "6.4",
        "title": "Performance management and quality assurance",
        "framework": "Guide to Self-Evaluation for Community Justice in Scotland",
        "verified": True,
    },
    "parts": [
        {"code": "performance", "title": "Performance management, quality assurance, outcomes"},
        {"code": "capabilities", "title": "Capabilities, drivers, barriers"},
    ],
    "prompts": ["How are we doing?", "How do we know?", "What next?"],
    "phases": [
        {
            "code": "self-evaluation",
            "title": "Phase 1: National self-evaluation",
            "starts_on": OPENS.isoformat(),
            "ends_on": CLOSES.isoformat(),
        },
        {
            "code": "validation",
            "title": "Phase 2: Validation activity",
            "starts_on": "2025-01-20",
            "ends_on": "2025-02-24",
            "as_published": "20 January to 24 February 2024",
        },
    ],
    "opens_on": OPENS.isoformat(),
    "closes_on": CLOSES.isoformat(),
    "validation_areas": PLANNED,
    "report_due": "2025-05",
}
MATERIALS: Final = {
    "briefing": "Online briefing on the approach, the templates and the submission",
    "template": "Blank template",
    "guidance": "Guidance to the template",
    "exemplar": "Exemplar of a completed template",
    "quality-indicator-illustration": "Illustration of Quality Indicator 6.4",
    "privacy-statement": "Privacy statement",
}
ANSWERS: Final = {
    "performance": "We report on every order each quarter. File audits and exit questionnaires tell us how we do. "
    "Next, we join both into one report.",
    "capabilities": "Staff are trained in the risk tools. What holds us back is an old case management system; its "
    "successor has been ordered.",
}
EVIDENCE: Final = {
    "quality-assurance-framework": "Quality assurance framework",
    "performance-reports": "Performance reports of the last four quarters",
}
THEMES: Final = (
    ("data-systems", "challenge", "Case management systems make it hard to show outcomes.", 0.72),
    ("file-audit", "strength", "File audits are regular, and staff take part in them.", 0.66),
    ("leadership", "strength", "Leaders want to know how well people are supported.", 0.56),
    ("outcomes", "challenge", "Activity is measured more often than what changes for people.", 0.78),
    ("voice", "innovative-practice", "People on orders help to design the questionnaires about them.", 0.1),
)
"""Code, kind, statement, and how large a part of the areas bears it out; all invented."""
GRADES: Final = (5, 4, 4, 4, 3, 3, 3, 2, None)


def stages(areas: Sequence[Area]) -> list[Stage]:
    """Phase 1 with the areas side by side, then phase 2 with those that are validated."""
    by_lot = sorted(areas, key=lambda area: chance("validated", area.code))
    first, released, added = by_lot[:PLANNED], by_lot[PLANNED - 1 : PLANNED], by_lot[PLANNED : VALIDATED + 1]
    validated = [area for area in [*first, *added] if area not in released]
    return [
        Stage(
            "Self-evaluation: phase 1",
            opening=list(_announcement(areas)),
            areas={area.code: steps for area, steps in _submissions(areas)},
        ),
        Stage(
            "Self-evaluation: phase 2",
            opening=list(_selection(first, released, added)),
            areas={
                **{area.code: sorted(_validation(area, area in added), key=when) for area in validated},
                **{area.code: list(_released(area)) for area in released},
            },
            closing=list(_report(areas)),
        ),
    ]


def _announcement(areas: Sequence[Area]) -> Iterator[Step]:
    said = ANNOUNCEMENT | {"areas": [area.code for area in areas]}
    path, key = "/v1/self-evaluation-exercises", "self-evaluation/announce"
    yield Step(TEAM, path, key, moment(ANNOUNCED), said, creates="self-evaluation")
    for kind, title in MATERIALS.items():
        link = f"https://example.org/self-evaluation/{kind}"
        yield _national("materials", f"materials/{kind}", ANNOUNCED, kind=kind, title=title, link=link)


def _submissions(areas: Sequence[Area]) -> Iterator[tuple[Area, list[Step]]]:
    codes = [area.code for area in areas]
    late, again = drawn(codes, "late-submission", 1), drawn(codes, "submits-again", 1)
    for area in areas:
        if area.code in late:
            yield area, [*_drafts(area), *_late(area)]
        elif area.code in again:
            yield area, [*_drafts(area), *_again(area)]
        else:
            day = working_day(date(2024, 11, 6) + timedelta(int(chance("submit", area.code) * 15)))
            yield area, [*_drafts(area), _submit(area, 2, day, "submit")]


def _drafts(area: Area) -> Iterator[Step]:
    """One part after the other, over two months; the first draft goes round among colleagues (R8)."""
    yield _step(TEAM, area, "requests", "request", OPENS, "08:00")
    begun = date(2024, 9, 16) + timedelta(int(chance("draft", area.code) * 18))
    for number, (part, text) in enumerate(ANSWERS.items(), 1):
        kept: dict[str, Any] = {"draft": number, "answers": [{"part": part, "text": text}]}
        day = begun + timedelta((number - 1) * 21)
        yield _step(_coordinator(area), area, "drafts", f"draft-{number}", day, **kept)
        if number == 1:
            shared: dict[str, Any] = {"draft": 1, "recipients": ["chief-social-work-officer", "senior-manager-justice"]}
            yield _step(_coordinator(area), area, "draft-shares", "share-1", day + timedelta(2), **shared)


def _late(area: Area) -> Iterator[Step]:
    """After the close, with an authorisation that was recorded before it (R8)."""
    until: dict[str, Any] = {"authorised_by": "Strategic inspector, justice", "until": LATE_UNTIL.isoformat()}
    reason: dict[str, Any] = {"reason": "The criminal justice committee meets on 25 November."}
    yield _step(TEAM, area, "late-authorisations", "authorise", date(2024, 11, 18), **until, **reason)
    yield _submit(area, 2, date(2024, 11, 26), "submit")


def _again(area: Area) -> Iterator[Step]:
    """A final submission is one; the first is withdrawn before another takes its place (R8)."""
    yield _submit(area, 2, date(2024, 11, 8), "submit")
    reason = "The performance report of the last quarter came in after it."
    officer = _officer(area)
    yield _step(officer, area, "submission-withdrawals", "withdraw", date(2024, 11, 12), reason=reason)
    kept: dict[str, Any] = {
        "draft": 3,
        "answers": [{"part": "performance", "text": "The last quarter confirms what we told before."}],
    }
    yield _step(_coordinator(area), area, "drafts", "draft-3", date(2024, 11, 14), **kept)
    yield _submit(area, 3, date(2024, 11, 19), "submit-again")


def _submit(area: Area, draft: int, day: date, key: str) -> Step:
    grade = GRADES[int(chance("grade", area.code) * len(GRADES))]
    return _step(_officer(area), area, "submissions", key, day, "15:30", draft=draft, grade=grade)


def _selection(first: Sequence[Area], released: Sequence[Area], added: Sequence[Area]) -> Iterator[Step]:
    """Four, as planned; then one is taken back and, with six planned, three others come in (R4)."""
    december, january = date(2024, 12, 12), date(2025, 1, 9)
    yield _select("selections", "select", december, first, "Large and small, urban and rural.")
    for area in first:
        yield _step(TEAM, area, "validation/invitations", "invite", date(2024, 12, 13))
    if released:
        yield _select("deselections", "deselect", january, released, "Another inspection falls into the same weeks.")
    if added:
        reason = "The responses differ more than expected."
        yield _national("validation-plans", "replan", january, "09:30", areas=VALIDATED, reason=reason)
        yield _select("selections", "select-again", january, added, "To hear from services of other kinds.")


def _select(command: str, key: str, day: date, chosen: Sequence[Area], reason: str) -> Step:
    areas = [area.code for area in chosen]
    return _national(f"validation-selection/{command}", key, day, "10:00", areas=areas, reason=reason)


def _released(area: Area) -> Iterator[Step]:
    yield _step(TEAM, area, "validation/releases", "release", date(2025, 1, 9), "14:00")


def _validation(area: Area, added: bool) -> Iterator[Step]:
    """Evidence, focus groups in the five weeks of the phase, then letter and feedback (R4, R5)."""
    if added:
        yield _step(TEAM, area, "validation/invitations", "invite", date(2025, 1, 10))
    for code, title in EVIDENCE.items():
        wanted: dict[str, Any] = {"code": code, "title": title, "due_on": "2025-01-24"}
        yield _step(TEAM, area, "validation/evidence-requests", f"evidence/{code}", date(2025, 1, 13), **wanted)
    for code in EVIDENCE:
        day = working_day(date(2025, 1, 20) + timedelta(int(chance("evidence", area.code, code) * 7)))
        file = documents.returned(area.name, code, 1, day)
        path, key = "validation/evidence-returns", f"evidence-return/{code}"
        yield replace(_step(_coordinator(area), area, path, key, day, code=code), files=[file])
    for code, group, most in (("staff", "staff", 9), ("people", "people-who-use-services", 6)):
        day = working_day(date(2025, 2, 3) + timedelta(int(chance("group", area.code, code) * 19)))
        met: dict[str, Any] = {
            "code": code,
            "group": group,
            "participants": 3 + int(chance("came", area.code, code) * most),
        }
        yield _step(TEAM, area, "validation/focus-groups", f"focus-group/{code}", day, "13:30", **met)
    letter = documents.letter(area.name)
    sent = _step(TEAM, area, "validation/letters", "letter", date(2025, 3, 14))
    yield replace(sent, files=[letter], attach="attachment")
    summary = "Your own view of your performance is borne out; the evidence of outcomes is thinner than you say."
    yield _step(TEAM, area, "validation/feedback", "feedback", date(2025, 3, 20), summary=summary)


def _report(areas: Sequence[Area]) -> Iterator[Step]:
    """Planned for May, published on 10 June (R1, R3, R6)."""
    for code, kind, statement, part in THEMES:
        counted: dict[str, Any] = {"support": max(1, round(part * len(areas))), "responses": len(areas)}
        theme: dict[str, Any] = {"code": code, "kind": kind, "statement": statement}
        yield _national("thematic-record/themes", f"themes/{code}", date(2025, 4, 15), **theme, **counted)
    moved = {"report_due": PUBLISHED.isoformat(), "reason": "Six areas were validated, and not four."}
    yield _national("report-reschedulings", "reschedule-report", date(2025, 5, 20), **moved)
    title = "Performance and quality assurance in justice social work: thematic report of the self-evaluation"
    yield _national("publications", "publish", PUBLISHED, "09:30", title=title)


def _coordinator(area: Area) -> Person:
    return Person("coordinator", (area.code,), f"justice-coordinator-{area.code.lower()}")


def _officer(area: Area) -> Person:
    return Person("cswo", (area.code,), f"chief-social-work-officer-{area.code.lower()}")


def _national(command: str, key: str, day: date, clock: str = "09:00", **body: Any) -> Step:
    return Step(TEAM, f"{EXERCISE}/{command}", f"self-evaluation/{key}", moment(day, clock), body)


def _step(who: Person, area: Area, command: str, key: str, day: date, clock: str = "10:00", **body: Any) -> Step:
    path = f"{EXERCISE}/self-evaluations/{area.code}/{command}"
    return Step(who, path, f"self-evaluation/{area.code}/{key}", moment(day, clock), body, area.code)
