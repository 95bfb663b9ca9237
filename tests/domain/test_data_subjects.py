"""Erasing a data subject: for good, and once."""

from app.domain.data_subjects import AlreadyErased, EraseDataSubject, SubjectFacts
from app.events.data_subjects import DataSubjectErased
from tests.domain.dsl import given

PERSON = "coordinator-aberdeen-city"
PERSON_FACTS = SubjectFacts(PERSON)
erased = DataSubjectErased(PERSON, "right-to-erasure")


def test_a_data_subject_is_erased_for_a_stated_reason() -> None:  # §8
    given(facts=PERSON_FACTS).when(EraseDataSubject("right-to-erasure")).then(erased)


def test_erasing_again_adds_nothing() -> None:  # §8
    given(erased, facts=PERSON_FACTS).when(EraseDataSubject("right-to-erasure")).then_nothing()


def test_erasing_again_for_another_reason_is_refused() -> None:  # §8
    given(erased, facts=PERSON_FACTS).when(EraseDataSubject("court-order")).then_refused(AlreadyErased)
