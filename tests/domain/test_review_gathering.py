"""What a review of a few chosen areas gathers: who takes part, records read, electronic surveys, focus groups."""

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from app.domain import reviews
from app.domain.refusals import DatesOutOfOrder, SeveralRefusals
from app.domain.review_refusals import (
    AreaAlreadyInReview,
    AreaNotInReview,
    ESurveyAlreadyPlanned,
    FocusGroupAlreadyHeld,
    RecordsReadAlreadyStated,
    RecordsReadDiffer,
    ReviewHasConcluded,
    TotalTellsTooMuch,
)
from app.domain.review_state import TakingPart
from app.domain.reviews import (
    Facts,
    HoldFocusGroup,
    PlanESurvey,
    RecordAreaComingForward,
    SelectArea,
    StateRecordsRead,
)
from app.events.reviews import (
    AreaCameForward,
    AreaSelected,
    ESurveyPlanned,
    FocusGroupHeld,
    RecordsReadStated,
    ReviewAnnounced,
    ReviewConcluded,
)
from tests.domain.dsl import ABERDEEN, GLASGOW, STIRLING, fold, given

DUNDEE, DUMFRIES, ISLES = "S12000042", "S12000006", "S12000013"
FOUR = (DUMFRIES, ISLES, ABERDEEN, DUNDEE)
JANUARY, APRIL = date(2024, 1, 22), date(2024, 4, 10)
OPENS, CLOSES = date(2024, 1, 15), date(2024, 3, 8)

announced = ReviewAnnounced(
    title="Review of services for disabled children and young people",
    legal_basis_required=False,
    legal_basis=None,
    stem="How well are disabled children and young people supported?",
    questions=("Do assessments, plans and reviews bring help at the right time?",),
    purposes=("Show what works well",),
    service_areas=("children",),
    areas=FOUR,
    selection_mode="came-forward",
    methods=("record-reading", "visits", "e-survey", "focus-groups"),
    definitions=(),
    analysis_framework=None,
    team="strategic inspectors",
    starts="2023",
    ends="2024-05",
    report_due="2024-04",
)
READ = Facts((29, 31, 28, 29))
of_two = msgspec.structs.replace(announced, areas=(ABERDEEN, DUNDEE))
e_survey = PlanESurvey("children", "What do you think?", ("young-people", "children"), OPENS, CLOSES)
e_survey_planned = ESurveyPlanned("children", "What do you think?", ("children", "young-people"), OPENS, CLOSES)
focus_group = HoldFocusGroup("first", (DUNDEE, ABERDEEN, ISLES), 14)
focus_group_held = FocusGroupHeld("first", (ISLES, ABERDEEN, DUNDEE), 14, APRIL)


def test_an_area_that_comes_forward_after_the_announcement_takes_part_from_its_day() -> None:  # R25
    given(announced).when(RecordAreaComingForward(GLASGOW), on=JANUARY).then(AreaCameForward(GLASGOW, JANUARY))
    state = fold(reviews, announced, AreaCameForward(GLASGOW, JANUARY))
    assert state.areas[GLASGOW] == TakingPart("came-forward", JANUARY)
    assert state.areas[ABERDEEN] == TakingPart("came-forward")


def test_one_review_tells_areas_that_came_forward_from_areas_that_were_selected() -> None:  # R25
    given(announced).when(SelectArea(STIRLING), on=JANUARY).then(AreaSelected(STIRLING, JANUARY))
    state = fold(reviews, announced, AreaCameForward(GLASGOW, JANUARY), AreaSelected(STIRLING, APRIL))
    modes = {area: place.selection_mode for area, place in state.areas.items()}
    assert modes == dict.fromkeys((*FOUR, GLASGOW), "came-forward") | {STIRLING: "selected"}


def test_an_area_comes_into_a_review_once_and_in_one_way() -> None:  # R25
    came = (announced, AreaCameForward(GLASGOW, JANUARY))
    given(*came).when(RecordAreaComingForward(GLASGOW), on=JANUARY).then_nothing()
    given(*came).when(RecordAreaComingForward(GLASGOW), on=APRIL).then_refused(AreaAlreadyInReview)
    given(*came).when(SelectArea(GLASGOW), on=JANUARY).then_refused(AreaAlreadyInReview)
    given(announced).when(RecordAreaComingForward(ABERDEEN), on=JANUARY).then_refused(AreaAlreadyInReview)


