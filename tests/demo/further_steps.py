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
from app.demo.link_year_script import YEAR
from app.demo.steps import Person, Step, moment

CLACKMANNANSHIRE, HIGHLAND, STIRLING, DUNDEE, FIFE = "S12000005", "S12000017", "S12000030", "S12000042", "S12000047"
AREAS: Final = [area for area in areas() if area.code in (CLACKMANNANSHIRE, HIGHLAND, STIRLING, DUNDEE, FIFE)]
"""Between them they come to nearly every command that the script has."""
COUNTRY: Final = {area.code: area for area in AREAS}
LINK: Final = {code: inspectors[0] for code, inspectors in link_inspectors(AREAS).items()}
CHAIR: Final = "child-protection-committee"


def _review() -> Iterator[Step]:
    """A second round of the disabled children's review: two more areas join, and one leaves (R19, R20, R25–R28)."""
    team, path = children_script.TEAM, "/v1/reviews/{second-round}"
    announced = children_script.ANNOUNCEMENT | {
        "title": "Services for disabled children and young people: second round",
        "areas": [DUNDEE, STIRLING],
        "starts": "2025-01",
        "ends": "2025-09",
        "report_due": "2026",
    }
    yield _step(team, "/v1/reviews", date(2025, 1, 6), announced, creates="second-round")
    yield _step(team, f"{path}/areas-coming-forward", date(2025, 1, 20), {"area": HIGHLAND})
    yield _step(team, f"{path}/area-selections", date(2025, 1, 27), {"area": FIFE})

    window = {"opens_on": "2025-03-31", "closes_on": "2025-04-25"}
    yield _step(team, f"{path}/survey-windows", date(2025, 1, 27), window)
    yield _step(team, f"{path}/survey-closures", date(2025, 4, 25), {})
    again = {"closes_on": "2025-05-09", "reason": "The spring holidays took two of its four weeks."}
    yield _step(team, f"{path}/survey-reopenings", date(2025, 4, 28), again)

    part = f"{path}/participations/{STIRLING}"
    told = {"recipients": [STIRLING, COUNTRY[STIRLING].partnership]}
    yield _step(team, f"{part}/notifications", date(2025, 1, 13), told)
    protocol = {"document": "transition-protocol", "title": "Protocol for the transition to adults' services"}
    yield _step(team, f"{part}/document-requests", date(2025, 2, 3), protocol | {"due_on": "2025-02-28"})
    reason = {"reason": "The managers who would take part prepare for an inspection of adult services."}
    yield _step(team, f"{part}/withdrawals", date(2025, 2, 17), reason)

    for area, records in ((DUNDEE, 34), (FIFE, 29), (HIGHLAND, 25)):
        part = f"{path}/participations/{area}"
        told = {"recipients": [area, COUNTRY[area].partnership]}
        yield _step(team, f"{part}/notifications", date(2025, 2, 3), told)
        sample = {"sample": "spring", "records": records}
        yield _step(team, f"{part}/results/samples", date(2025, 5, 19), sample)
    yield _step(team, f"{path}/records-read", date(2025, 5, 30), {"records": 88})
    group = {"focus_group": "short-breaks", "areas": [DUNDEE, FIFE, HIGHLAND], "participants": 14}
    yield _step(team, f"{path}/focus-groups", date(2025, 6, 10), group)


