"""What a review tells everybody: its report in accessible formats, updates, a contact point, and where it stands."""

from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec
import pytest

from app.domain import reviews
from app.domain.refusals import DatesOutOfOrder
from app.domain.review_refusals import (
    FormatAlreadyPublished,
    FormatBeforeReport,
    UpdateAlreadyPublished,
)
from app.domain.reviews import PublishFormat, PublishUpdate, RescheduleMilestone, SetContactPoint
from app.events.reviews import (
    ContactPointSet,
    ESurveyPlanned,
    FormatPublished,
    MilestonePlanned,
    MilestoneReached,
    MilestoneRescheduled,
    ReportPublished,
    SurveyWindowSet,
    UpdatePublished,
)
from app.ledger.events import Event, Sealed
from tests.domain.dsl import fold, given
from tests.domain.test_review_gathering import announced

JANUARY, JUNE, AUGUST = date(2024, 1, 25), date(2024, 6, 12), date(2024, 8, 27)
LINK = "https://example.org/animation"
report = ReportPublished("Overview report", None, AUGUST)
animation = PublishFormat("video-animation", "Our key messages", LINK)
animation_published = FormatPublished("video-animation", "Our key messages", LINK, AUGUST)
update = PublishUpdate("june-2024", "Update: June 2024")
contact = SetContactPoint("review-mailbox", "Review team", "review@example.org")
contact_set = ContactPointSet("review-mailbox", "Review team", JANUARY, Sealed("review@example.org"))
spring = MilestonePlanned("report", "Overview report", "2024-04", "2024-05")
slipped = MilestoneRescheduled("report", "2024-08", None, Sealed("More to read than planned"))


def test_the_overview_report_slips_from_spring_to_august_with_a_reason() -> None:  # R30
    reschedule = RescheduleMilestone("report", "2024-08", "More to read than planned")
    given(announced, spring).when(reschedule, on=JUNE).then(slipped)
    milestone = fold(reviews, announced, spring, slipped).milestones["report"]
    assert (milestone.first_planned, milestone.starts_on, milestone.moves) == (("2024-04", "2024-05"), "2024-08", 1)


def test_accessible_formats_are_published_with_the_report_or_after_it() -> None:  # R30
    given(announced).when(animation, on=AUGUST).then_refused(FormatBeforeReport)
    given(announced, report).when(animation, on=JUNE).then_refused(FormatBeforeReport)
    given(announced, report).when(animation, on=AUGUST).then(animation_published)
    given(announced, report, animation_published).when(animation, on=AUGUST).then_nothing()
    other = replace(animation, link="https://example.org/another")
    for again, day in ((other, AUGUST), (animation, date(2024, 9, 2))):
        given(announced, report, animation_published).when(again, on=day).then_refused(FormatAlreadyPublished)


@pytest.mark.parametrize("code", ["easy-read", "british-sign-language"])
def test_which_formats_there_are_is_data(code: str) -> None:  # R30
    given(announced, report, animation_published).when(PublishFormat(code, "The report"), on=AUGUST).then(
        FormatPublished(code, "The report", None, AUGUST)
    )


def test_updates_are_dated_and_need_no_report() -> None:  # R30
    published = UpdatePublished("june-2024", "Update: June 2024", None, JUNE)
    given(announced).when(update, on=JUNE).then(published)
    given(announced, published).when(update, on=JUNE).then_nothing()
    given(announced, published).when(update, on=AUGUST).then_refused(UpdateAlreadyPublished)
    given(announced, published).when(replace(update, title="Another"), on=JUNE).then_refused(UpdateAlreadyPublished)


def test_a_contact_point_is_open_by_designation_and_its_address_sealed() -> None:  # R30
    given(announced).when(contact, on=JANUARY).then(contact_set)
    state = fold(reviews, announced, contact_set)
    assert (state.contact_point.designation, state.contact_point.email.commitment is None) == ("Review team", False)


@pytest.mark.parametrize("day", [JANUARY, JUNE], ids=["the-same-day", "later"])
def test_a_contact_points_mistyped_address_is_corrected_on_the_same_day_too(day: date) -> None:  # R30
    mended = replace(contact, email="review@example.org")
    given(announced, contact_set).when(mended, on=day).then(
        msgspec.structs.replace(contact_set, set_on=day, email=Sealed("review@example.org"))
    )


def test_a_later_contact_point_takes_over() -> None:  # R30
    second = replace(contact, contact="second-mailbox")
    given(announced, contact_set).when(second, on=JUNE).then(
        ContactPointSet("second-mailbox", "Review team", JUNE, Sealed("review@example.org"))
    )
    given(announced, contact_set).when(second, on=date(2024, 1, 24)).then_refused(DatesOutOfOrder)


def standing(*events: Event, on: date) -> dict[str, bool]:
    """What the rules find at noon of a day, by key."""
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    return {finding.key: finding.holds for finding in reviews.explain(fold(reviews, *events), None, noon)}


def test_a_milestone_is_late_until_it_is_moved_or_reached() -> None:  # R12
    late = {"milestones/report/in-time": False, "report/published": False}
    assert standing(announced, spring, on=date(2024, 5, 31)) == late | {"milestones/report/in-time": True}
    assert standing(announced, spring, on=JUNE) == late
    assert standing(announced, spring, slipped, on=JUNE)["milestones/report/in-time"]
    assert not standing(announced, spring, MilestoneReached("report", JUNE), on=AUGUST)["milestones/report/in-time"]


def test_why_a_survey_takes_no_replies_is_explained() -> None:  # R19, R27
    surveys = (
        SurveyWindowSet(JANUARY, JUNE),
        ESurveyPlanned("children", "What do you think?", ("children",), JUNE, AUGUST),
    )
    asked = {day: standing(announced, *surveys, on=day) for day in (JANUARY, JUNE, AUGUST)}
    assert [found["survey/open"] for found in asked.values()] == [True, True, False]
    assert [found["e-surveys/children/open"] for found in asked.values()] == [False, True, True]


def test_a_report_without_an_accessible_format_is_told_of() -> None:  # R30
    assert standing(announced, report, on=AUGUST) == {"report/published": True, "formats/published": False}
    assert standing(announced, report, animation_published, on=AUGUST)["formats/published"]


def test_a_review_that_was_not_announced_has_nothing_to_explain() -> None:
    assert standing(on=AUGUST) == {}
