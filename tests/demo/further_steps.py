"""What the demonstration's script for five areas leaves undone: one step for each of the other commands, and the steps
that they need before them. Each succeeds once the script has been played for these areas; all of it is invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from app.demo import children_script, self_evaluation_script
from app.demo.country import areas
from app.demo.country_script import RECORDS, link_inspectors, relationship_manager
from app.demo.inspection_script import FINDINGS, REVISED_TWICE, SERVICE_MANAGER
from app.demo.link_year_script import THIS_YEAR, YEAR
from app.demo.steps import Person, Step, moment

CLACKMANNANSHIRE, HIGHLAND, STIRLING, DUNDEE, FIFE = "S12000005", "S12000017", "S12000030", "S12000042", "S12000047"
AREAS: Final = [area for area in areas() if area.code in (CLACKMANNANSHIRE, HIGHLAND, STIRLING, DUNDEE, FIFE)]
"""Between them they come to nearly every command that the script has."""
COUNTRY: Final = {area.code: area for area in AREAS}
LINK: Final = {code: inspectors[0] for code, inspectors in link_inspectors(AREAS).items()}
GROUNDS: Final = ("need", "risk", "capacity")
CHAIR: Final = "child-protection-committee"


def _review() -> Iterator[Step]:
    """A second round of the disabled children's review: two more areas join, and one leaves (R19, R20, R25–R28)."""
    team, path = children_script.TEAM, "/v1/reviews/{second-round}"
    announced = children_script.ANNOUNCEMENT | {
        "title": "Services for disabled children and young people: second round",
        "areas": [DUNDEE, STIRLING],
        "starts": "2025-09",
        "ends": "2026-05",
        "report_due": "2026-09",
    }
    yield _step(team, "/v1/reviews", date(2025, 9, 1), announced, creates="second-round")
    yield _step(team, f"{path}/areas-coming-forward", date(2025, 9, 15), {"area": HIGHLAND})
    yield _step(team, f"{path}/area-selections", date(2025, 9, 22), {"area": FIFE})

    window = {"opens_on": "2025-10-06", "closes_on": "2025-10-31"}
    yield _step(team, f"{path}/survey-windows", date(2025, 9, 22), window)
    yield _step(team, f"{path}/survey-closures", date(2025, 10, 31), {})
    again = {"closes_on": "2025-11-14", "reason": "A week of it fell into the school holidays of two areas."}
    yield _step(team, f"{path}/survey-reopenings", date(2025, 11, 3), again)

    part = f"{path}/participations/{STIRLING}"
    told = {"recipients": [STIRLING, COUNTRY[STIRLING].partnership]}
    yield _step(team, f"{part}/notifications", date(2025, 9, 8), told)
    protocol = {"document": "transition-protocol", "title": "Protocol for the transition to adults' services"}
    yield _step(team, f"{part}/document-requests", date(2025, 11, 17), protocol | {"due_on": "2025-12-12"})
    reason = {"reason": "The joint inspection of adult services takes up the same managers."}
    yield _step(team, f"{part}/withdrawals", date(2025, 12, 1), reason)

    yield _step(team, f"{path}/records-read", date(2026, 1, 30), {"records": 88})
    group = {"focus_group": "short-breaks", "areas": [DUNDEE, FIFE, HIGHLAND], "participants": 14}
    yield _step(team, f"{path}/focus-groups", date(2026, 2, 10), group)


def _self_evaluation() -> Iterator[Step]:
    """Another self-evaluation: a phase moves, an area is released, and a theme does not hold (R3, R4)."""
    team, path = self_evaluation_script.TEAM, "/v1/self-evaluation-exercises/{second-self-evaluation}"
    first, second = self_evaluation_script.ANNOUNCEMENT["phases"]
    phases = [
        first | {"starts_on": "2025-09-01", "ends_on": "2025-11-14"},
        {"code": second["code"], "title": second["title"], "starts_on": "2026-01-19", "ends_on": "2026-02-20"},
    ]
    announced = self_evaluation_script.ANNOUNCEMENT | {
        "title": "Self-evaluation of outcomes in justice social work",
        "areas": [*COUNTRY],
        "phases": phases,
        "opens_on": "2025-09-01",
        "closes_on": "2025-11-14",
        "report_due": "2026-05",
    }
    yield _step(team, "/v1/self-evaluation-exercises", date(2025, 8, 18), announced, creates="second-self-evaluation")
    own = f"{path}/self-evaluations/{CLACKMANNANSHIRE}"
    yield _step(team, f"{own}/requests", date(2025, 9, 1), {})
    released = {"reason": "The team is being joined with that of the neighbouring area."}
    yield _step(team, f"{own}/submission-waivers", date(2025, 10, 20), released)
    later = {"code": second["code"], "starts_on": "2026-02-02", "ends_on": "2026-03-06"}
    moved = later | {"reason": "Focus groups cannot be held in January."}
    yield _step(team, f"{path}/phase-reschedulings", date(2025, 12, 8), moved)

    statement = "Exit questionnaires are answered by few people."
    theme = {"code": "questionnaires", "kind": "challenge", "statement": statement, "support": 4, "responses": 4}
    yield _step(team, f"{path}/thematic-record/themes", date(2026, 3, 20), theme)
    withdrawn = {"code": "questionnaires", "reason": "Validation shows that most are answered in an interview."}
    yield _step(team, f"{path}/thematic-record/theme-withdrawals", date(2026, 4, 2), withdrawn)


