"""What comes up between meetings: developments, liaison with relationship managers, support (R38, R42–R45).

All invented. The last of it is of autumn 2026 and still open: it is what stands in the inboxes of today.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from app.demo.country import Area, chance, drawn
from app.demo.country_script import link_inspectors, relationship_manager
from app.demo.inspection_script import SERVICE_MANAGER
from app.demo.steps import Person, Stage, Step, moment, when, working_day

LOTS: Final = {
    "urgent": ("urgent", 5), "noted": ("noted", 12), "escalated": ("noted", 2), "open-today": ("open", 2),
    "asks-manager": ("asks", 9), "unanswered": ("asks", 2), "hears-from-manager": ("hears", 7),
    "attendance": ("cause", 3), "approved": ("support", 4), "declined": ("support", 6), "deferred": ("support", 8),
    "submitted-lately": ("lately", 2),
}  # fmt: skip
"""What happens in some areas only: the draw, and how many are drawn. In one draw, the fewer are among the more."""
WANTED: Final = {
    "focus": "Quality assurance of case records in adults' services",
    "purpose": "Team managers who audit records by one standard",
    "timescale": "Six months from September",
    "resource_implications": "Six days of a strategic inspector; two workshops",
}


def stage(areas: Sequence[Area]) -> Stage:
    """The matters of every area, side by side."""
    inspectors = link_inspectors(areas)
    codes = [area.code for area in areas]
    lots = {lot: drawn(codes, draw, min(count, len(codes))) for lot, (draw, count) in LOTS.items()}
    lines = {}
    for area in areas:
        managers = {sector: relationship_manager(sector, area, areas) for sector in ("adults", "children")}
        own = frozenset(lot for lot, chosen in lots.items() if area.code in chosen)
        lines[area.code] = Matters(area, inspectors[area.code][0], managers, own).steps()
    return Stage("Developments, liaison, support", areas=lines)


class Matters:
    """The steps of one area."""

    def __init__(self, area: Area, link: Person, managers: dict[str, Person], lots: frozenset[str]) -> None:
        self.area, self.link, self.managers, self.lots = area, link, managers, lots
        self.officer = Person("cswo", (area.code,), f"chief-social-work-officer-{area.code.lower()}")

    def steps(self) -> list[Step]:
        """Every step, in the order of time."""
        matters = [*self._developments(), *self._liaison(), *self._support()]
        return sorted(matters, key=when)

    def _developments(self) -> Iterator[Step]:
        """Urgent ones are brought to the service manager straight away, and stay open until acknowledged (R38)."""
        if "urgent" in self.lots:
            day = self._day("urgent", date(2024, 5, 6), 280)
            yield self._note("urgent", day, "risk", "adults", True, "Cover out of hours fell short on two weekends.")
            yield self._development("urgent", "acknowledgements", day, "14:00")
            reason = "The partnership has filled both posts; the inspection plan takes it up."
            yield self._development("urgent", "closures", day + timedelta(24), outcome="action-taken", reason=reason)
        if "noted" in self.lots:
            day = self._day("noted", date(2024, 4, 22), 300)
            text = "A family support service opens in two localities."
            yield self._note("noted", day, "good-practice", "children", False, text, sector="children")
            informed = {"sector": "children"}
            yield self._development("noted", "relationship-manager-notices", day + timedelta(3), **informed)
            if "escalated" in self.lots:
                reason = "The provider has given notice, and children have to move."
                yield self._development("noted", "escalations", day + timedelta(30), reason=reason)
                yield self._development("noted", "acknowledgements", day + timedelta(31))
            note = "Told at the one-to-one, and shared with the scrutiny bodies."
            closed = {"outcome": "intelligence-shared", "reason": note}
            yield self._development("noted", "closures", day + timedelta(45), **closed)
        if "open-today" in self.lots:
            day = self._day("open", date(2026, 10, 26), 14)
            text = "Two care homes of one provider have stopped admissions; reviews are behind."
            yield self._note("open", day, "public-protection", "adults", True, text, sector="adults")

    def _note(self, name: str, day: date, kind: str, service_area: str, urgent: bool, text: str, **more: str) -> Step:
        noted = {"kind": kind, "service_area": service_area, "urgent": urgent, "text": text} | more
        key = f"development/{self.area.code}/{name}"
        path = f"/v1/areas/{self.area.code}/developments"
        return Step(self.link, path, key, moment(day, "09:15"), noted, creates=f"development-{self.area.code}-{name}")

    def _development(self, name: str, command: str, day: date, clock: str = "16:00", **body: str) -> Step:
        who = SERVICE_MANAGER if command == "acknowledgements" else self.link
        path = f"/v1/areas/{self.area.code}/developments/{{development-{self.area.code}-{name}}}/{command}"
        return Step(who, path, f"development/{self.area.code}/{name}/{command}", moment(day, clock), body)

    def _liaison(self) -> Iterator[Step]:
        """Both ways, and attendance at a committee for a cause, which no minimum counts (R36, R42)."""
        adults, children = self.managers["adults"], self.managers["children"]
        if "asks-manager" in self.lots:
            day = self._day("asks", date(2024, 5, 13), 270)
            raised = {"matter": "care-home-concerns", "sector": "adults", "topic": "adult-protection"}
            text = "How are concerns from care homes dealt with? The committee sees fewer referrals."
            path = "matters-for-relationship-manager"
            yield self._matter(self.link, path, "ask", day, **raised, text=text)
            if "unanswered" in self.lots:
                return
            text = "Two homes report late; both have been reminded."
            yield self._answer(adults, "relationship-manager-answers", "answer", day + timedelta(6), text)
            closed = {"matter": "care-home-concerns", "outcome": "raised-with-partnership"}
            note = "Raised at the quarterly meeting."
            yield self._matter(self.link, "closures", "close", day + timedelta(20), **closed, note=note)
        if "hears-from-manager" in self.lots:
            day = self._day("hears", date(2024, 6, 3), 250)
            topic = "assessment-and-care-management"
            raised = {"matter": "reviews-in-residential-care", "sector": "children", "topic": topic}
            text = "Care plans of children in residential care are reviewed late."
            yield self._matter(children, "matters-for-link-inspector", "tell", day, **raised, text=text)
            told = {"matter": "reviews-in-residential-care", "text": "It is on the agenda of the next link meeting."}
            yield self._matter(self.link, "link-inspector-answers", "tell-back", day + timedelta(4), **told)
        if "attendance" in self.lots:
            day = self._day("attend", date(2024, 9, 2), 120)
            attendance = {"attendance": "large-scale-investigation"}
            cause = "A large number of referrals about one care home."
            proposed = attendance | {"committee": "adult-protection-committee", "cause": cause}
            yield self._matter(self.link, "attendance-proposals", "propose", day, **proposed)
            yield self._matter(adults, "attendance-agreements", "agree", day + timedelta(2), **attendance)
            yield self._matter(adults, "attendances", "attend", day + timedelta(16), **attendance)

    def _answer(self, who: Person, command: str, key: str, day: date, text: str) -> Step:
        return self._matter(who, command, key, day, matter="care-home-concerns", text=text)

    def _matter(self, who: Person, command: str, key: str, day: date, **body: str) -> Step:
        path = f"/v1/areas/{self.area.code}/liaison/{command}"
        return Step(who, path, f"liaison/{self.area.code}/{key}", moment(day, "11:30"), body)

    def _support(self) -> Iterator[Step]:
        """Considered against need, risk and capacity; approved, declined or deferred (R44, R45)."""
        if "approved" in self.lots:
            yield from self._approved()
        elif "declined" in self.lots:
            day = self._day("declined", date(2024, 6, 3), 150)
            yield from self._considered("declined", day, ("low", "low", "low"))
            reason = "Need and risk are low, and there is no capacity before summer; the guidance may help."
            yield self._request("declined", SERVICE_MANAGER, "refusals", day + timedelta(17), reason=reason)
        elif "deferred" in self.lots:
            yield from self._considered("deferred", date(2024, 11, 4), ("medium", "low", "low"))
            until = {"until": "2025-04-14", "reason": "Two inspections take up the team until spring."}
            yield self._request("deferred", SERVICE_MANAGER, "deferrals", date(2024, 11, 20), **until)
        if "submitted-lately" in self.lots:
            yield self._submit("lately", self._day("lately", date(2026, 10, 19), 14))

    def _approved(self) -> Iterator[Step]:
        """The improvement support team takes part at a cost, which is considered in the same way (R45)."""
        name, day = "approved", self._day("approved", date(2024, 8, 5), 60)
        yield from self._considered(name, day, ("high", "medium", "medium"))
        yield self._request(name, SERVICE_MANAGER, "approvals", day + timedelta(15))
        proposed: dict[str, Any] = {
            "involvement": "model",
            "colleagues": "improvement-support-team",
            "resource_cost": True,
        }
        note = "Four workshops on the Model for Improvement."
        yield self._request(name, self.link, "involvements", day + timedelta(16), **proposed, note=note)
        for ground in ("need", "risk", "capacity"):
            weighed = {"involvement": "model", "ground": ground, "level": "medium", "note": "As for the request."}
            day_after = day + timedelta(20)
            yield self._request(name, SERVICE_MANAGER, "involvement-considerations", day_after, ground, **weighed)
        yield self._request(name, SERVICE_MANAGER, "involvement-approvals", day + timedelta(21), involvement="model")
        for number, (kind, by, minutes) in enumerate(
            (("advice", None, 180), ("model-for-improvement", "model", 420), ("model-for-improvement", "model", 420)), 1
        ):
            given = {"provision": f"session-{number}", "kind": kind, "minutes": minutes, "involvement": by}
            when = day + timedelta(28 + 35 * number)
            note = "Held with nine team managers."
            yield self._request(name, self.link, "provisions", when, str(number), **given, note=note)
        outcome = "Team managers audit by one standard; the first results went to the committee."
        yield self._request(name, self.link, "completions", day + timedelta(190), outcome=outcome)

    def _considered(self, name: str, day: date, levels: tuple[str, str, str]) -> Iterator[Step]:
        yield self._submit(name, day)
        for ground, level in zip(("need", "risk", "capacity"), levels, strict=True):
            weighed = {"ground": ground, "level": level, "note": f"The {ground} is {level} beside other requests."}
            yield self._request(name, SERVICE_MANAGER, "considerations", day + timedelta(9), ground, **weighed)

    def _submit(self, name: str, day: date) -> Step:
        path, key = f"/v1/areas/{self.area.code}/support-requests", f"support/{self.area.code}/{name}"
        body = WANTED | {"service_areas": ["adults"]}
        return Step(self.officer, path, key, moment(day, "09:45"), body, creates=f"support-{self.area.code}-{name}")

    def _request(self, name: str, who: Person, command: str, day: date, part: str = "", **body: Any) -> Step:
        path = f"/v1/areas/{self.area.code}/support-requests/{{support-{self.area.code}-{name}}}/{command}"
        return Step(who, path, f"support/{self.area.code}/{name}/{command}/{part}", moment(day, "15:15"), body)

    def _day(self, what: str, first: date, days: int) -> date:
        return working_day(first + timedelta(int(chance("matters", what, self.area.code) * days)))
