"""The link inspector's year 2024/25 in one area: arrangements, meetings against the minimum standard, time (R33–R43).

All of it is invented but the minimum standard. Most areas meet it; some fall short, each in a way of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from app.demo.country import LARGE, Area, chance, drawn
from app.demo.country_script import SECOND_JOINS, link_inspectors
from app.demo.inspection_script import ACCEPTED_AT_ONCE, SERVICE_MANAGER
from app.demo.steps import Person, Stage, Step, moment, when

YEAR: Final = 2024
THIS_YEAR: Final = 2026
UNRECORDED: Final = "S12000033"
"""Aberdeen City: its meeting with the chief officers' group was planned, and never recorded."""
LOTS: Final = {
    "quarter-missed": 3, "committee-missed": 2, "sent-manager": 2, "combined": 7, "moved": 6, "corrected": 2,
    "introduced": 3, "agreed-late": 4, "unconfirmed-this-year": 2,
}  # fmt: skip
"""What happens in some areas only, and in how many."""

CSWO, CHIEF_OFFICER = "chief-social-work-officer", "chief-officer"
CPC, APC, COG = "child-protection-committee", "adult-protection-committee", "chief-officers-group"
QUARTERS: Final = (date(2024, 4, 29), date(2024, 7, 29), date(2024, 10, 21), date(2025, 1, 27))
"""Around when the four meetings with social work leaders are planned."""
LEADERS: Final = ((CSWO, CHIEF_OFFICER), (CSWO, "senior-manager-adults"), (CSWO, "senior-manager-children"), (CSWO,))
BODIES: Final = ((CPC, date(2024, 6, 5)), (APC, date(2024, 9, 4)), (COG, date(2024, 11, 20)))
COVERED: Final = (
    ("key-developments-in-the-area", "performance-hotspots", "regulated-care-themes"),
    ("key-developments-in-the-area", "strategic-scrutiny", "self-evaluation", "higher-risk-services"),
    ("key-developments-in-the-care-inspectorate", "incident-and-case-reviews", "service-improvement-and-development"),
)
FOCUSES: Final = (
    "performance-and-quality",
    "public-protection",
    "supporting-factors-and-barriers",
    "risks",
    "good-practice",
    "capacity-for-improvement",
)
HOUR: Final = 60


@dataclass(frozen=True)
class Meeting:
    """One meeting: its code, the day for which it was planned, and who of the area takes part."""

    code: str
    day: date
    participants: tuple[str, ...]
    inspector: Person
    plans: tuple[str, ...] = ()


def stage(areas: Sequence[Area]) -> Stage:
    """The year of every area, side by side."""
    inspectors = link_inspectors(areas)
    codes = [area.code for area in areas]
    lots = {lot: drawn(codes, lot, min(count, len(codes))) for lot, count in LOTS.items()}
    lines = {}
    for area in areas:
        own = frozenset(lot for lot, chosen in lots.items() if area.code in chosen)
        lines[area.code] = LinkYear(area, inspectors[area.code], own).steps()
    return Stage("The link inspectors’ year", areas=lines)