def _inspection() -> Iterator[Step]:
    """A report is corrected and published anew; a discussion of its plan's progress is put off by one lead inspector,
    and waived by the next (R47, R48, R52, §6)."""
    path = f"/v1/inspections/{{{REVISED_TWICE.code}}}"
    lead = Person("lead-inspector", subject=f"lead-{REVISED_TWICE.code}")
    successor = Person("lead-inspector", subject=f"second-lead-{REVISED_TWICE.code}")
    text = "The number of child protection registrations is that of July, and not of June."
    yield _step(lead, f"{path}/corrections", date(2026, 5, 26), {"correction": "registrations", "text": text})
    again = {"edition": 2, "reason": "A number is corrected; the findings stand."}
    yield _step(lead, f"{path}/republications", date(2026, 6, 2), again)
    theme, priority, _ = FINDINGS["advocacy"]
    corrected = {
        "code": "advocacy",
        "revision": 2,
        "theme": theme,
        "priority": priority,
        "statement": "Offer independent advocacy before the first meeting, and to more people.",
        "reason": "The partnership asked what earlier means.",
    }
    yield _step(lead, f"{path}/area-for-improvement-corrections", date(2026, 6, 2), corrected)

    plan, owed = f"{path}/improvement-plan", {"obligation": "progress-discussion-twelve-months"}
    later = {"due_on": "2026-09-30", "reason": "The measures of the second quarter are not in yet."}
    yield _step(lead, f"{plan}/obligation-extensions", date(2026, 6, 16), owed | later)
    taking_over = {
        "lead_inspector": successor.subject,
        "designation": "Strategic inspector",
        "reason": "The lead inspector has moved to another team.",
    }
    yield _step(SERVICE_MANAGER, f"{path}/lead-inspector-replacements", date(2026, 7, 1), taking_over)
    released = {"reason": "Progress was discussed in full at the meeting of the chief officers' group."}
    yield _step(successor, f"{plan}/obligation-waivers", date(2026, 8, 4), owed | released)


def _link_year() -> Iterator[Step]:
    """A meeting that was another area's, and time that was wrongly allocated or entered (R34, §7)."""
    year = f"/v1/areas/{CLACKMANNANSHIRE}/engagement-years"
    retracted = {"meeting": "quarter-1", "reason": "It was the meeting of the neighbouring area."}
    yield _step(LINK[CLACKMANNANSHIRE], f"{year}/{THIS_YEAR}/meeting-retractions", date(2026, 7, 7), retracted)
    more = {"minutes": 6600, "reason": "The joint inspection needs more preparation."}
    yield _step(SERVICE_MANAGER, f"{year}/{THIS_YEAR}/allocation-revisions", date(2026, 7, 9), more)
    less = {"entry": "network", "minutes": 240, "reason": "An hour of it was for the neighbouring area."}
    yield _step(LINK[CLACKMANNANSHIRE], f"{year}/{YEAR}/time-corrections", date(2025, 3, 27), less)


def _between_meetings() -> Iterator[Step]:
    """A development that concerns registered services, and a contact with those who register them (R42, R43)."""
    area, link = f"/v1/areas/{FIFE}", LINK[FIFE]
    text = "Two providers of care at home are about to merge."
    noted = {"kind": "risk", "service_area": "adults", "urgent": False, "text": text}
    yield _step(link, f"{area}/developments", date(2026, 5, 12), noted, creates="merger")
    yield _step(link, f"{area}/developments/{{merger}}/sector-links", date(2026, 5, 14), {"sector": "adults"})
    note = "They have agreed which of the two registrations is varied."
    contact = {"contact": "merger", "team": "registration", "designation": "senior-manager-adults", "note": note}
    yield _step(link, f"{area}/liaison/facilitated-contacts", date(2026, 5, 20), contact)