def _self_evaluation() -> Iterator[Step]:
    """Another self-evaluation: a phase moves, an area is released, and a theme does not hold (R3, R4)."""
    team, path = self_evaluation_script.TEAM, "/v1/self-evaluation-exercises/{second-self-evaluation}"
    first, second = self_evaluation_script.ANNOUNCEMENT["phases"]
    phases = [
        first | {"starts_on": "2025-03-03", "ends_on": "2025-05-09"},
        {"code": second["code"], "title": second["title"], "starts_on": "2025-08-11", "ends_on": "2025-09-12"},
    ]
    announced = self_evaluation_script.ANNOUNCEMENT | {
        "title": "Self-evaluation of outcomes in justice social work",
        "areas": [*COUNTRY],
        "phases": phases,
        "opens_on": "2025-03-03",
        "closes_on": "2025-05-09",
        "report_due": "2026-01",
    }
    yield _step(team, "/v1/self-evaluation-exercises", date(2025, 2, 17), announced, creates="second-self-evaluation")
    own = f"{path}/self-evaluations/{CLACKMANNANSHIRE}"
    yield _step(team, f"{own}/requests", date(2025, 3, 3), {})
    released = {"reason": "The team is being joined with that of the neighbouring area."}
    yield _step(team, f"{own}/submission-waivers", date(2025, 4, 22), released)
    later = {"code": second["code"], "starts_on": "2025-09-01", "ends_on": "2025-10-03"}
    moved = later | {"reason": "Focus groups cannot be held in the holidays."}
    yield _step(team, f"{path}/phase-reschedulings", date(2025, 6, 2), moved)

    statement = "Exit questionnaires are answered by few people."
    theme = {"code": "questionnaires", "kind": "challenge", "statement": statement, "support": 4, "responses": 4}
    yield _step(team, f"{path}/thematic-record/themes", date(2025, 10, 20), theme)
    withdrawn = {"code": "questionnaires", "reason": "Validation shows that most are answered in an interview."}
    yield _step(team, f"{path}/thematic-record/theme-withdrawals", date(2025, 11, 3), withdrawn)


def _inspection() -> Iterator[Step]:
    """A report is corrected and published anew; a discussion of its plan's progress is put off by one lead inspector,
    and waived by the next (R47, R48, R52, §6)."""
    path = f"/v1/inspections/{{{REVISED_TWICE.code}}}"
    lead = Person("lead-inspector", subject=f"lead-{REVISED_TWICE.code}")
    successor = Person("lead-inspector", subject=f"second-lead-{REVISED_TWICE.code}")
    text = "The number of child protection registrations is that of July, and not of June."
    yield _step(lead, f"{path}/corrections", date(2025, 4, 1), {"correction": "registrations", "text": text})
    again = {"edition": 2, "reason": "A number is corrected; the findings stand."}
    yield _step(lead, f"{path}/republications", date(2025, 4, 8), again)
    theme, priority, _ = FINDINGS["advocacy"]
    corrected = {
        "code": "advocacy",
        "revision": 2,
        "theme": theme,
        "priority": priority,
        "statement": "Offer independent advocacy before the first meeting, and to more people.",
        "reason": "The partnership asked what earlier means.",
    }
    yield _step(lead, f"{path}/area-for-improvement-corrections", date(2025, 9, 9), corrected)

    plan, owed = f"{path}/improvement-plan", {"obligation": "progress-discussion-twelve-months"}
    later = {"due_on": "2026-09-30", "reason": "The measures of the second quarter come in September."}
    yield _step(lead, f"{plan}/obligation-extensions", date(2025, 9, 16), owed | later)
    taking_over = {
        "lead_inspector": successor.subject,
        "designation": "Strategic inspector",
        "reason": "The lead inspector has moved to another team.",
    }
    yield _step(SERVICE_MANAGER, f"{path}/lead-inspector-replacements", date(2025, 10, 1), taking_over)
    released = {"reason": "The chief officers' group is to discuss progress in full every quarter."}
    yield _step(successor, f"{plan}/obligation-waivers", date(2025, 11, 4), owed | released)


def _link_year() -> Iterator[Step]:
    """A meeting that was another area's, and time that was wrongly allocated or entered (R34, §7)."""
    year, link = f"/v1/areas/{CLACKMANNANSHIRE}/engagement-years/{YEAR}", LINK[CLACKMANNANSHIRE]
    retracted = {"meeting": "quarter-1", "reason": "It was the meeting of the neighbouring area."}
    yield _step(link, f"{year}/meeting-retractions", date(2025, 3, 27), retracted)
    more = {"minutes": 6600, "reason": "There is more to read than was expected."}
    yield _step(SERVICE_MANAGER, f"{year}/allocation-revisions", date(2024, 12, 5), more)
    less = {"entry": "network", "minutes": 240, "reason": "An hour of it was for the neighbouring area."}
    yield _step(link, f"{year}/time-corrections", date(2025, 3, 27), less)


