"""Partnerships: registration and the dated integration model."""

from datetime import date

from app.domain import partnerships
from app.domain.partnerships import (
    IntegrationModelAlreadySet,
    PartnershipAlreadyRegistered,
    PartnershipNotRegistered,
    RegisterPartnership,
    SetIntegrationModel,
)
from app.events.partnerships import IntegrationModelSet, PartnershipRegistered
from tests.domain.dsl import STIRLING, fold, given

CODE, BOARD, CLACKMANNANSHIRE = "S37000005", "S08000019", "S12000005"
NAME = "Clackmannanshire and Stirling Health and Social Care Partnership"
MAY, JULY = date(2024, 5, 1), date(2024, 7, 1)

registered = PartnershipRegistered(CODE, NAME, BOARD, (CLACKMANNANSHIRE, STIRLING))


def test_two_areas_may_share_one_partnership() -> None:
    given().when(RegisterPartnership(CODE, NAME, BOARD, (STIRLING, CLACKMANNANSHIRE))).then(registered)


def test_registering_the_same_partnership_again_adds_nothing_in_whatever_order_its_areas_are_named() -> None:
    given(registered).when(RegisterPartnership(CODE, NAME, BOARD, (CLACKMANNANSHIRE, STIRLING))).then_nothing()
    given(registered).when(RegisterPartnership(CODE, NAME, BOARD, (STIRLING, CLACKMANNANSHIRE))).then_nothing()


def test_registering_a_partnership_with_other_particulars_is_refused() -> None:
    given(registered).when(RegisterPartnership(CODE, NAME, BOARD, (STIRLING,))).then_refused(
        PartnershipAlreadyRegistered
    )


def test_an_integration_model_needs_a_registered_partnership() -> None:
    given().when(SetIntegrationModel("lead-agency", MAY)).then_refused(PartnershipNotRegistered)


def test_an_integration_model_is_dated_and_never_overwritten() -> None:  # R32
    held = IntegrationModelSet("body-corporate", MAY)
    given(registered).when(SetIntegrationModel("body-corporate", MAY)).then(held)
    given(registered, held).when(SetIntegrationModel("body-corporate", MAY)).then_nothing()
    given(registered, held).when(SetIntegrationModel("lead-agency", MAY)).then_refused(IntegrationModelAlreadySet)


def test_the_integration_model_of_any_day_is_answerable() -> None:  # R32
    state = fold(
        partnerships, registered, IntegrationModelSet("body-corporate", MAY), IntegrationModelSet("lead-agency", JULY)
    )
    assert partnerships.model_on(state, date(2024, 4, 30)) is None
    assert partnerships.model_on(state, date(2024, 6, 30)) == "body-corporate"
    assert partnerships.model_on(state, JULY) == "lead-agency"
