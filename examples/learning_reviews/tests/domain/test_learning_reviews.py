"""A learning review is notified once, and reported after its notice."""

from datetime import date

from app.domain.learning_reviews import (
    LearningReviewAlreadyNotified,
    LearningReviewAlreadyReported,
    LearningReviewUnknown,
    NotifyLearningReview,
    ReportLearningReview,
)
from app.domain.refusals import DatesOutOfOrder
from app.events.learning_reviews import LearningReviewNotified, LearningReviewReported
from app.ledger.events import Sealed
from tests.domain.dsl import given

MONDAY, TUESDAY, WEDNESDAY = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5)
notify = NotifyLearningReview("child-protection-committee", "What has happened")
notified = LearningReviewNotified("child-protection-committee", TUESDAY, Sealed("What has happened"))
reported = LearningReviewReported(TUESDAY)


def test_a_learning_review_is_notified_once() -> None:
    given().when(notify, on=TUESDAY).then(notified)
    given(notified).when(notify, on=TUESDAY).then_refused(LearningReviewAlreadyNotified)


def test_its_report_follows_the_notice() -> None:
    given().when(ReportLearningReview(), on=TUESDAY).then_refused(LearningReviewUnknown)
    given(notified).when(ReportLearningReview(), on=MONDAY).then_refused(DatesOutOfOrder)
    given(notified).when(ReportLearningReview(), on=TUESDAY).then(reported)
    given(notified, reported).when(ReportLearningReview(), on=TUESDAY).then_nothing()
    for another in (MONDAY, WEDNESDAY):
        given(notified, reported).when(ReportLearningReview(), on=another).then_refused(LearningReviewAlreadyReported)
