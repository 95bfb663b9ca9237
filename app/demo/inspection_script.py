"""Four joint inspections and the improvement plans that answer them, each at another point of its way (R46–R52).

Their areas, dates and findings are invented. The last report is of October 2026, so that its plan is still awaited for
some weeks; others wait for an agreement or a discussion until somebody sees to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from app.demo.country import Area
from app.demo.country_script import link_inspectors
from app.demo.steps import Person, Stage, Step, moment

SERVICE_MANAGER: Final = Person("service-manager")
FIFE, HIGHLAND, MORAY = "S12000047", "S12000017", "S12000020"
CLACKMANNANSHIRE, STIRLING = "S12000005", "S12000030"
FINDINGS: Final = {
    "chronologies": ("assessment", "high", "Keep a current chronology in the record of every adult and child at risk."),
    "supervision": ("leadership", "medium", "Make professional supervision regular, and record what it decided."),
    "outcomes": ("performance", "medium", "Measure what changes for people, beside what is done for them."),
    "advocacy": ("participation", "low", "Offer independent advocacy earlier, and to more people."),
}
"""Code → theme, priority and statement of an area for improvement."""
ACTIONS: Final = {
    "chronologies": ("Write one standard and train every team in it", "Audit of 40 records each quarter", 150),
    "supervision": ("Agree dates for the year ahead with everybody", "Share of sessions held, each month", 90),
    "outcomes": ("Add three outcome measures to each plan", "Measures reported to the committee", 270),
    "advocacy": ("Renew the contract for advocacy, with a target", "Referrals each quarter", 330),
}
"""Code → what is done, how it is measured, and in how many days after the report."""


@dataclass(frozen=True)
class Inspection:
    """One inspection: its `code` names it in this script, `found` are the codes of its areas for improvement."""

    code: str
    title: str
    areas: tuple[str, ...]
    opened: date
    published: date
    found: tuple[str, ...]


ACCEPTED_AT_ONCE: Final = Inspection(
    "inspection-fife",
    "Joint inspection of adult support and protection, Fife",
    (FIFE,), date(2024, 4, 8), date(2024, 8, 20), ("chronologies", "supervision", "outcomes"),
)  # fmt: skip
REVISED_TWICE: Final = Inspection(
    "inspection-highland",
    "Joint inspection of services for children and young people at risk of harm, Highland",
    (HIGHLAND,), date(2024, 10, 7), date(2025, 3, 17), ("chronologies", "supervision", "outcomes", "advocacy"),
)  # fmt: skip
JOINT: Final = Inspection(
    "inspection-clackmannanshire-and-stirling",
    "Joint inspection of adult services, Clackmannanshire and Stirling",
    (CLACKMANNANSHIRE, STIRLING), date(2026, 3, 2), date(2026, 9, 15), ("supervision", "outcomes"),
)  # fmt: skip
AWAITED: Final = Inspection(
    "inspection-moray",
    "Joint inspection of adult support and protection, Moray",
    (MORAY,), date(2026, 4, 13), date(2026, 10, 28), ("chronologies", "advocacy"),
)  # fmt: skip


def stage(areas: Sequence[Area]) -> Stage:
    """Those inspections whose areas all take part, side by side."""
    country = {area.code: area for area in areas}
    inspectors = link_inspectors(areas)
    told = ((ACCEPTED_AT_ONCE, _fife), (REVISED_TWICE, _highland), (JOINT, _joint), (AWAITED, lambda _script: ()))
    lines = {}
    for inspection, story in told:
        if set(inspection.areas) <= set(country):
            script = InspectionScript(inspection, country, inspectors)
            lines[inspection.code] = [*script.report(), *story(script)]
    return Stage("Inspections and plans", areas=lines)


class InspectionScript:
    """The steps of one inspection and its plan."""

    def __init__(
        self, inspection: Inspection, country: Mapping[str, Area], inspectors: Mapping[str, list[Person]]
    ) -> None:
        self.inspection = inspection
        self.partnership = country[inspection.areas[0]].partnership
        self.inspectors = {code: inspectors[code][0] for code in inspection.areas}
        self.link = self.inspectors[inspection.areas[0]]
        self.staff = Person("partnership-staff", inspection.areas, f"partnership-{self.partnership.lower()}")
        self.lead = Person("lead-inspector", subject=f"lead-{inspection.code}")
        self.path = f"/v1/inspections/{{{inspection.code}}}"

    def report(self) -> Iterator[Step]:
        """Opened, informed by the link inspectors, drafted, commented on and published (R46, R47)."""
        it = self.inspection
        said = {
            "title": it.title,
            "partnership": self.partnership,
            "areas": list(it.areas),
            "lead_inspector": self.lead.subject,
            "designation": "Strategic inspector",
        }
        key = f"{it.code}/open"
        yield Step(self.lead, "/v1/inspections", key, moment(it.opened), said, creates=it.code)
        for code, inspector in self.inspectors.items():
            told = {"area": code, "inspector": inspector.subject}
            yield self.step(inspector, "link-contributions", f"inform/{code}", it.opened + timedelta(11), **told)
        for code in it.found:
            theme, priority, statement = FINDINGS[code]
            finding = {"code": code, "theme": theme, "priority": priority, "statement": statement}
            day = it.published - timedelta(40)
            yield self.step(self.lead, "areas-for-improvement", f"find/{code}", day, **finding)
        comments_by = (it.published - timedelta(19)).isoformat()
        circulated = it.published - timedelta(33)
        yield self.step(self.lead, "drafts", "draft-1", circulated, draft=1, comments_by=comments_by)
        comments = "The dates of two meetings are mistaken; the findings are understood."
        day = it.published - timedelta(20)
        yield self.step(self.staff, "draft-comments", "comment-1", day, draft=1, comments=comments)
        yield self.step(self.lead, "publications", "publish", it.published, title=it.title)

    def submit(self, version: int, day: date, *, leaves_out: str = "", lacks_measure: str = "") -> Step:
        """A version of the plan, with one action for each area for improvement unless it is left out (R47)."""
        found = [code for code in self.inspection.found if code != leaves_out]
        actions = [self._action(code, measured=code != lacks_measure) for code in found]
        return self._plan(self.staff, "versions", f"version-{version}", day, version=version, actions=actions)

    def consult(self, version: int, day: date) -> Step:
        """The lead inspector discusses the plan with service manager and link inspector (R48)."""
        return self._plan(self.lead, "discussions", f"discuss-{version}", day, version=version)

    def agree(self, version: int, response: str, discussed: date) -> Iterator[Step]:
        """The plan is discussed, and all three agree on one response (R48)."""
        yield self.consult(version, discussed)
        for party in (self.lead, SERVICE_MANAGER, self.link):
            yield self.agreement(party, version, response, discussed + timedelta(1))

    def agreement(self, party: Person, version: int, response: str, day: date) -> Step:
        """One of the three agrees."""
        agreed = {"version": version, "response": response}
        if party is self.link:
            agreed["inspector"] = self.link.subject
        return self._plan(party, f"{party.role}-agreements", f"agree-{version}/{party.role}", day, **agreed)

    def ask_again(self, version: int, day: date, due: date, points: str) -> Step:
        """A revised plan is asked for by a day (R48)."""
        asked = {"version": version, "points": points, "due_on": due.isoformat()}
        return self._plan(self.lead, "revision-requests", f"revise-{version}", day, **asked)

    def meet(self, version: int, day: date) -> Step:
        """All four parties meet over a plan that fails (R48)."""
        return self._plan(self.lead, "meetings", f"meet-{version}", day, version=version)

    def confirm(self, day: date) -> Iterator[Step]:
        """The partnership's own processes, and how it measures impact (R50)."""
        for confirmation, arrangement in (
            ("implementation-processes", "An improvement board of the chief officers meets each month."),
            ("impact-measurement", "Each action has a measure, reported to the board each quarter."),
        ):
            body = {"confirmation": confirmation, "arrangement": arrangement}
            yield self._plan(self.staff, "confirmations", f"confirm/{confirmation}", day, **body)

    def accept(self, version: int, day: date) -> Iterator[Step]:
        """Monitoring passes to the link inspector, who agrees how progress is reported (R49, R51)."""
        yield self._plan(self.lead, "acceptances", "accept", day, version=version)
        ways = ["copies-of-reports", "attendance"]
        yield self._plan(self.link, "reporting-arrangements", "report", day + timedelta(14), ways=ways)

    def discuss(self, stage: str, day: date) -> Step:
        """The general discussion of progress (R52)."""
        note = "Two actions are done; the measures are reported each quarter."
        return self._plan(self.link, "progress-discussions", f"discuss/{stage}", day, stage=stage, note=note)

    def progress(self, code: str, entry: int, day: date, note: str) -> Step:
        """Progress with one area for improvement (R52)."""
        body = {"area_for_improvement": code, "entry": entry, "note": note}
        return self._plan(self.link, "progress", f"progress/{code}/{entry}", day, **body)

    def close(self, code: str, day: date) -> Step:
        """An area for improvement is implemented (R52)."""
        body = {"area_for_improvement": code, "reason": "implemented", "comment": "Seen in the audit of records."}
        return self._plan(self.link, "closures", f"close/{code}", day, **body)

    def end(self, day: date, kept_on: Sequence[str]) -> Step:
        """Formal monitoring ends by decision; what takes longer is kept on (R52)."""
        return self._plan(self.link, "monitoring-ends", "end", day, kept_on=list(kept_on))

    def _action(self, code: str, *, measured: bool) -> dict[str, Any]:
        what, measure, days = ACTIONS[code]
        return {
            "action": f"action-{code}",
            "addresses": [code],
            "specific": what,
            "measurable": measure if measured else None,
            "achievable": "Two members of staff have time for it",
            "relevant": "It is what the report asks for",
            "time_bound": (self.inspection.published + timedelta(days)).isoformat(),
            "owner": "Head of service",
        }

    def _plan(self, who: Person, command: str, key: str, day: date, **body: Any) -> Step:
        return self.step(who, f"improvement-plan/{command}", f"plan/{key}", day, **body)

    def step(self, who: Person, command: str, key: str, day: date, **body: Any) -> Step:
        """A command on the inspection."""
        return Step(who, f"{self.path}/{command}", f"{self.inspection.code}/{key}", moment(day, "10:00"), body)


