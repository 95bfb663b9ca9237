"""Sharing agreements: nothing is shared without one, and only what it names on the day (§8)."""

from dataclasses import replace
from datetime import date

from app.domain import sharing_agreements
from app.domain.refusals import DatesOutOfOrder, NothingToChange
from app.domain.sharing_agreements import (
    AgreementEnded,
    AgreeSharing,
    AmendSharing,
    EndAfterAgreement,
    EndSharing,
    NotAgreed,
    SharingAlreadyAgreed,
)
from app.events.sharing_agreements import SharingAgreed, SharingAmended, SharingEnded, SharingPullRecorded
from app.ledger.events import Event, Sealed
from tests.domain.dsl import ABERDEEN, GLASGOW, fold, given

START, MIDDLE, END = date(2024, 4, 1), date(2024, 9, 30), date(2025, 3, 31)
agree = AgreeSharing(
    "audit-scotland", (GLASGOW, ABERDEEN), ("review-progress", "publications"), "Shared risk assessment", START, END
)
agreed = SharingAgreed(
    "audit-scotland", (ABERDEEN, GLASGOW), ("publications", "review-progress"), "Shared risk assessment", START, END
)
amend = AmendSharing((ABERDEEN,), ("publications",), END, "one area left the programme")
amended = SharingAmended((ABERDEEN,), ("publications",), END, Sealed("one area left the programme"))
ended = SharingEnded(MIDDLE, Sealed("programme over"))


def test_an_agreement_names_body_areas_kinds_purpose_and_dates() -> None:  # §8
    given().when(agree).then(agreed)


def test_agreeing_the_same_again_adds_nothing() -> None:  # §8
    given(agreed).when(agree).then_nothing()
    given(agreed, amended).when(agree).then_nothing()


def test_agreeing_something_else_under_the_same_agreement_is_refused() -> None:  # §8
    given(agreed).when(replace(agree, purpose="Another purpose")).then_refused(SharingAlreadyAgreed)


def test_an_agreement_does_not_end_before_it_starts() -> None:  # §8
    given().when(replace(agree, ends_on=date(2024, 3, 31))).then_refused(DatesOutOfOrder)
    given(agreed).when(replace(amend, ends_on=date(2024, 3, 31))).then_refused(DatesOutOfOrder)


def test_what_was_not_agreed_is_neither_amended_nor_ended() -> None:  # §8
    given().when(amend).then_refused(NotAgreed)
    given().when(EndSharing(MIDDLE, "programme over")).then_refused(NotAgreed)


def test_an_amendment_holds_in_full_from_then_on() -> None:  # §8
    given(agreed).when(amend).then(amended)
    given(agreed, amended).when(amend).then_refused(NothingToChange)
    state = fold(sharing_agreements, agreed, amended)
    assert (state.areas, state.kinds) == ((ABERDEEN,), ("publications",))


def test_an_agreement_ends_once() -> None:  # §8
    given(agreed).when(EndSharing(MIDDLE, "programme over")).then(ended)
    given(agreed, ended).when(EndSharing(MIDDLE, "another reason")).then_refused(AgreementEnded)
    given(agreed, ended).when(EndSharing(END, "another reason")).then_refused(AgreementEnded)
    given(agreed, ended).when(amend).then_refused(AgreementEnded)


def test_an_agreement_that_is_to_end_may_be_ended_earlier_and_not_later_again() -> None:  # §8
    stopped = SharingEnded(START, Sealed("a breach"))
    given(agreed, ended).when(EndSharing(START, "a breach")).then(stopped)
    given(agreed, ended, stopped).when(EndSharing(MIDDLE, "programme over")).then_refused(AgreementEnded)
    assert fold(sharing_agreements, agreed, ended, stopped).ends_on == START


def test_an_agreement_is_in_force_from_its_first_day_to_its_last_and_never_if_called_off() -> None:  # §8
    days = [date(2024, 3, 31), START, MIDDLE, date(2024, 10, 1), END, date(2025, 4, 1)]

    def in_force(*events: Event) -> list[bool]:
        return [fold(sharing_agreements, *events).in_force(day) for day in days]

    assert in_force(agreed) == [False, True, True, True, True, False]
    assert in_force(agreed, ended) == [False, True, True, False, False, False]
    assert in_force(agreed, SharingEnded(date(2024, 3, 31), Sealed("called off"))) == [False] * 6
    assert in_force() == [False] * 6


def test_ending_an_agreement_does_not_lengthen_it() -> None:  # §8
    given(agreed).when(EndSharing(date(2025, 4, 1), "later")).then_refused(EndAfterAgreement)


def test_a_recorded_pull_changes_no_agreement() -> None:  # §8
    pull = SharingPullRecorded(None, "audit-scotland", "Shared risk assessment", 0, 120, 7)
    assert fold(sharing_agreements, agreed, pull) == fold(sharing_agreements, agreed)
