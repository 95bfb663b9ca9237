"""The review of services for disabled children and young people, 2023 to 2024, in the four areas that came forward
(R25–R30).

The areas, the 117 records, the five focus groups, the months and that the report slipped are real; days, the day of the
report among them, numbers by area and replies are invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from app.demo import documents
from app.demo.country import Area, chance, outturn, spread
from app.demo.steps import Person, Stage, Step, moment, when, working_day

TEAM: Final = Person("lead-inspector", subject="lead-inspector-children")
REVIEW: Final = "/v1/reviews/{disabled-children}"
CAME_FORWARD: Final = ("S12000033", "S12000042", "S12000006", "S12000013")
"""Aberdeen City, Dundee City, Dumfries and Galloway, Na h-Eileanan Siar."""
ANNOUNCED: Final = date(2023, 10, 2)
SURVEYS_OPEN: Final = date(2024, 1, 15)
SURVEYS_CLOSE: Final = date(2024, 3, 15)
E_SURVEY: Final = "children-and-young-people"
FOCUS_GROUPS: Final = 5
REPLIES: Final = 60
PUBLISHED: Final = date(2024, 10, 1)

ANNOUNCEMENT: Final[dict[str, Any]] = {
    "title": "Review of services for disabled children and young people",
    "legal_basis_required": False,
    "stem": "How well do services help disabled children and young people?",
    "questions": ["Do they receive the help that they need at the right time?"],
    "purposes": ["To understand what is working well, and what is more challenging, across the country"],
    "service_areas": ["children"],
    "methods": ["record-reading", "visits", "e-survey", "staff-survey", "focus-groups"],
    "starts": "2023",
    "ends": "2024-05",
    "report_due": "2024",
    "selection_mode": "came-forward",
}
MILESTONES: Final = (
    ("record-reading", "Reading of a sample of records", "2024-01", None),
    ("visits", "Visits to the four areas", "2024-02", "2024-03"),
    ("feedback", "Verbal feedback to each area", "2024-05", None),
    ("report", "Publication of the overview report", "2024-04", "2024-05"),
)


def stage(areas: Sequence[Area]) -> Stage:
    """The whole review, the areas side by side; nothing where none of the four takes part."""
    country = {area.code: area for area in areas}
    chosen = [country[code] for code in CAME_FORWARD if code in country]
    if not chosen:
        return Stage("Disabled children’s review")
    records = round(outturn()["records of disabled children read"] * len(chosen) / len(CAME_FORWARD))
    even = {area.code: 0.8 + 0.4 * chance("records", area.code) for area in chosen}
    read = spread(records, even, 5)
    replies = spread(REPLIES * len(chosen) // len(CAME_FORWARD), even, 6)
    lines = {area.code: sorted(_area(area, read[area.code], replies[area.code]), key=when) for area in chosen}
    return Stage(
        "Disabled children’s review",
        opening=list(_announcement(chosen)),
        areas=lines,
        closing=list(_report(chosen, records)),
    )


def _announcement(chosen: Sequence[Area]) -> Iterator[Step]:
    said = ANNOUNCEMENT | {"areas": [area.code for area in chosen]}
    key = "disabled-children/announce"
    yield Step(TEAM, "/v1/reviews", key, moment(ANNOUNCED), said, creates="disabled-children")
    for code, title, starts_on, ends_on in MILESTONES:
        plan: dict[str, Any] = {"code": code, "title": title, "starts_on": starts_on, "ends_on": ends_on}
        yield _national("milestones", f"milestones/{code}", ANNOUNCED, **plan)
    asked: dict[str, Any] = {
        "survey": E_SURVEY,
        "title": "What do you think?",
        "respondents": ["children", "young-people"],
    }
    window: dict[str, Any] = {"opens_on": SURVEYS_OPEN.isoformat(), "closes_on": SURVEYS_CLOSE.isoformat()}
    yield _national("e-surveys", "e-survey", ANNOUNCED, **asked, **window)
    yield _national("survey-windows", "survey-window", ANNOUNCED, **window)
    contact = {"contact": "disabled-children-review", "designation": "Review team", "email": "review@example.org"}
    yield _national("contact-points", "contact-point", ANNOUNCED, **contact)
    title = "Briefing: January 2024"
    yield _national("updates", "updates/january", date(2024, 1, 11), update="january-2024", title=title)


def _area(area: Area, records: int, replies: int) -> Iterator[Step]:
    """Told, read, visited and heard; in May its own feedback and results, which no other area sees (R26–R29)."""
    recipients = sorted([area.code, area.partnership])
    yield _step(area, "notifications", "notify", date(2023, 10, 9), recipients=recipients)
    yield _step(area, "survey-shares", "share-survey", SURVEYS_OPEN, "08:30")
    sample: dict[str, Any] = {"sample": "january", "records": records}
    yield _step(area, "results/samples", "records", date(2024, 1, 25), **sample)
    met = ["children-and-young-people", "families", "carers", "staff"]
    for number, places in enumerate((["social-work-team", "social-care-service"], ["school"]), 1):
        first = date(2024, 2, 12 if number == 1 else 28)
        day = working_day(first + timedelta(int(chance("visit", area.code, number) * 14)))
        visit: dict[str, Any] = {"visit": f"visit-{number}", "met": met if number == 1 else met[:1], "places": places}
        yield _step(area, "visits", f"visit-{number}", day, **visit)
    for number in range(1, replies + 1):
        mark = ("child", area.code, number)
        group = "young-people" if chance("group", *mark) < 0.5 else "children"
        day = SURVEYS_OPEN + timedelta(int(chance("day", *mark) * 60))
        reply: dict[str, Any] = {"reply": f"{int(chance('reply', *mark) * 2**48):012x}", "group": group}
        yield _step(area, f"e-survey-returns/{E_SURVEY}/replies", f"reply/{number}", day, **reply)
    told = working_day(date(2024, 5, 7) + timedelta(int(chance("feedback", area.code) * 20)))
    given: dict[str, Any] = {"given_by": ["strategic-inspector"], "given_to": ["chief-social-work-officer"]}
    yield _step(area, "results/feedback", "feedback", told, **given)
    shared = _step(area, "results/shares", "results/record-reading", told, "15:00", results="record-reading")
    yield replace(shared, files=(documents.own_results(area.name),), attach="attachment")
    summary = "Staff feel supported by their managers; waiting times worry them."
    yield _step(area, "results/shares", "results/staff-survey", told, "15:10", results="staff-survey", summary=summary)


def _report(chosen: Sequence[Area], records: int) -> Iterator[Step]:
    """Planned for spring, then for August 2024; it slipped further (R12, R30)."""
    codes = [area.code for area in chosen]
    whole = len(chosen) == len(CAME_FORWARD)
    if whole:
        yield _national("records-read", "records-read", date(2024, 2, 1), records=records)
    yield _national("survey-closures", "survey-closure", SURVEYS_CLOSE, "23:59:59")
    if whole:
        for number in range(1, FOCUS_GROUPS + 1):
            group: dict[str, Any] = {"focus_group": f"focus-group-{number}", "areas": codes, "participants": 8 + number}
            yield _national("focus-groups", f"focus-group-{number}", date(2024, 4, 8 + number), **group)
    moved = {"code": "report", "reason": "There was more to read than planned."}
    yield _national("milestone-reschedulings", "report/august", date(2024, 5, 31), **moved, starts_on="2024-08")
    title = "Update: June 2024"
    yield _national("updates", "updates/june", date(2024, 6, 12), update="june-2024", title=title)
    yield _national("conclusions", "conclude", date(2024, 6, 28))
    moved["reason"] = "The accessible formats are not ready."
    yield _national("milestone-reschedulings", "report/october", date(2024, 8, 23), **moved, starts_on="2024-10")
    yield _national("publications", "publish", PUBLISHED, title="Services for disabled children: overview report")
    yield _national("milestone-completions", "report/reached", PUBLISHED, code="report")
    animation = {"format": "video-animation", "title": "Key messages, a short animation"}
    yield _national("formats", "animation", PUBLISHED, **animation)


def _national(command: str, key: str, day: date, clock: str = "09:00", **body: Any) -> Step:
    return Step(TEAM, f"{REVIEW}/{command}", f"disabled-children/{key}", moment(day, clock), body)


def _step(area: Area, command: str, key: str, day: date, clock: str = "10:00", **body: Any) -> Step:
    path = f"{REVIEW}/participations/{area.code}/{command}"
    return Step(TEAM, path, f"disabled-children/{area.code}/{key}", moment(day, clock), body, area.code)
