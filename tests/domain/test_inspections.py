"""An inspection: whose it is, what link inspectors contribute, the report and its areas for improvement."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from app.domain import inspections
from app.domain.acting import Actor, LeadsNoLonger, NotInPerson
from app.domain.inspection_refusals import (
    AreaForImprovementAlreadyRecorded,
    AreaForImprovementUnknown,
    AreaNotInspected,
    CorrectionAlreadyRecorded,
    DraftAlreadyCirculated,
    DraftAlreadyCommented,
    EditionAlreadyPublished,
    InspectionAlreadyOpened,
    InspectionNotOpened,
    InspectionReportAlreadyPublished,
    InspectionReportNotPublished,
    LeadsAlready,
    LinkInformationAlreadyContributed,
    NoAreaForImprovement,
    NoDraftCirculated,
    NothingToRepeat,
    NotThePartnershipsAreas,
    PartnershipUnknown,
)
from app.domain.inspections import (
    CirculateDraftReport,
    CommentOnDraftReport,
    ContributeLinkInformation,
    CorrectAreaForImprovement,
    CorrectInspectionReport,
    Earlier,
    Facts,
    OpenInspection,
    PublishInspectionReport,
    RecordAreaForImprovement,
    ReplaceLeadInspector,
    RepublishInspectionReport,
)
from app.domain.numbering import OutOfSequence
from app.domain.postings import NotLinkInspectorThen, Posting
from app.domain.refusals import DatesOutOfOrder
from app.events.fields import QualityIndicator
from app.events.inspections import (
    AreaForImprovementCorrected,
    AreaForImprovementRecorded,
    DraftCirculated,
    DraftCommented,
    EarlierArea,
    InspectionOpened,
    InspectionReportCorrected,
    InspectionReportPublished,
    InspectionReportRepublished,
    LeadInspectorReplaced,
    LinkInformationContributed,
    LinkInformationMissed,
)
from app.events.obligations import ObligationRaised
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import ABERDEEN, ABERDEEN_PARTNERSHIP, GLASGOW, STIRLING, fold

CLACKMANNANSHIRE, JOINT = "S12000005", "S37000005"
OPENED, CIRCULATED, COMMENTS_BY = date(2024, 11, 1), date(2025, 2, 3), date(2025, 2, 17)
RECORDED, PUBLISHED, LATER = date(2025, 2, 20), date(2025, 3, 17), date(2025, 4, 2)
NOON = datetime(2025, 3, 17, 12, tzinfo=UTC)
open_it = OpenInspection("Adult support", ABERDEEN_PARTNERSHIP, (ABERDEEN,), "lead-7", "Strategic inspector")
opened = InspectionOpened("Adult support", ABERDEEN_PARTNERSHIP, (ABERDEEN,), "lead-7", "Strategic inspector", OPENED)
record = RecordAreaForImprovement("reviews", "key-processes", "high", "Review in time.")
recorded = AreaForImprovementRecorded("reviews", "key-processes", "high", RECORDED, Sealed("Review in time."))
correct = CorrectAreaForImprovement("reviews", 2, "key-processes", "medium", "Review well.", "An omission.")
corrected = AreaForImprovementCorrected(
    "reviews", 2, "key-processes", "medium", LATER, Sealed("Review well."), Sealed("An omission.")
)
contributed = LinkInformationContributed(ABERDEEN, "inspector-1", RECORDED)
circulated = DraftCirculated(1, CIRCULATED, COMMENTS_BY)
published = InspectionReportPublished("The report", PUBLISHED)
missed = LinkInformationMissed((ABERDEEN,), PUBLISHED)
publish = PublishInspectionReport("The report")


KNOWN = Facts(
    partnership_areas=frozenset({ABERDEEN}),
    link_inspectors=(Posting(ABERDEEN, None, "inspector-1", CIRCULATED, LATER, Sealed("The inspector")),),
)


def given(*events: Event, facts: Facts | None = None) -> dsl.Given:
    return dsl.given(*events, facts=facts or KNOWN)


def plan_is_owed(due_on: date) -> ObligationRaised:
    what = "Submit a SMART improvement plan that addresses every area for improvement"
    return ObligationRaised("improvement-plan", ABERDEEN_PARTNERSHIP, "care-inspectorate", what, due_on)


def test_an_inspection_is_opened_once_with_its_partnership_area_and_lead_inspector() -> None:  # R46
    given().when(open_it, on=OPENED).then(opened)
    given(opened).when(open_it, on=OPENED).then_nothing()
    given(opened).when(open_it, on=LATER).then_refused(InspectionAlreadyOpened)
    given().when(record).then_refused(InspectionNotOpened)


def test_another_takes_over_as_lead_inspector_and_who_led_before_stays_on_the_record() -> None:  # R48
    take_over = ReplaceLeadInspector("lead-8", "Senior inspector", "Parental leave.")
    replaced = LeadInspectorReplaced("lead-8", "Senior inspector", RECORDED, Sealed("Parental leave."))
    given(opened).when(take_over, on=RECORDED).then(replaced)
    for day in (RECORDED, LATER):
        given(opened, replaced).when(take_over, on=day).then_refused(LeadsAlready)
    given(opened, replaced).when(replace(take_over, lead_inspector="lead-9"), on=OPENED).then_refused(DatesOutOfOrder)
    given(opened).when(take_over, on=date(2024, 10, 31)).then_refused(DatesOutOfOrder)
    leads = fold(inspections, opened, replaced).leads
    assert [(lead.person, lead.starts_on, lead.ends_on) for lead in leads] == [
        ("lead-7", OPENED, RECORDED),
        ("lead-8", RECORDED, None),
    ]
    # The opening stays what it was, so that a repeat of it is still known.
    given(opened, replaced).when(open_it, on=OPENED).then_nothing()


@pytest.mark.parametrize("day", [RECORDED, LATER], ids=["the-same-day", "later"])
def test_a_lead_inspectors_designation_and_a_mistaken_successor_are_corrected(day: date) -> None:  # R48
    replaced = LeadInspectorReplaced("lead-8", "Senior inspector", RECORDED, Sealed("Parental leave."))
    mended = ReplaceLeadInspector("lead-8", "Strategic inspector", "Mistyped.")
    given(opened, replaced).when(mended, on=day).then(
        LeadInspectorReplaced("lead-8", "Strategic inspector", day, Sealed("Mistyped."))
    )
    mistaken = LeadInspectorReplaced("lead-9", "Senior inspector", RECORDED, Sealed("Retirement."))
    back = ReplaceLeadInspector("lead-8", "Senior inspector", "Nobody retired.")
    given(opened, replaced, mistaken).when(back, on=day).then(
        LeadInspectorReplaced("lead-8", "Senior inspector", day, Sealed("Nobody retired."))
    )


def test_a_partnership_shared_by_two_areas_is_inspected_in_both_or_in_one() -> None:  # R46
    shared = Facts(partnership_areas=frozenset({CLACKMANNANSHIRE, STIRLING}))
    joint = replace(open_it, partnership=JOINT, areas=(STIRLING, CLACKMANNANSHIRE))
    given(facts=shared).when(joint, on=OPENED).then(
        InspectionOpened("Adult support", JOINT, (CLACKMANNANSHIRE, STIRLING), "lead-7", "Strategic inspector", OPENED)
    )
    one = replace(joint, areas=(STIRLING,))
    given(facts=shared).when(one, on=OPENED).then(
        InspectionOpened("Adult support", JOINT, (STIRLING,), "lead-7", "Strategic inspector", OPENED)
    )
    for wrong in ((GLASGOW,), (STIRLING, GLASGOW), (CLACKMANNANSHIRE, STIRLING, GLASGOW)):
        given(facts=shared).when(replace(joint, areas=wrong)).then_refused(NotThePartnershipsAreas)
    given(facts=Facts()).when(joint).then_refused(PartnershipUnknown)


def test_two_areas_of_three_are_neither_one_area_nor_the_whole_partnership() -> None:  # R46
    three = Facts(partnership_areas=frozenset({CLACKMANNANSHIRE, STIRLING, GLASGOW}))
    two = replace(open_it, partnership=JOINT, areas=(STIRLING, CLACKMANNANSHIRE))
    given(facts=three).when(two).then_refused(NotThePartnershipsAreas)


def test_a_link_inspectors_contribution_is_recorded_once() -> None:  # R46
    contribute = ContributeLinkInformation(ABERDEEN, "inspector-1")
    given(opened).when(contribute, on=RECORDED).then(contributed)
    given(opened, contributed).when(contribute, on=RECORDED).then_nothing()
    given(opened, contributed).when(contribute, on=LATER).then_refused(LinkInformationAlreadyContributed)
    given(opened).when(replace(contribute, area=GLASGOW), on=RECORDED).then_refused(AreaNotInspected)
    given(opened).when(contribute, on=date(2024, 10, 31)).then_refused(DatesOutOfOrder)


def test_an_areas_own_link_inspector_contributes_in_person() -> None:  # R46
    contribute = ContributeLinkInformation(ABERDEEN, "inspector-1")
    themself = replace(KNOWN, actor=Actor("inspector-1", "link-inspector"))
    given(opened, facts=themself).when(contribute, on=RECORDED).then(contributed)
    another = replace(contribute, inspector="inspector-2")
    given(opened, facts=themself).when(another, on=RECORDED).then_refused(NotInPerson)
    theirs = replace(KNOWN, actor=Actor("inspector-2", "link-inspector"))
    given(opened, facts=theirs).when(another, on=RECORDED).then_refused(NotLinkInspectorThen)
    # They came later.
    given(opened, facts=themself).when(contribute, on=OPENED).then_refused(NotLinkInspectorThen)
    # Of a partnership of two areas, each link inspector speaks for their own.
    joint = InspectionOpened("Joint", JOINT, (ABERDEEN, GLASGOW), "lead-7", "Strategic inspector", OPENED)
    elsewhere = replace(contribute, area=GLASGOW)
    given(joint, facts=themself).when(elsewhere, on=RECORDED).then_refused(NotLinkInspectorThen)


def test_an_inspection_is_published_by_the_one_who_leads_it_now() -> None:  # R48
    first, second = (replace(KNOWN, actor=Actor(person, "lead-inspector")) for person in ("lead-7", "lead-8"))
    replaced = LeadInspectorReplaced("lead-8", "Senior inspector", RECORDED, Sealed("Parental leave."))
    given(opened, contributed, facts=first).when(publish, on=PUBLISHED).then(published)
    given(opened, contributed, replaced, facts=second).when(publish, on=PUBLISHED).then(published)
    given(opened, contributed, replaced, facts=first).when(publish, on=PUBLISHED).then_refused(LeadsNoLonger)
    # Whoever opens an inspection names its lead.
    given(facts=second).when(open_it, on=OPENED).then(opened)


def test_publishing_without_a_link_inspectors_contribution_tells_so_and_is_not_refused() -> None:  # R46
    given(opened).when(publish, on=PUBLISHED).then(published, missed)
    given(opened, contributed).when(publish, on=PUBLISHED).then(published)


def test_an_explanation_says_which_areas_link_inspector_has_not_contributed() -> None:  # R46
    (before,) = inspections.explain(fold(inspections, opened), Facts(), NOON)
    assert (before.key, before.rule, before.holds) == (f"link-information/{ABERDEEN}", "R46", False)
    assert before.remedy is not None
    (after,) = inspections.explain(fold(inspections, opened, contributed), Facts(), NOON)
    assert (after.key, after.holds, after.remedy) == (before.key, True, None)


def test_a_draft_goes_to_the_partnership_for_comment_and_is_commented_on_once() -> None:
    circulate, comment = CirculateDraftReport(1, COMMENTS_BY), CommentOnDraftReport(1, "The year is wrong.")
    commented = DraftCommented(1, COMMENTS_BY, Sealed("The year is wrong."))
    given(opened).when(circulate, on=CIRCULATED).then(circulated)
    given(opened, circulated).when(circulate, on=CIRCULATED).then_nothing()
    given(opened, circulated).when(circulate, on=LATER).then_refused(DraftAlreadyCirculated)
    given(opened).when(replace(circulate, comments_by=OPENED), on=CIRCULATED).then_refused(DatesOutOfOrder)
    given(opened).when(replace(circulate, draft=2), on=CIRCULATED).then_refused(OutOfSequence)
    given(opened).when(comment, on=COMMENTS_BY).then_refused(NoDraftCirculated)
    given(opened, circulated).when(comment, on=COMMENTS_BY).then(commented)
    given(opened, circulated).when(replace(comment, draft=2), on=COMMENTS_BY).then_refused(NoDraftCirculated)
    given(opened, circulated, commented).when(comment, on=COMMENTS_BY).then_refused(DraftAlreadyCommented)
    given(opened, published).when(circulate, on=LATER).then_refused(InspectionReportAlreadyPublished)


def test_an_area_for_improvement_is_recorded_once_and_corrected_by_revisions() -> None:  # R47
    given(opened).when(record, on=RECORDED).then(recorded)
    given(opened, recorded).when(record, on=RECORDED).then_refused(AreaForImprovementAlreadyRecorded)
    given(opened, recorded).when(correct, on=LATER).then(corrected)
    given(opened, recorded, corrected).when(correct, on=LATER).then_refused(AreaForImprovementAlreadyRecorded)
    given(opened, recorded).when(replace(correct, revision=3), on=LATER).then_refused(OutOfSequence)
    given(opened).when(correct, on=LATER).then_refused(NoAreaForImprovement)
    given(opened, recorded).when(replace(correct, code="another"), on=LATER).then_refused(AreaForImprovementUnknown)


def test_a_quality_indicator_is_data_that_says_whether_it_was_verified() -> None:
    guide = "Guide to Self-Evaluation for Community Justice in Scotland"
    indicator = QualityIndicator("9.2", "Leadership of strategy and direction", guide, verified=True)
    assert QualityIndicator("9.9", "As somebody remembers it", guide).verified is False
    given(opened).when(replace(record, quality_indicator=indicator), on=RECORDED).then(
        AreaForImprovementRecorded("reviews", "key-processes", "high", RECORDED, Sealed("Review in time."), indicator)
    )


@pytest.mark.parametrize(
    "earlier",
    [
        None,
        Earlier(ABERDEEN_PARTNERSHIP, None, frozenset({"delays"})),
        Earlier(ABERDEEN_PARTNERSHIP, OPENED, frozenset({"delays"})),
        Earlier(JOINT, date(2019, 5, 1), frozenset({"delays"})),
        Earlier(ABERDEEN_PARTNERSHIP, date(2019, 5, 1), frozenset({"other"})),
    ],
)
def test_only_an_earlier_inspection_of_the_partnership_can_be_repeated(earlier: Earlier | None) -> None:
    again = replace(record, repeats=EarlierArea(UUID(int=7), "delays"))
    given(opened, facts=Facts(earlier=earlier)).when(again, on=RECORDED).then_refused(NothingToRepeat)


def test_an_area_for_improvement_found_again_names_the_earlier_one() -> None:
    delays = EarlierArea(UUID(int=7), "delays")
    before = Facts(earlier=Earlier(ABERDEEN_PARTNERSHIP, date(2019, 5, 1), frozenset({"delays"})))
    given(opened, facts=before).when(replace(record, repeats=delays), on=RECORDED).then(
        AreaForImprovementRecorded(
            "reviews", "key-processes", "high", RECORDED, Sealed("Review in time."), None, delays
        )
    )


@pytest.mark.parametrize(
    ("published_on", "due_on"),
    [
        (date(2025, 3, 17), date(2025, 4, 28)),
        (date(2024, 11, 20), date(2025, 1, 1)),  # a holiday moves nothing
    ],
)
def test_a_plan_is_owed_within_six_weeks_of_publication(published_on: date, due_on: date) -> None:  # R47, §9
    given(opened, recorded, contributed).when(publish, on=published_on).then(
        InspectionReportPublished("The report", published_on), plan_is_owed(due_on)
    )


def test_a_report_without_areas_for_improvement_asks_for_no_plan_until_one_is_added() -> None:  # R47
    given(opened, contributed).when(publish, on=PUBLISHED).then(published)
    added = AreaForImprovementRecorded("reviews", "key-processes", "high", LATER, Sealed("Review in time."))
    given(opened, contributed, published).when(record, on=LATER).then(added, plan_is_owed(date(2025, 4, 28)))
    second = replace(record, code="leaders")
    given(opened, published, added, plan_is_owed(date(2025, 4, 28))).when(second, on=LATER).then(
        AreaForImprovementRecorded("leaders", "key-processes", "high", LATER, Sealed("Review in time."))
    )


def test_a_report_is_published_once() -> None:  # R47
    given(opened, contributed, published).when(publish, on=PUBLISHED).then_nothing()
    given(opened, contributed, published).when(publish, on=LATER).then_refused(InspectionReportAlreadyPublished)


def test_a_corrected_and_republished_report_moves_no_deadline() -> None:  # R47, §9
    history = (opened, recorded, contributed, published, plan_is_owed(date(2025, 4, 28)))
    correction = CorrectInspectionReport("paragraph-12", "The year is 2023.")
    corrected_report = InspectionReportCorrected("paragraph-12", LATER, Sealed("The year is 2023."))
    given(*history).when(correction, on=LATER).then(corrected_report)
    given(*history, corrected_report).when(correction, on=LATER).then_refused(CorrectionAlreadyRecorded)
    again = RepublishInspectionReport(2, "A year was wrong.")
    republished = InspectionReportRepublished(2, LATER, Sealed("A year was wrong."))
    given(*history).when(again, on=LATER).then(republished)
    given(*history, republished).when(again, on=LATER).then_refused(EditionAlreadyPublished)
    given(*history).when(replace(again, edition=1), on=PUBLISHED).then_refused(EditionAlreadyPublished)
    given(*history).when(replace(again, edition=3), on=LATER).then_refused(OutOfSequence)
    given(*history).when(again, on=date(2025, 3, 16)).then_refused(DatesOutOfOrder)
    for too_early in (correction, again):
        given(opened, recorded).when(too_early, on=LATER).then_refused(InspectionReportNotPublished)
    after = fold(inspections, *history, corrected_report, republished)
    assert after.obligations == fold(inspections, *history).obligations
