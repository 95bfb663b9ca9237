"""A national self-evaluation exercise: announcement, phases, materials, plan of the validation, thematic report."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain import self_evaluation_exercises
from app.domain.refusals import DatesOutOfOrder, NothingToChange, SeveralRefusals
from app.domain.self_evaluation_exercises import (
    SCALE,
    AnnounceExercise,
    Command,
    ExerciseAlreadyAnnounced,
    ExerciseNotAnnounced,
    Facts,
    MaterialAlreadyPublished,
    PhaseUnknown,
    PublishMaterial,
    PublishThematicReport,
    ReplanValidation,
    ReschedulePhase,
    RescheduleThematicReport,
    ThematicReportAlreadyPublished,
)
from app.events.fields import QualityIndicator
from app.events.self_evaluation_exercises import (
    ExerciseAnnounced,
    MaterialPublished,
    Phase,
    PhaseRescheduled,
    PublishedTheme,
    ReportRescheduled,
    TemplatePart,
    ThematicReportPublished,
    ValidationReplanned,
)
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import ABERDEEN, GLASGOW, fold

OPENS, CLOSES = date(2024, 9, 2), date(2024, 11, 20)
PUBLISHED = date(2025, 6, 10)
INDICATOR = QualityIndicator(
    code="6.4",
    title="Performance management and quality assurance",
    framework="Guide to Self-Evaluation for Community Justice in Scotland",
    verified=True,
)
PARTS = (
    TemplatePart("performance-management", "Performance management"),
    TemplatePart("quality-assurance", "Quality assurance"),
    TemplatePart("outcomes", "Outcomes"),
    TemplatePart("capabilities", "Capabilities"),
    TemplatePart("drivers", "Drivers"),
    TemplatePart("barriers", "Barriers"),
)
NATIONAL = Phase("national-self-evaluation", "National self-evaluation", OPENS, CLOSES)
VALIDATION = Phase(
    "validation",
    "Validation activity",
    date(2025, 1, 20),
    date(2025, 2, 24),
    as_published="20 January to 24 February 2024",
)
announce = AnnounceExercise(
    title="Self-evaluation of performance and quality assurance in justice social work",
    focus="Capacity of services to evidence performance, quality and outcomes of community based sentences",
    service_area="justice",
    areas=(GLASGOW, ABERDEEN),
    quality_indicator=INDICATOR,
    parts=PARTS,
    prompts=("How are we doing?", "How do we know?", "What next?"),
    phases=(NATIONAL, VALIDATION),
    opens_on=OPENS,
    closes_on=CLOSES,
    validation_areas=4,
    report_due="2025-05",
)
announced = ExerciseAnnounced(
    **{field.name: getattr(announce, field.name) for field in fields(announce)} | {"areas": (ABERDEEN, GLASGOW)}
)
published = ThematicReportPublished("Thematic report", None, PUBLISHED, ())
STRENGTH = PublishedTheme("leadership", "strength", "Leaders know how well services do.", 12)
CHALLENGE = PublishedTheme("data", "challenge", "Data on outcomes is thin.", None)


NO_THEMES = Facts()


def given(*events: Event, facts: Facts = NO_THEMES) -> dsl.Given:
    return dsl.given(*events, facts=facts)


def test_an_exercise_is_announced_with_its_focus_window_and_two_phases() -> None:  # R1, R2, R9
    given().when(announce).then(announced)
    given(announced).when(announce).then_nothing()
    given(announced).when(replace(announce, focus="Something else")).then_refused(ExerciseAlreadyAnnounced)


def test_an_exercise_needs_no_legal_basis_for_it_is_not_an_inspection() -> None:  # R10
    assert not {field.name for field in fields(AnnounceExercise)} & {"legal_basis", "inspection"}


def test_the_quality_indicator_is_data_and_says_whether_it_was_verified() -> None:  # R2
    state = fold(self_evaluation_exercises, announced)
    assert state.announcement.quality_indicator == INDICATOR
    doubtful = TypeAdapter(QualityIndicator).validate_python({"code": "5.1", "title": "?", "framework": "A guide"})
    assert doubtful.verified is False


def test_the_template_has_parts_and_prompts_and_the_scale_six_points() -> None:  # R8
    state = fold(self_evaluation_exercises, announced)
    assert [part.code for part in state.announcement.parts] == [part.code for part in PARTS]
    assert state.announcement.prompts == ("How are we doing?", "How do we know?", "What next?")
    assert [*SCALE] == [6, 5, 4, 3, 2, 1]


def test_the_wording_as_published_stands_beside_the_correction() -> None:  # R4
    phase = fold(self_evaluation_exercises, announced).phases["validation"]
    assert (phase.starts_on, phase.announced.as_published) == (date(2025, 1, 20), "20 January to 24 February 2024")


def test_dates_out_of_order_are_told_together() -> None:  # R1
    backwards = replace(
        announce,
        closes_on=date(2024, 9, 1),
        phases=(replace(VALIDATION, ends_on=date(2025, 1, 19)),),
    )
    given().when(backwards).then_refused(SeveralRefusals)
    given().when(replace(announce, report_due="2024-10")).then_refused(DatesOutOfOrder)


@pytest.mark.parametrize(
    "change",
    [
        {"parts": [{"code": "outcomes", "title": "One"}, {"code": "outcomes", "title": "Two"}]},
        {"phases": [{"code": "p", "title": "P", "starts_on": "2024-09-02", "ends_on": "2024-11-20"}] * 2},
    ],
)
def test_a_code_stands_for_one_part_and_one_phase(change: dict[str, Any]) -> None:
    adapter = TypeAdapter(AnnounceExercise)
    body = adapter.dump_python(announce, mode="json")
    assert adapter.validate_json(adapter.dump_json(announce)) == announce
    with pytest.raises(ValidationError, match="same code twice"):
        adapter.validate_python(body | change)


def test_a_phase_is_rescheduled_with_a_reason_and_keeps_how_it_was_announced() -> None:  # R4
    moved = ReschedulePhase("validation", date(2025, 1, 27), date(2025, 3, 7), "Two more areas")
    event = PhaseRescheduled("validation", date(2025, 1, 27), date(2025, 3, 7), Sealed("Two more areas"))
    given(announced).when(moved).then(event)
    given(announced, event).when(moved).then_refused(NothingToChange)
    phase = fold(self_evaluation_exercises, announced, event).phases["validation"]
    assert (phase.ends_on, phase.announced.ends_on, phase.moves) == (date(2025, 3, 7), date(2025, 2, 24), 1)
    given(announced).when(replace(moved, code="third")).then_refused(PhaseUnknown)
    given(announced).when(replace(moved, ends_on=date(2025, 1, 1))).then_refused(DatesOutOfOrder)


def test_supporting_material_is_published_once_for_each_kind() -> None:  # R7
    material = PublishMaterial("exemplar", "A completed template", "https://example.org/exemplar")
    event = MaterialPublished("exemplar", "A completed template", "https://example.org/exemplar", OPENS)
    given(announced).when(material, on=OPENS).then(event)
    given(announced, event).when(material, on=OPENS).then_nothing()
    given(announced, event).when(material, on=CLOSES).then_refused(MaterialAlreadyPublished)
    other = replace(material, link="https://example.org/other")
    given(announced, event).when(other).then_refused(MaterialAlreadyPublished)


def test_four_validation_areas_become_six_by_an_event_with_a_reason() -> None:  # R4, §9
    event = ValidationReplanned(6, Sealed("To see the islands as well"))
    given(announced).when(ReplanValidation(6, "To see the islands as well")).then(event)
    given(announced, event).when(ReplanValidation(6, "Again")).then_refused(NothingToChange)
    state = fold(self_evaluation_exercises, announced, event)
    assert (state.validation_areas, state.announcement.validation_areas) == (6, 4)


def test_the_reports_planned_month_and_its_actual_day_are_kept_apart() -> None:  # R1, R12
    slipped = ReportRescheduled("2025-06", Sealed("Two more areas"))
    given(announced).when(RescheduleThematicReport("2025-06", "Two more areas")).then(slipped)
    given(announced, slipped).when(RescheduleThematicReport("2025-06", "Again")).then_refused(NothingToChange)
    state = fold(self_evaluation_exercises, announced, slipped, published)
    assert (state.announcement.report_due, state.report_due, state.report_moves) == ("2025-05", "2025-06", 1)
    assert state.report.published_on == PUBLISHED


def test_the_report_is_published_with_its_messages_in_the_order_of_their_codes() -> None:  # R6
    publish = PublishThematicReport("Thematic report", "https://example.org/report")
    given(announced, facts=Facts((STRENGTH, CHALLENGE))).when(publish, on=PUBLISHED).then(
        ThematicReportPublished("Thematic report", "https://example.org/report", PUBLISHED, (CHALLENGE, STRENGTH))
    )


def test_a_report_is_published_once_for_two_editions_could_tell_of_an_area() -> None:  # R6
    more = Facts((STRENGTH,))
    given(announced, published, facts=more).when(PublishThematicReport("Thematic report"), on=PUBLISHED).then_nothing()
    given(announced, published).when(PublishThematicReport("Another")).then_refused(ThematicReportAlreadyPublished)
    for command in (ReplanValidation(5, "Why"), RescheduleThematicReport("2025-07", "Why")):
        given(announced, published).when(command).then_refused(ThematicReportAlreadyPublished)


def test_a_report_is_not_published_while_submissions_are_taken() -> None:  # R8
    given(announced).when(PublishThematicReport("Early"), on=CLOSES).then_refused(DatesOutOfOrder)


@pytest.mark.parametrize(
    "command",
    [
        ReschedulePhase("validation", OPENS, CLOSES, "Why"),
        PublishMaterial("guidance", "Guidance", "https://example.org/guidance"),
        ReplanValidation(6, "Why"),
        RescheduleThematicReport("2025-06", "Why"),
        PublishThematicReport("Report"),
    ],
)
def test_nothing_happens_before_the_announcement(command: Command) -> None:  # R1
    given().when(command).then_refused(ExerciseNotAnnounced)
