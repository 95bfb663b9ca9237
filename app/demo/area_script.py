"""What one area does in the review, from its notification to its own survey report, in the order of time (R17–R22).

The dates of the review hold; which area was late, asked, was queried or lost its co-ordinator is drawn by lot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from app.demo import documents
from app.demo import review_script as review
from app.demo.country import Area, chance, spread
from app.demo.steps import File, Person, Step, moment, when, working_day

THEMES: Final = {
    "statutory-duties": (date(2024, 10, 3), date(2024, 10, 15), date(2024, 10, 29)),
    "support-and-accountability": (date(2024, 10, 8), date(2024, 10, 22), date(2024, 10, 30)),
    "values-in-practice": (date(2024, 10, 10), date(2024, 10, 24), date(2024, 11, 1)),
}
"""Theme of the focus groups → the days on which one met."""
LEADERS: Final = (
    "chief-officer",
    "chief-executive",
    "senior-manager-adults",
    "senior-manager-children",
    "senior-manager-justice",
)
QUESTIONS: Final = (
    ("format", "May a document be returned as several files?", "Yes, up to twenty for each document."),
    ("survey-scope", "Are occupational therapists to answer the survey?", "Yes, where they support statutory duties."),
    ("interviews", "May an interview be held online?", "Yes; please offer two dates."),
)
WAIVED, EXTENDED, QUERIED = "learning-from-reviews", "workforce-plan", "risk-register"

LOTS: Final = {
    "late-nomination": 3, "late-documents": 5, "late-survey": 4, "asks": 9, "misses-briefing": 4, "accepted": 16,
    "replaced": 1, "extension": 1, "waiver": 1, "query": 1, "last-minute": 1,
}  # fmt: skip
"""What happens in some areas only, and in how many."""


@dataclass(frozen=True)
class Part:
    """What falls to one area: its share of the national figures, and its lots."""

    files: int
    replies: int
    managers: int
    lots: frozenset[str]


class AreaScript:
    """The steps of one area."""

    def __init__(self, area: Area, part: Part) -> None:
        self.area, self.part = area, part
        self.coordinator = Person("coordinator", (area.code,), f"coordinator-{area.code.lower()}")
        self.officer = Person("cswo", (area.code,), f"chief-social-work-officer-{area.code.lower()}")

    def steps(self) -> list[Step]:
        """Every step, in the order of time."""
        before = [*self.notification(), *self.briefing(), *self.documents()]
        after = [*self.survey(), *self.leaders(), *self.report()]
        return sorted([*before, *after], key=when)

    def notification(self) -> Iterator[Step]:
        """Notified on 15 July, nominated by the 19th, guided the week after; one co-ordinator is replaced (R17)."""
        recipients = sorted([self.area.code, self.area.partnership])
        yield self._step(review.TEAM, "notifications", "notify", review.NOTIFIED, "09:00", recipients=recipients)
        day = review.NOTIFIED + timedelta(self._days("nominate", 5))
        if "late-nomination" in self.part.lots:
            day = date(2024, 7, 22) + timedelta(self._days("nominate", 2))
        first = {"person": self.coordinator.subject, "name": f"Co-ordinator, {self.area.name}"}
        yield self._step(
            self.officer, "coordinator-nominations", "nominate", day, self._clock("nominate"),
            **first, designation="Service manager, planning and performance",
        )  # fmt: skip
        guided = date(2024, 7, 24) + timedelta(self._days("guide", 3))
        yield self._step(review.TEAM, "guidance-issues", "guidance", guided)
        if "replaced" in self.part.lots:
            second = f"coordinator-2-{self.area.code.lower()}"
            yield self._step(
                self.officer, "coordinator-replacements", "replace", date(2024, 9, 16), "11:00",
                person=second, name=f"Second co-ordinator, {self.area.name}",
                designation="Team manager, quality assurance", reason="The first co-ordinator moved to another post.",
            )  # fmt: skip

    def briefing(self) -> Iterator[Step]:
        """Invited, attended, and in some areas a question (R18)."""
        sessions = review.BRIEFINGS
        held = sessions[self._days("briefing", 3)]
        session = {"briefing": review.briefing(held)}
        yield self._step(review.TEAM, "briefing-invitations", "invite", date(2024, 7, 29), **session)
        if "misses-briefing" in self.part.lots:
            held = sessions[-1]
            session = {"briefing": review.briefing(held)}
            yield self._step(review.TEAM, "briefing-invitations", "invite-again", date(2024, 8, 14), **session)
        yield self._step(review.TEAM, "briefing-attendances", "attend", held, "14:00", **session)
        if "asks" in self.part.lots:
            code, asked, answer = QUESTIONS[self._days("question", 3)]
            yield self._step(self.coordinator, "questions", f"ask/{code}", held, "15:10", question=code, text=asked)
            after = held + timedelta(1)
            yield self._step(review.TEAM, "answers", f"answer/{code}", after, "10:20", question=code, text=answer)

    def documents(self) -> Iterator[Step]:
        """Returned by 27 August, some late; one waived, one extended, one queried and returned again (R20)."""
        lots = self.part.lots
        codes = [code for code in documents.DOCUMENTS if not (code == WAIVED and "waiver" in lots)]
        weights = {code: 0.4 + chance("files", self.area.code, code) for code in codes}
        if "query" in lots:
            weights[QUERIED] = max(weights.values())  # two files at the least: the first is returned again
        shares = spread(self.part.files, weights, 1)
        late = set(codes[-2:]) if "late-documents" in lots else set()
        for code, count in shares.items():
            day = working_day(date(2024, 8, 19) + timedelta(self._days(f"return/{code}", 9)))
            if code in late:
                day = date(2024, 8, 28) + timedelta(self._days(f"late/{code}", 3))
            if code == EXTENDED and "extension" in lots:
                day = date(2024, 9, 4)
            if code == QUERIED and "query" in lots:
                yield from self._queried(count)
            else:
                yield self._return(code, f"return/{code}", day, range(1, count + 1))
            if "accepted" in lots:
                settled = working_day(date(2024, 9, 9) + timedelta(self._days(f"accept/{code}", 10)))
                yield self._step(review.TEAM, "document-acceptances", f"accept/{code}", settled, document=code)
        if "extension" in lots:
            granted = {"obligation": f"document-{EXTENDED}", "due_on": "2024-09-06"}
            yield self._step(
                review.TEAM, "obligation-extensions", f"extend/{EXTENDED}", date(2024, 8, 22), "16:00",
                **granted, reason="The plan goes to the committee on 3 September.",
            )  # fmt: skip
        if "waiver" in lots:
            yield self._step(
                review.TEAM, "obligation-waivers", f"waive/{WAIVED}", date(2024, 8, 26), "16:00",
                obligation=f"document-{WAIVED}", reason="Its content is in the annual report.",
            )  # fmt: skip

    def survey(self) -> Iterator[Step]:
        """Shared when it opens, answered until the end of its last day (R19)."""
        shared = review.SURVEY_OPENS + timedelta(2 if "late-survey" in self.part.lots else 0)
        yield self._step(self.coordinator, "survey-shares", "share-survey", shared, "08:30")
        days = [shared + timedelta(n) for n in range((review.SURVEY_CLOSES - shared).days + 1)]
        offered = [day for day in days for _ in range(_liveliness(day))]
        for number in range(1, self.part.replies + 1):
            mark = ("reply", self.area.code, number)
            day, clock = offered[int(chance(*mark) * len(offered))], _clock(8, 13, "clock", *mark)
            if number == 1 and "last-minute" in self.part.lots:
                day, clock = review.SURVEY_CLOSES, "23:58:30"
            group = "first-line-manager" if chance("group", *mark) < 0.16 else "frontline-social-work"
            response = f"{int(chance('response', *mark) * 2**48):012x}"
            yield self._step(
                review.TEAM, "survey-return/responses", f"reply/{number}", day, clock,
                response=response, staff_group=group,
            )  # fmt: skip

    def leaders(self) -> Iterator[Step]:
        """One interview with the CSWO and two others, and managers in themed focus groups (R21)."""
        span = (review.INTERVIEWS_END - review.INTERVIEWS_BEGIN).days + 1
        held = working_day(review.INTERVIEWS_BEGIN + timedelta(self._days("interview", span)))
        others = sorted(LEADERS, key=lambda leader: chance("leader", self.area.code, leader))[:2]
        met = ["chief-social-work-officer", *others]
        yield self._step(review.TEAM, "interviews", "interview", held, "10:00", code="leaders", interviewees=met)
        themes = sorted(THEMES, key=lambda theme: chance("theme", self.area.code, theme))
        attended = dict.fromkeys(themes[: max(1, self.part.managers // 2)], 1.0)
        for theme, managers in spread(self.part.managers, attended, 0).items():
            day = THEMES[theme][self._days(f"theme/{theme}", 3)]
            came = {"theme": theme, "managers": managers}
            yield self._step(review.TEAM, "focus-group-attendances", f"focus-group/{theme}", day, "13:30", **came)

    def report(self) -> Iterator[Step]:
        """The area's own survey report, after publication (R22)."""
        day = date(2025, 3, 24) + timedelta(self._days("report", 5))
        step = self._step(review.TEAM, "local-survey-reports", "survey-report", day)
        yield replace(step, files=(documents.survey_report(self.area.name),), attach="attachment")

    def _queried(self, count: int) -> Iterator[Step]:
        yield self._return(QUERIED, f"return/{QUERIED}", date(2024, 8, 21), range(1, count))
        question = {"document": QUERIED, "query": "One file is a draft; please return the register that was approved."}
        yield self._step(review.TEAM, "document-queries", f"query/{QUERIED}", date(2024, 8, 23), "10:00", **question)
        yield self._return(QUERIED, f"return-again/{QUERIED}", date(2024, 8, 27), range(count, count + 1))

    def _return(self, code: str, key: str, day: date, numbers: range) -> Step:
        files: list[File] = [documents.returned(self.area.name, code, number, day) for number in numbers]
        step = self._step(self.coordinator, "document-returns", key, day, self._clock(key), document=code)
        return replace(step, files=files)

    def _step(self, who: Person, command: str, key: str, day: date, clock: str = "09:30", **body: Any) -> Step:
        path = f"/v1/reviews/{{review}}/participations/{self.area.code}/{command}"
        return Step(who, path, f"{self.area.code}/{key}", moment(day, clock), body, self.area.code)

    def _days(self, what: str, count: int) -> int:
        return int(chance(what, self.area.code) * count)

    def _clock(self, what: str) -> str:
        return _clock(10, 6, "clock", what, self.area.code)


def _clock(opens: int, hours: int, *parts: object) -> str:
    minute = int(chance(*parts) * hours * 60)
    return f"{opens + minute // 60:02}:{minute % 60:02}"


def _liveliness(day: date) -> int:
    """How many tickets a day has in the draw of the replies: few at weekends, many at the start and at the end."""
    if day.weekday() > 4:
        return 1
    return 14 if (review.SURVEY_CLOSES - day).days < 5 else 10 if (day - review.SURVEY_OPENS).days < 10 else 6