def _between_meetings() -> Iterator[Step]:
    """A development that concerns registered services, and a contact with those who register them (R42, R43)."""
    area, link = f"/v1/areas/{FIFE}", LINK[FIFE]
    text = "Two providers of care at home are about to merge."
    noted = {"kind": "risk", "service_area": "adults", "urgent": False, "text": text}
    yield _step(link, f"{area}/developments", date(2025, 5, 13), noted, creates="merger")
    yield _step(link, f"{area}/developments/{{merger}}/sector-links", date(2025, 5, 15), {"sector": "adults"})
    note = "They have agreed which of the two registrations is varied."
    contact = {"contact": "merger", "team": "registration", "designation": "senior-manager-adults", "note": note}
    yield _step(link, f"{area}/liaison/facilitated-contacts", date(2025, 5, 20), contact)


def _support() -> Iterator[Step]:
    """A request that is deferred, then approved, but without the colleagues who were wanted for it (R44, R45)."""
    requests, link = f"/v1/areas/{DUNDEE}/support-requests", LINK[DUNDEE]
    request = f"{requests}/{{supervision-support}}"
    wanted = {
        "focus": "Professional supervision in justice services",
        "purpose": "Team managers who record what supervision decides",
        "timescale": "Four months from June",
        "resource_implications": "Three days of a strategic inspector",
        "service_areas": ["justice"],
    }
    officer = Person("cswo", (DUNDEE,), f"chief-social-work-officer-{DUNDEE.lower()}")
    yield _step(officer, requests, date(2025, 3, 5), wanted, creates="supervision-support")
    yield from _weighed(f"{request}/considerations", date(2025, 3, 19), {"level": "medium", "note": "As elsewhere."})
    until = {"until": "2025-06-02", "reason": "Nobody is free before June."}
    yield _step(SERVICE_MANAGER, f"{request}/deferrals", date(2025, 3, 20), until)
    yield from _weighed(f"{request}/considerations", date(2025, 6, 4), {"level": "medium", "note": "As in spring."})
    yield _step(SERVICE_MANAGER, f"{request}/approvals", date(2025, 6, 5), {})

    workshops = {"involvement": "workshops"}
    proposed = {"colleagues": "improvement-support-team", "resource_cost": True, "note": "Three, of half a day each."}
    yield _step(link, f"{request}/involvements", date(2025, 6, 9), workshops | proposed)
    weighed = workshops | {"level": "low", "note": "Advice by the inspector is enough."}
    yield from _weighed(f"{request}/involvement-considerations", date(2025, 6, 16), weighed)
    reason = {"reason": "The advice comes first; workshops may be proposed anew."}
    yield _step(SERVICE_MANAGER, f"{request}/involvement-refusals", date(2025, 6, 17), workshops | reason)


def _weighed(path: str, day: date, weighed: Mapping[str, str]) -> Iterator[Step]:
    """The service manager considers a request or an involvement on each of the three grounds."""
    for ground in ("need", "risk", "capacity"):
        yield _step(SERVICE_MANAGER, path, day, {**weighed, "ground": ground}, part=ground)