class LinkYear:
    """The steps of one area's year, and the beginning of the present one."""

    def __init__(self, area: Area, inspectors: Sequence[Person], lots: frozenset[str]) -> None:
        self.area, self.inspectors, self.lots = area, inspectors, lots

    def steps(self) -> list[Step]:
        """Every step, in the order of time."""
        meetings = self._meetings()
        year = [
            *self._arrangements(),
            *(step for meeting in meetings for step in self._meeting(meeting)),
            *self._others(),
            *self._time(meetings),
            *self._updates(),
            *self._this_year(),
        ]
        return sorted(year, key=when)

    def _arrangements(self) -> Iterator[Step]:
        """Time allocated; agreed with the area, then confirmed by the service manager (R34, R37)."""
        minutes = (150 if self.area.code in LARGE else 90) * HOUR
        yield self._step(SERVICE_MANAGER, "time-allocations", "allocate", date(2024, 4, 3), minutes=minutes)
        agreed = self._agreed_on
        text = "Quarterly meetings in the civic offices; the committees once each; papers a week before."
        body: dict[str, Any] = {"agreed_with": [CSWO, "partnership"], "arrangements": text}
        yield self._step(self.inspectors[0], "arrangements", "agree", agreed, **body)
        confirmed = agreed + timedelta(3 + self._draw("confirm", 8))
        yield self._step(SERVICE_MANAGER, "confirmations", "confirm", confirmed)

    def _meetings(self) -> list[Meeting]:
        """Seven; or six, where the chief officers' group meets with the leaders and counts in both rows (R36)."""
        found = []
        for number, (first, leaders) in enumerate(zip(QUARTERS, LEADERS, strict=True), 1):
            day = first + timedelta(self._draw(f"quarter-{number}", 30) // 7 * 7)
            # Once the plan was accepted, it is a standing item, which the service puts on the agenda (R52).
            plans = (ACCEPTED_AT_ONCE.code,) if number > 2 and self.area.code in ACCEPTED_AT_ONCE.areas else ()
            combined = (COG,) if number == 3 and self._combined else ()
            found.append(Meeting(f"quarter-{number}", day, (*leaders, *combined), self._inspector(day), plans))
        for body, first in BODIES:
            if body == COG and self._combined:
                continue
            day = first + timedelta(self._draw(body, 60) // 7 * 7)
            if body == COG and self.area.code == UNRECORDED:
                day = date(2025, 3, 26)
            found.append(Meeting(body, day, (body,), self._inspector(day)))
        return found

    def _meeting(self, meeting: Meeting) -> Iterator[Step]:
        """Planned, held, noted down; or moved, cancelled, attended by another, or never recorded."""
        code, who, day = meeting.code, meeting.inspector, meeting.day
        particulars: dict[str, Any] = {"meeting": code, "participants": list(meeting.participants)}
        if planned := self._agreed_on < day:
            plan: dict[str, Any] = particulars | {"planned_for": day.isoformat()}
            yield self._step(self.inspectors[0], "planned-meetings", f"{code}/plan", self._agreed_on, "15:00", **plan)
        if meeting.plans:
            agenda: dict[str, Any] = {"meeting": code, "agenda": ["action-plans-from-inspections", *COVERED[0]]}
            week_before = day - timedelta(7)
            yield self._step(who, "agendas", f"{code}/agenda", week_before, **agenda)
        if "moved" in self.lots and code == "quarter-2":
            moved: dict[str, Any] = {
                "planned_for": (day + timedelta(8)).isoformat(),
                "reason": "The chief officer is on leave.",
            }
            yield self._step(who, "meeting-reschedulings", f"{code}/move", day - timedelta(6), meeting=code, **moved)
            day += timedelta(8)
        if self._falls_away(code):
            if not planned:
                return
            reason = "A critical incident took up everybody; no other day was found in time."
            yield self._step(who, "meeting-cancellations", f"{code}/cancel", day, meeting=code, reason=reason)
            return
        if code == COG and self.area.code == UNRECORDED:
            return
        sent = "sent-manager" in self.lots and code == APC
        inspectorate = ["relationship-manager-adults" if sent else "link-inspector"]
        yield self._step(who, "held-meetings", f"{code}/hold", day, **particulars, inspectorate=inspectorate)
        if "corrected" in self.lots and code == "quarter-2":
            joined: dict[str, Any] = particulars | {"inspectorate": inspectorate, "held_on": day.isoformat()}
            joined["participants"] = [*meeting.participants, "senior-manager-justice"]
            reason = "The senior manager for justice was there as well."
            day_after = day + timedelta(5)
            yield self._step(who, "meeting-corrections", f"{code}/correct", day_after, **joined, reason=reason)
        if not sent:
            yield self._note(meeting, day + timedelta(1))

    def _note(self, meeting: Meeting, day: date) -> Step:
        """What was covered, of the ten standard items and the six focuses (R33, R38, R40)."""
        covered = COVERED[self._draw(f"covered/{meeting.code}", len(COVERED))]
        noted: dict[str, Any] = {
            "note": meeting.code,
            "meeting": meeting.code,
            "covered": list(covered),
            "focuses": sorted({FOCUSES[self._draw(f"focus/{meeting.code}/{n}", len(FOCUSES))] for n in range(2)}),
            "text": "Discussed by the agenda. Vacancies in the children's teams are fewer than in spring.",
        }
        key = f"{meeting.code}/note"
        return self._step(meeting.inspector, "meeting-notes", key, day, plans=meeting.plans, **noted)

    def _others(self) -> Iterator[Step]:
        """Beyond the standard: boards and conferences, the scrutiny bodies, other teams (R39, R41, R43)."""
        link = {"inspectorate": ["link-inspector"]}
        if self._draw("board", 3) == 0:
            day = date(2024, 12, 3) + timedelta(self._draw("board-day", 8))
            met: dict[str, Any] = {"meeting": "integration-board", "participants": ["integration-joint-board"]} | link
            yield self._step(self._inspector(day), "held-meetings", "board", day, **met)
        if self._draw("conference", 4) == 0:
            met = {"meeting": "conference", "participants": ["conference"]}
            met["inspectorate"] = ["relationship-manager-children"]
            yield self._step(self.inspectors[0], "held-meetings", "conference", date(2024, 9, 26), **met)
        network: dict[str, Any] = {"exchange": "local-area-network", "body": "audit-scotland"}
        note = "Shared risk assessment: workforce and the budget gap of the integration authority."
        day = date(2025, 2, 10) + timedelta(self._draw("network", 12))
        yield self._step(self._inspector(day), "intelligence-exchanges", "network", day, **network, note=note)
        if "introduced" in self.lots:
            made: dict[str, Any] = {
                "introduction": "registration",
                "team": "registration",
                "introduced_to": ["senior-manager-adults"],
            }
            note = "A new service does not fit the guidelines for registration."
            yield self._step(
                self.inspectors[0], "team-introductions", "introduce", date(2024, 8, 21), **made, note=note
            )

    def _time(self, meetings: Sequence[Meeting]) -> Iterator[Step]:
        """Once a quarter for each activity but the sharing of intelligence; support is not among them (R34)."""
        share = 1.5 if self.area.code in LARGE else 1.0
        for number, day in enumerate((date(2024, 6, 28), date(2024, 9, 27), date(2024, 12, 20), date(2025, 3, 28)), 1):
            for activity, hours in (("meetings", 7), ("internal-meetings", 4), ("preparation-and-reading", 9)):
                minutes = int(share * hours * HOUR * (0.8 + 0.6 * chance("time", self.area.code, activity, number)))
                entry: dict[str, Any] = {
                    "entry": f"{activity}-{number}",
                    "activity": activity,
                    "minutes": minutes // 15 * 15,
                }
                yield self._step(self._inspector(day), "time-entries", f"time/{activity}/{number}", day, **entry)
        entry = {"entry": "network", "activity": "intelligence-sharing", "minutes": 5 * HOUR}
        day = date(2025, 2, 24)
        yield self._step(self._inspector(day), "time-entries", "time/network", day, **entry)

    def _updates(self) -> Iterator[Step]:
        """At one-to-ones with the service manager (R38)."""
        for number, day in enumerate((date(2024, 6, 12), date(2024, 10, 9), date(2025, 2, 12)), 1):
            told: dict[str, Any] = {
                "update": f"one-to-one-{number}",
                "focuses": [FOCUSES[self._draw(f"update-{number}", 6)]],
            }
            topics = "Engagement so far, and what has changed in the area since we spoke last."
            yield self._step(self._inspector(day), "verbal-updates", f"update/{number}", day, **told, topics=topics)

    def _this_year(self) -> Iterator[Step]:
        """2026/27 as far as it has come: allocated, agreed, mostly confirmed, and a first meeting held."""
        minutes = (150 if self.area.code in LARGE else 90) * HOUR
        yield self._now(SERVICE_MANAGER, "time-allocations", "allocate", date(2026, 4, 2), minutes=minutes)
        link = self.inspectors[0]
        agreed = date(2026, 4, 13) + timedelta(self._draw("agree-now", 5))
        yield self._now(link, "arrangements", "agree", agreed, agreed_with=[CSWO, "partnership"])
        if "unconfirmed-this-year" not in self.lots:
            yield self._now(SERVICE_MANAGER, "confirmations", "confirm", agreed + timedelta(9))
        quarter = date(2026, 5, 4) + timedelta(self._draw("quarter-now", 40) // 7 * 7)
        met = {"meeting": "quarter-1", "participants": [CSWO, CHIEF_OFFICER], "inspectorate": ["link-inspector"]}
        yield self._now(link, "held-meetings", "quarter-1/hold", quarter, **met)
        later = {"meeting": "quarter-4", "participants": [CSWO], "planned_for": "2027-02-10"}
        yield self._now(link, "planned-meetings", "quarter-4/plan", quarter + timedelta(1), **later)

    @property
    def _agreed_on(self) -> date:
        first = date(2024, 6, 10) if "agreed-late" in self.lots else date(2024, 4, 8)
        return first + timedelta(self._draw("agree", 5))

    @property
    def _combined(self) -> bool:
        return "combined" in self.lots and self.area.code != UNRECORDED

    def _falls_away(self, code: str) -> bool:
        missed = "quarter-4" if self._draw("missed", 2) else "quarter-2"
        committee = APC if self._draw("committee", 2) and "sent-manager" not in self.lots else CPC
        return ("quarter-missed" in self.lots and code == missed) or (
            "committee-missed" in self.lots and code == committee
        )

    def _inspector(self, day: date) -> Person:
        """Where there are two, they take turns by the month once the second has joined."""
        joined = self.inspectors if day >= SECOND_JOINS else self.inspectors[:1]
        return joined[day.month % len(joined)]

    def _draw(self, what: str, count: int) -> int:
        return int(chance("link-year", what, self.area.code) * count)

    def _step(
        self, who: Person, command: str, key: str, day: date, clock: str = "11:00", *, plans: Sequence[str] = (),
        year: int = YEAR, **body: Any,
    ) -> Step:  # fmt: skip
        path = f"/v1/areas/{self.area.code}/engagement-years/{year}/{command}"
        return Step(who, path, f"link-year/{year}/{self.area.code}/{key}", moment(day, clock), body, plans=plans)

    def _now(self, who: Person, command: str, key: str, day: date, **body: Any) -> Step:
        return self._step(who, command, key, day, year=THIS_YEAR, **body)
