"""The script: what happens when, as stages of steps. It is made whole before the first command is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from app.demo import (
    children_script,
    country_script,
    inspection_script,
    liaison_script,
    link_year_script,
    risk_summary_script,
    self_evaluation_script,
)
from app.demo import review_script as review
from app.demo.area_script import LOTS, AreaScript, Part
from app.demo.country import Area, chance, drawn, outturn, size, spread
from app.demo.steps import Stage, Step, moment

LEAST_REPLIES, LEAST_MANAGERS = 14, 2


def script(areas: Sequence[Area]) -> list[Stage]:
    """The whole demonstration for these areas, one scene after another; each says what it needs of those before."""
    return [
        country_script.stage(areas),
        *governance_review(areas),
        children_script.stage(areas),
        *self_evaluation_script.stages(areas),
        inspection_script.stage(areas),
        link_year_script.stage(areas),
        liaison_script.stage(areas),
        risk_summary_script.stage(areas),
        Stage("Sharing", closing=[_sharing(areas)]),
    ]


def governance_review(areas: Sequence[Area]) -> list[Stage]:
    """The whole review for these areas; with all 32, the published figures come out."""
    parts = _parts(areas)
    lines = {area.code: AreaScript(area, parts[area.code]).steps() for area in areas}

    def between(first: date, last: date) -> dict[str, list[Step]]:
        since, until = moment(first, "00:00"), moment(last + timedelta(1), "00:00")
        return {code: [step for step in steps if since <= step.at < until] for code, steps in lines.items()}

    return [
        Stage(
            "July 2024: notification",
            opening=review.announcement([area.code for area in areas]),
            areas=between(review.NOTIFIED, date(2024, 8, 4)),
            closing=[
                review.reached("notification", review.NOTIFIED, "16:00"),
                review.fix_report_date(),
                review.reached("guidance", date(2024, 7, 26)),
            ],
        ),
        Stage(
            "August: briefings",
            areas=between(date(2024, 8, 5), date(2024, 8, 18)),
            closing=[review.reached("briefings", date(2024, 8, 15))],
        ),
        Stage(
            "To 4 October: documents, survey",
            areas=between(review.SURVEY_OPENS, review.SURVEY_CLOSES),
            closing=[
                review.reached("document-return", date(2024, 9, 4)),
                review.close_survey(),
                review.reached("survey", review.SURVEY_CLOSES, "23:59:59"),
            ],
        ),
        Stage(
            "October: interviews",
            areas=between(review.SURVEY_CLOSES + timedelta(1), review.INTERVIEWS_END),
            closing=[
                review.reached("interviews", review.INTERVIEWS_END),
                review.conclude(),
                review.reached("conclusion", review.CONCLUDED),
            ],
        ),
        Stage(
            "March 2025: report",
            opening=[review.publish(), review.reached("report", review.PUBLISHED)],
            areas=between(review.PUBLISHED, date(2025, 4, 30)),
            closing=[review.webinar()],
        ),
    ]


def _parts(areas: Sequence[Area]) -> dict[str, Part]:
    codes, share = [area.code for area in areas], outturn()
    fraction = len(codes) / share["areas"]
    even = {code: 0.75 + 0.5 * chance("even", code) for code in codes}
    sizes = {code: size(code) for code in codes}
    files = spread(round(share["documents returned"] * fraction), even, 14)
    replies = spread(round(share["staff survey replies"] * fraction), sizes, LEAST_REPLIES)
    managers = spread(round(share["managers in focus groups"] * fraction), sizes, LEAST_MANAGERS)
    lots = {lot: drawn(codes, lot, min(count, len(codes))) for lot, count in LOTS.items()}
    return {
        code: Part(
            files[code], replies[code], managers[code], frozenset(lot for lot, drawn_ in lots.items() if code in drawn_)
        )
        for code in codes
    }


def _sharing(areas: Sequence[Area]) -> Step:
    agreed = {
        "body": "audit-scotland",
        "areas": [area.code for area in areas],
        "kinds": ["publications", "review-progress", "engagement-counts", "plan-status", "risk-summaries"],
        "purpose": "Shared risk assessment by the local area networks",
        "starts_on": "2024-07-01",
        "ends_on": "2030-06-30",
    }
    signed = moment(date(2024, 7, 1), "10:00")
    return Step(country_script.RECORDS, "/v1/sharing-agreements", "sharing/audit-scotland", signed, agreed)
