"""Areas: registration, how services are organised, who holds which designation, the annual report."""

from datetime import date
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from app.domain import areas
from app.domain.areas import (
    AppointContact,
    AreaAlreadyRegistered,
    AreaNotRegistered,
    ContactAlreadyEnded,
    ContactNotAppointed,
    CswoReportAlreadyRecorded,
    DesignationHeld,
    EndContact,
    RecordCswoReport,
    RecordServiceOrganisation,
    RegisterArea,
    ServiceOrganisationAlreadyRecorded,
)
from app.domain.refusals import DatesOutOfOrder
from app.events.areas import (
    AreaRegistered,
    ContactAppointed,
    ContactEnded,
    CswoReportRecorded,
    ServiceOrganisationRecorded,
)
from app.events.fields import Designation
from app.ledger.events import Sealed
from tests.domain.dsl import ABERDEEN, ABERDEEN_PARTNERSHIP, DAY, fold, given

CSWO: Final = "chief-social-work-officer"
FIRST, SECOND = "cswo-aberdeen-city", "cswo-aberdeen-city-2"
MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)

registered = AreaRegistered(ABERDEEN, "Aberdeen City", ABERDEEN_PARTNERSHIP)
register = RegisterArea(ABERDEEN, "Aberdeen City", ABERDEEN_PARTNERSHIP)


def appointed(person: str, starts_on: date) -> ContactAppointed:
    return ContactAppointed(CSWO, person, starts_on, Sealed("a name"))


def appoint(person: str, starts_on: date) -> AppointContact:
    return AppointContact(CSWO, person, "a name", starts_on)


def test_an_area_is_registered_with_its_codes() -> None:
    given().when(register).then(registered)


def test_registering_the_same_area_again_adds_nothing() -> None:
    given(registered).when(register).then_nothing()


def test_registering_an_area_with_other_particulars_is_refused() -> None:
    given(registered).when(RegisterArea(ABERDEEN, "Aberdeen", ABERDEEN_PARTNERSHIP)).then_refused(AreaAlreadyRegistered)


@pytest.mark.parametrize(
    "command",
    [
        RecordServiceOrganisation("council", "council", "council", MAY),
        appoint(FIRST, MAY),
        EndContact(CSWO, FIRST, MAY),
        RecordCswoReport(2024, "Annual report"),
    ],
)
def test_nothing_is_recorded_for_an_area_that_is_not_registered(command: Any) -> None:
    given().when(command).then_refused(AreaNotRegistered)


def test_how_services_are_organised_is_dated() -> None:  # R32
    command = RecordServiceOrganisation("integration-authority", "education", "education", MAY)
    given(registered).when(command).then(
        ServiceOrganisationRecorded("integration-authority", "education", "education", MAY)
    )


def test_a_change_of_organisation_leaves_the_earlier_one_standing() -> None:  # R32
    state = fold(
        areas,
        registered,
        ServiceOrganisationRecorded("integration-authority", "education", "education", MAY),
        ServiceOrganisationRecorded("integration-authority", "integration-authority", "council", JULY),
    )
    assert areas.organisation_on(state, date(2024, 4, 30)) is None
    before = areas.Organisation("integration-authority", "education", "education")
    assert areas.organisation_on(state, JUNE) == (MAY, before)
    after = areas.Organisation("integration-authority", "integration-authority", "council")
    assert areas.organisation_on(state, JULY) == (JULY, after)


def test_the_organisation_of_a_day_is_never_overwritten() -> None:  # R32
    held = ServiceOrganisationRecorded("council", "council", "council", MAY)
    given(registered, held).when(RecordServiceOrganisation("council", "council", "council", MAY)).then_nothing()
    given(registered, held).when(RecordServiceOrganisation("council", "education", "council", MAY)).then_refused(
        ServiceOrganisationAlreadyRecorded
    )


def test_a_contact_is_appointed_with_the_name_apart_from_the_designation() -> None:  # R35
    command = AppointContact(CSWO, FIRST, "a name", MAY, "cswo@example.org", "01224 000000")
    given(registered).when(command).then(
        ContactAppointed(CSWO, FIRST, MAY, Sealed("a name"), Sealed("cswo@example.org"), Sealed("01224 000000"))
    )