def test_the_total_of_records_read_is_stated_once() -> None:  # R26
    stated = RecordsReadStated(117, APRIL)
    given(announced, facts=READ).when(StateRecordsRead(117), on=APRIL).then(stated)
    given(announced, stated).when(StateRecordsRead(117), on=APRIL).then_nothing()
    given(announced, stated).when(StateRecordsRead(117), on=CLOSES).then_refused(RecordsReadAlreadyStated)
    given(announced, stated).when(StateRecordsRead(118), on=APRIL).then_refused(RecordsReadAlreadyStated)


def test_a_total_that_tells_of_one_area_is_not_stated() -> None:  # R26, §8
    for tells, total in ((Facts((60, 57)), 117), (Facts((2, 1, 1, 0)), 4), (Facts((115, 1, 1, 0)), 117)):
        given(announced, facts=tells).when(StateRecordsRead(total), on=APRIL).then_refused(TotalTellsTooMuch)
    enough = Facts((112, 3, 2, 0))
    given(announced, facts=enough).when(StateRecordsRead(117), on=APRIL).then(RecordsReadStated(117, APRIL))
    with pytest.raises(TotalTellsTooMuch):
        reviews.permit(StateRecordsRead, fold(reviews, of_two))


def test_the_total_is_what_was_recorded_area_by_area() -> None:  # R26, §8
    for read in (Facts(), Facts((0, 0, 0, 0)), Facts((29, 31, 28))):
        given(announced, facts=read).when(StateRecordsRead(117), on=APRIL).then_refused(RecordsReadDiffer)


def test_an_electronic_survey_of_children_has_a_window_and_groups_of_its_own() -> None:  # R27
    given(announced).when(e_survey).then(e_survey_planned)
    given(announced, e_survey_planned).when(e_survey).then_nothing()
    given(announced, e_survey_planned).when(replace(e_survey, closes_on=APRIL)).then_refused(ESurveyAlreadyPlanned)
    given(announced).when(replace(e_survey, closes_on=date(2024, 1, 14))).then_refused(DatesOutOfOrder)


def test_a_focus_group_of_several_areas_is_a_fact_of_the_review() -> None:  # R28
    given(announced).when(focus_group, on=APRIL).then(focus_group_held)
    given(announced, focus_group_held).when(focus_group, on=APRIL).then_nothing()
    given(announced, focus_group_held).when(focus_group, on=CLOSES).then_refused(FocusGroupAlreadyHeld)
    fewer = replace(focus_group, areas=(DUNDEE, ABERDEEN))
    given(announced, focus_group_held).when(fewer, on=APRIL).then_refused(FocusGroupAlreadyHeld)


def test_a_focus_group_names_every_area_that_is_not_in_the_review() -> None:  # R28
    given(announced).when(replace(focus_group, areas=(DUNDEE, GLASGOW)), on=APRIL).then_refused(AreaNotInReview)
    given(announced).when(replace(focus_group, areas=(STIRLING, GLASGOW)), on=APRIL).then_refused(SeveralRefusals)


@pytest.mark.parametrize(("areas", "participants"), [((DUNDEE, ABERDEEN, ISLES), 4), ((DUNDEE, ABERDEEN), 14)])
def test_how_many_came_is_not_on_the_public_record_where_it_tells_too_much(
    areas: tuple[str, ...], participants: int
) -> None:  # R28, §8
    command = HoldFocusGroup("first", areas, participants)
    held = FocusGroupHeld("first", tuple(sorted(areas)), None, APRIL)
    given(announced).when(command, on=APRIL).then(held)
    given(announced, held).when(command, on=APRIL).then_nothing()


@pytest.mark.parametrize("command", [RecordAreaComingForward(GLASGOW), SelectArea(GLASGOW), e_survey, focus_group])
def test_a_concluded_review_takes_in_no_area_and_asks_nobody_else(command: object) -> None:  # R23
    given(announced, ReviewConcluded(APRIL)).when(command, on=APRIL).then_refused(ReviewHasConcluded)
