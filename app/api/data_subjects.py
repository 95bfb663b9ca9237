"""Erasing what is sealed about a person, for good; the trail still verifies (domain.md §8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.api.access import ADMINISTERED, NATIONAL, RECORDS
from app.api.feature import Feature
from app.api.resources import CommandRoute, Params, Resource
from app.domain import data_subjects as domain
from app.events.fields import ErasureReason, PersonId
from app.ledger.execution import Aggregate

AGGREGATE = Aggregate("data-subject", domain.DataSubject(), domain.decide, domain.evolve)
"""Stream `data-subject/<person's identifier>`."""


@dataclass(frozen=True)
class DataSubjectView:
    """Whether what was sealed about a person has been erased, and why."""

    subject: PersonId
    erased: ErasureReason | None


def _view(params: Params, state: domain.DataSubject) -> DataSubjectView:
    return DataSubjectView(params["subject"], state.erased)  # type: ignore[arg-type]  # recorded as these words


def _facts(params: Params, *_states: Any) -> domain.SubjectFacts:
    return domain.SubjectFacts(params["subject"])


resource = Resource(
    name="data-subjects",
    title="Data subjects",
    path="/v1/data-subjects/{subject}",
    aggregate=AGGREGATE,
    view=_view,
    view_type=DataSubjectView,
    permit=domain.permit,
    audience=ADMINISTERED,
    scope=lambda params: NATIONAL,
    facts=_facts,
    commands=(CommandRoute(domain.EraseDataSubject, "erasures", RECORDS, erases=lambda params: params["subject"]),),
    standing=True,
)

feature = Feature(
    resources=(resource,),
)
