"""What a published review came to over all its areas, which everybody sees, and never an area's own (§8)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.api.people import Person
from tests.api.test_journeys_disabled_children import FewAreas
from tests.service import Service


@pytest.fixture
def review(shared_service: Service) -> FewAreas:
    return FewAreas(shared_service)


def publish(review: FewAreas) -> None:
    review.lead.do(f"{review.path}/publications", {"title": "Overview", "occurred_at": "2024-08-27T09:00:00Z"})


def visit(review: FewAreas, area: str, times: int) -> None:
    for number in range(times):
        met = {"visit": f"visit-{number}", "met": ["staff"], "occurred_at": "2024-02-20T09:00:00Z"}
        review.lead.do(f"{review.part(area)}/visits", met)


def outturn(review: FewAreas) -> Any:
    return Person(review.service).read(f"{review.path}/outturn")


def test_the_outturn_of_a_review_is_everybodys_once_its_report_is_published(review: FewAreas) -> None:  # §8
    for area, records in zip(review.areas, (29, 31, 28, 29), strict=True):
        review.read_records(records, area)
    for person in (Person(review.service), review.lead):
        assert person.get(f"{review.path}/outturn").status_code == 404
    publish(review)
    told = outturn(review)
    assert (told["review"], told["areas"], told["records_read"]) == (review.id, 4, 117)
    assert told["people_interviewed"] == 0
    assert review.lead.read(f"{review.path}/outturn") == review.outside.read(f"{review.path}/outturn") == told
    assert not any(area in Person(review.service).get(f"{review.path}/outturn").text for area in review.areas)


def test_an_outturn_of_one_to_four_is_not_shown(review: FewAreas) -> None:  # §8
    response = {"staff_group": "first-line-manager", "occurred_at": "2024-01-22T09:00:00Z"}
    for area in review.areas:
        review.lead.do(f"{review.part(area)}/survey-return/responses", response | {"response": uuid4().hex})
    publish(review)
    assert outturn(review)["survey_responses"] is None


def test_an_outturn_from_which_an_area_could_tell_anothers_is_not_shown(review: FewAreas) -> None:  # §8
    for area, visits in zip(review.areas, (4, 3), strict=False):
        visit(review, area, visits)  # by two areas: each would know the other's
    for area, records in zip(review.areas, (40, 1, 2), strict=False):
        review.read_records(records, area)  # the first would know that the others had three together
    publish(review)
    told = outturn(review)
    assert (told["visits"], told["records_read"]) == (None, None)


def test_an_area_that_withdraws_takes_nothing_from_the_outturn(review: FewAreas) -> None:  # §8
    for area in review.areas:
        review.read_records(30, area)
    publish(review)
    before = outturn(review)
    withdrawn = {"reason": "Another inspection.", "occurred_at": "2024-09-02T09:00:00Z"}
    review.lead.do(f"{review.part()}/withdrawals", withdrawn)
    assert outturn(review) == before


def test_what_is_recorded_after_publication_is_no_part_of_the_outturn(review: FewAreas) -> None:  # §8
    for area in review.areas[:3]:
        review.read_records(1, area)
    publish(review)
    before = outturn(review)
    review.read_records(30, review.areas[3])
    assert (before["records_read"], outturn(review)) == (None, before)