@pytest.mark.parametrize(
    "designation",
    [
        "chief-social-work-officer",
        "senior-manager-adults",
        "senior-manager-children",
        "senior-manager-justice",
        "chief-officer",
        "child-protection-committee",
        "adult-protection-committee",
        "chief-officers-group",
        "mappa-strategic-oversight-group",
    ],
)
def test_an_area_has_a_contact_for_each_whom_the_link_inspector_engages_with(designation: Designation) -> None:  # R35
    body = {"designation": designation, "person": FIRST, "name": "a name", "starts_on": MAY}
    command = TypeAdapter(AppointContact).validate_python(body)
    given(registered).when(command).then(ContactAppointed(designation, FIRST, MAY, Sealed("a name")))


def test_a_contact_is_not_appointed_twice_since_another_address_would_be_lost() -> None:  # R35
    given(registered, appointed(FIRST, MAY)).when(appoint(FIRST, MAY)).then_refused(DesignationHeld)


def test_a_second_active_holder_of_a_designation_is_refused() -> None:  # R35
    given(registered, appointed(FIRST, MAY)).when(appoint(SECOND, JULY)).then_refused(DesignationHeld)


def test_the_next_holder_starts_on_the_day_after_the_first_has_ended() -> None:  # R35
    ended = ContactEnded(CSWO, FIRST, date(2024, 6, 30))
    given(registered, appointed(FIRST, MAY), ended).when(appoint(SECOND, date(2024, 6, 30))).then_refused(
        DesignationHeld
    )
    given(registered, appointed(FIRST, MAY), ended).when(appoint(SECOND, JULY)).then(appointed(SECOND, JULY))


def test_an_appointment_that_reaches_into_a_later_one_is_refused() -> None:  # R35
    given(registered, appointed(FIRST, JULY)).when(appoint(SECOND, MAY)).then_refused(DesignationHeld)


def test_the_end_of_an_appointment_is_recorded_once() -> None:  # R35
    history = (registered, appointed(FIRST, MAY))
    ended = ContactEnded(CSWO, FIRST, JUNE)
    given(*history).when(EndContact(CSWO, FIRST, JUNE)).then(ended)
    given(*history, ended).when(EndContact(CSWO, FIRST, JUNE)).then_nothing()
    given(*history, ended).when(EndContact(CSWO, FIRST, JULY)).then_refused(ContactAlreadyEnded)


def test_an_end_needs_an_appointment_that_began_before_it() -> None:  # R35
    given(registered).when(EndContact(CSWO, FIRST, JUNE)).then_refused(ContactNotAppointed)
    given(registered, appointed(FIRST, JUNE)).when(EndContact(CSWO, FIRST, MAY)).then_refused(DatesOutOfOrder)
    given(registered, appointed(FIRST, JUNE)).when(EndContact(CSWO, FIRST, JUNE)).then(ContactEnded(CSWO, FIRST, JUNE))


def test_who_held_a_designation_on_a_day_is_always_answerable() -> None:  # R35
    ended = ContactEnded(CSWO, FIRST, date(2024, 6, 30))
    state = fold(areas, registered, appointed(FIRST, MAY), ended, appointed(SECOND, JULY))
    on = [areas.holder_on(state, CSWO, day) for day in (date(2024, 4, 30), date(2024, 6, 30), JULY)]
    assert [held and held.person for held in on] == [None, FIRST, SECOND]
    assert areas.holder_on(state, "chief-officer", JULY) is None


def test_an_annual_report_is_recorded_once_for_each_year() -> None:  # R35
    given(registered).when(RecordCswoReport(2024, "Annual report")).then(CswoReportRecorded(2024, "Annual report", DAY))
    held = CswoReportRecorded(2024, "Annual report", DAY)
    given(registered, held).when(RecordCswoReport(2024, "Annual report")).then_nothing()
    given(registered, held).when(RecordCswoReport(2024, "Annual report"), on=JULY).then_refused(
        CswoReportAlreadyRecorded
    )
    given(registered, held).when(RecordCswoReport(2024, "Another")).then_refused(CswoReportAlreadyRecorded)
