"""Where a national review stands against its plan, and why some things must wait: see `app.domain.reviews`."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from app.domain.findings import Finding
from app.domain.obligations import london_day
from app.domain.review_state import Milestone, Review
from app.events.fields import last_day


def explain(state: Review, facts: None, at: datetime) -> Sequence[Finding]:
    """The plan's milestones, the surveys and the publications, as they stand at an instant."""
    return tuple(_findings(state, london_day(at))) if state.announcement is not None else ()


def _findings(state: Review, today: date) -> Iterator[Finding]:
    for code, milestone in state.milestones.items():
        yield _milestone(code, milestone, today)
    if state.survey_windows:
        yield _open("survey/open", "R19", state.survey_windows, today)
    for code, survey in state.e_surveys.items():
        yield _open(f"e-surveys/{code}/open", "R27", ((survey.opens_on, survey.closes_on),), today)
    if state.report is None:
        said = "The national report has not been published; its accessible formats and webinars wait for it."
        yield Finding("report/published", "R30", False, said, "Record its publication.")
        return
    yield Finding("report/published", "R30", True, f"The national report was published on {state.report.published_on}.")
    if state.formats:
        yield Finding("formats/published", "R30", True, f"It is to be had as {', '.join(state.formats)} too.")
    else:
        said = "The national report is not to be had in any accessible format."
        yield Finding("formats/published", "R30", False, said, "Publish it in an accessible format.")


def _milestone(code: str, milestone: Milestone, today: date) -> Finding:
    key, planned = f"milestones/{code}/in-time", milestone.ends_on or milestone.starts_on
    if milestone.reached_on is not None:
        in_time = milestone.reached_on <= last_day(planned)
        said = f"{milestone.title}: planned for {planned}, reached on {milestone.reached_on}."
        return Finding(key, "R12", in_time, said)
    if today <= last_day(planned):
        return Finding(key, "R12", True, f"{milestone.title}: planned for {planned}.")
    said = f"{milestone.title}: planned for {planned}, and not reached."
    return Finding(key, "R12", False, said, "Record the day on which it was reached, or reschedule it with a reason.")


def _open(key: str, rule: str, windows: Sequence[tuple[date, date]], today: date) -> Finding:
    if any(opens_on <= today <= closes_on for opens_on, closes_on in windows):
        return Finding(key, rule, True, f"The survey is open until {windows[-1][1]}.")
    if today < windows[0][0]:
        return Finding(key, rule, False, f"The survey opens on {windows[0][0]}.", "Wait for its first day.")
    return Finding(key, rule, False, f"The survey was open until {windows[-1][1]}.")