def _support() -> Iterator[Step]:
    """A request that is deferred, then approved, but without the colleagues who were wanted for it (R44, R45)."""
    requests, link = f"/v1/areas/{DUNDEE}/support-requests", LINK[DUNDEE]
    request = f"{requests}/{{supervision-support}}"
    wanted = {
        "focus": "Professional supervision in justice services",
        "purpose": "Team managers who record what supervision decides",
        "timescale": "Four months from the new year",
        "resource_implications": "Three days of a strategic inspector",
        "service_areas": ["justice"],
    }
    officer = Person("cswo", (DUNDEE,), f"chief-social-work-officer-{DUNDEE.lower()}")
    yield _step(officer, requests, date(2025, 9, 3), wanted, creates="supervision-support")
    for day in (date(2025, 9, 17), date(2026, 1, 14)):
        for ground in GROUNDS:
            weighed = {"ground": ground, "level": "medium", "note": f"The {ground} is as in other areas."}
            yield _step(SERVICE_MANAGER, f"{request}/considerations", day, weighed, part=ground)
        if day.year == 2025:
            until = {"until": "2026-01-12", "reason": "Nobody is free before the new year."}
            yield _step(SERVICE_MANAGER, f"{request}/deferrals", date(2025, 9, 18), until)
    yield _step(SERVICE_MANAGER, f"{request}/approvals", date(2026, 1, 15), {})

    involved = {"involvement": "workshops"}
    proposed = {"colleagues": "improvement-support-team", "resource_cost": True, "note": "Three, of half a day each."}
    yield _step(link, f"{request}/involvements", date(2026, 1, 19), involved | proposed)
    for ground in GROUNDS:
        weighed = involved | {"ground": ground, "level": "low", "note": "Advice by the inspector is enough."}
        yield _step(SERVICE_MANAGER, f"{request}/involvement-considerations", date(2026, 1, 26), weighed, part=ground)
    reason = {"reason": "The advice comes first; workshops may be proposed anew."}
    yield _step(SERVICE_MANAGER, f"{request}/involvement-refusals", date(2026, 1, 27), involved | reason)


def _sharing() -> Iterator[Step]:
    """An agreement that is widened, and ended when its purpose is met (§8)."""
    agreement = "/v1/sharing-agreements/{second-agreement}"
    agreed = {
        "body": "healthcare-improvement-scotland",
        "areas": [STIRLING],
        "kinds": ["publications"],
        "purpose": "Preparation of a joint inspection",
        "starts_on": "2025-11-03",
        "ends_on": "2026-10-30",
    }
    yield _step(RECORDS, "/v1/sharing-agreements", date(2025, 10, 27), agreed, creates="second-agreement")
    wider = {
        "areas": [CLACKMANNANSHIRE, STIRLING],
        "kinds": ["publications", "plan-status"],
        "ends_on": "2026-12-18",
        "reason": "The inspection is of both areas.",
    }
    yield _step(RECORDS, f"{agreement}/amendments", date(2026, 1, 12), wider)
    ended = {"ends_on": "2026-09-30", "reason": "The report is published."}
    yield _step(RECORDS, f"{agreement}/ends", date(2026, 9, 16), ended)


def _people() -> Iterator[Step]:
    """Those who held a place leave it, and what is sealed about one of them is erased (R31, R35, R42, §8)."""
    day, last = date(2026, 9, 16), {"ends_on": "2026-09-30"}
    chair = {"designation": CHAIR, "person": f"{CHAIR}-{FIFE.lower()}"}
    yield _step(RECORDS, f"/v1/areas/{FIFE}/contact-ends", day, chair | last)
    manager = relationship_manager("children", COUNTRY[FIFE], AREAS)
    leaving = {"area": FIFE, "sector": "children", "manager": manager.subject}
    yield _step(RECORDS, "/v1/roster/relationship-manager-ends", day, leaving | last)
    leaving = {"area": FIFE, "inspector": LINK[FIFE].subject}
    yield _step(RECORDS, "/v1/roster/link-inspector-ends", day, leaving | last)
    asked = {"reason": "right-to-erasure"}
    yield _step(RECORDS, f"/v1/data-subjects/{chair['person']}/erasures", date(2026, 10, 12), asked)


def _step(who: Person, path: str, day: date, body: Mapping[str, Any], part: str = "", creates: str = "") -> Step:
    return Step(who, path, f"further/{day}{path}/{part}", moment(day, "10:00"), body, creates=creates)


FURTHER: Final = (
    *_review(),
    *_self_evaluation(),
    *_inspection(),
    *_link_year(),
    *_between_meetings(),
    *_support(),
    *_sharing(),
    *_people(),
)
"""In the order in which they are sent."""