def _fife(script: InspectionScript) -> Iterator[Step]:
    """Accepted at once; monitoring ended after twelve months, with one area for improvement kept on."""
    yield script.submit(1, date(2024, 9, 25))
    yield from script.agree(1, "accept", date(2024, 10, 3))
    yield from script.confirm(date(2024, 10, 7))
    yield from script.accept(1, date(2024, 10, 8))
    yield script.progress("supervision", 1, date(2025, 1, 21), "Dates are agreed in every team.")
    yield script.discuss("six-months", date(2025, 4, 3))
    yield script.close("supervision", date(2025, 5, 14))
    yield script.progress("chronologies", 1, date(2025, 6, 19), "The standard is written; 60 of 90 staff are trained.")
    yield script.close("chronologies", date(2025, 9, 24))
    yield script.discuss("twelve-months", date(2025, 10, 7))
    yield script.end(date(2025, 10, 14), ["outcomes"])
    yield script.progress("outcomes", 1, date(2026, 4, 22), "Two of three measures are reported.")


def _highland(script: InspectionScript) -> Iterator[Step]:
    """Late, revised twice, and late again; twelve months have passed without the second discussion, or an end."""
    yield script.submit(1, date(2025, 5, 6), leaves_out="advocacy", lacks_measure="outcomes")
    yield from script.agree(1, "fails", date(2025, 5, 14))
    yield script.meet(1, date(2025, 5, 21))
    yield script.ask_again(
        1, date(2025, 5, 22), date(2025, 6, 20), "Advocacy is missing, and outcomes have no measure."
    )
    yield script.submit(2, date(2025, 6, 20), lacks_measure="outcomes")
    yield from script.agree(2, "modest-revision", date(2025, 6, 26))
    yield script.ask_again(2, date(2025, 6, 30), date(2025, 7, 18), "The outcomes still have no measure.")
    yield script.submit(3, date(2025, 7, 24))
    yield from script.agree(3, "accept", date(2025, 8, 6))
    yield from script.confirm(date(2025, 8, 11))
    yield from script.accept(3, date(2025, 8, 12))
    yield script.discuss("six-months", date(2026, 2, 10))
    yield script.close("supervision", date(2026, 3, 24))
    yield script.progress("advocacy", 1, date(2026, 5, 19), "The contract is renewed.")


def _joint(script: InspectionScript) -> Iterator[Step]:
    """One plan of two areas; the lead inspector would accept it, and two more have to agree."""
    yield script.submit(1, date(2026, 10, 26))
    yield from script.confirm(date(2026, 10, 27))
    yield script.consult(1, date(2026, 11, 3))
    yield script.agreement(script.lead, 1, "accept", date(2026, 11, 4))