def _risk_summary() -> Iterator[Step]:
    """A risk summary that is sent back, revised, approved, and withdrawn (R39, §8)."""
    path, link = f"/v1/areas/{FIFE}/risk-summaries/{YEAR}", LINK[FIFE]
    risks = [{"theme": "workforce", "level": "medium", "trend": "new"}]
    first, second = {"version": 1}, {"version": 2}
    words = {"risks": risks, "summary": "Two of six team managers have left."}
    yield _step(link, f"{path}/drafts", date(2025, 1, 20), first | words)
    yield _step(link, f"{path}/proposals", date(2025, 1, 20), first)
    yield _step(SERVICE_MANAGER, f"{path}/returns", date(2025, 1, 22), first | {"reason": "Since when?"})
    words = {"risks": risks, "summary": "Two of six team managers have left since summer."}
    yield _step(link, f"{path}/drafts", date(2025, 1, 23), second | words)
    yield _step(link, f"{path}/proposals", date(2025, 1, 24), second)
    yield _step(SERVICE_MANAGER, f"{path}/approvals", date(2025, 1, 27), second)
    reason = {"reason": "Both posts are filled."}
    yield _step(SERVICE_MANAGER, f"{path}/withdrawals", date(2025, 6, 3), second | reason)


def _sharing() -> Iterator[Step]:
    """An agreement that is widened, and ended when its purpose is met (§8)."""
    agreement = "/v1/sharing-agreements/{second-agreement}"
    agreed = {
        "body": "healthcare-improvement-scotland",
        "areas": [STIRLING],
        "kinds": ["publications"],
        "purpose": "Preparation of a joint inspection",
        "starts_on": "2025-02-03",
        "ends_on": "2025-10-31",
    }
    yield _step(RECORDS, "/v1/sharing-agreements", date(2025, 1, 27), agreed, creates="second-agreement")
    wider = {
        "areas": [CLACKMANNANSHIRE, STIRLING],
        "kinds": ["publications", "plan-status"],
        "ends_on": "2025-12-19",
        "reason": "The inspection is of both areas.",
    }
    yield _step(RECORDS, f"{agreement}/amendments", date(2025, 4, 14), wider)
    ended = {"ends_on": "2025-09-30", "reason": "The inspection is prepared."}
    yield _step(RECORDS, f"{agreement}/ends", date(2025, 9, 16), ended)


def _people() -> Iterator[Step]:
    """Three who hold a place leave it, and what is sealed about one of them is erased (R31, R35, R42, §8)."""
    day, last = date(2025, 9, 16), {"ends_on": "2025-09-30"}
    chair = {"designation": CHAIR, "person": f"{CHAIR}-{FIFE.lower()}"}
    yield _step(RECORDS, f"/v1/areas/{FIFE}/contact-ends", day, chair | last)
    manager = relationship_manager("children", COUNTRY[FIFE], AREAS)
    leaving = {"area": FIFE, "sector": "children", "manager": manager.subject}
    yield _step(RECORDS, "/v1/roster/relationship-manager-ends", day, leaving | last)
    retiring = {"area": FIFE, "inspector": LINK[FIFE].subject, "ends_on": "2026-12-31"}
    yield _step(RECORDS, "/v1/roster/link-inspector-ends", day, retiring)
    asked = {"reason": "right-to-erasure"}
    yield _step(RECORDS, f"/v1/data-subjects/{chair['person']}/erasures", date(2025, 10, 13), asked)


def _files() -> Iterator[Step]:
    """A file that had been returned in error is erased (R20, §8)."""
    yield _step(
        children_script.TEAM,
        f"/v1/areas/{DUNDEE}/attachments/{{returned-file}}/erasures",
        date(2025, 10, 20),
        {"reason": "returned-in-error"},
    )


def _step(who: Person, path: str, day: date, body: Mapping[str, Any], part: str = "", creates: str = "") -> Step:
    return Step(who, path, f"further/{day}{path}/{part}", moment(day, "10:00"), body, creates=creates)


FURTHER: Final = (
    *_review(),
    *_self_evaluation(),
    *_inspection(),
    *_link_year(),
    *_between_meetings(),
    *_support(),
    *_risk_summary(),
    *_sharing(),
    *_people(),
    *_files(),
)
"""In the order in which they are sent. The last is of 2025: they are in the past whenever a test runs. `returned-file`
is one that Dundee City returned."""
