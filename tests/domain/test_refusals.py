"""Several rules that a command breaks are told together, not one at a time."""

import pytest

from app.domain import improvement_plan_refusals as plan
from app.domain import participation_refusals as review
from app.domain.developments import AcknowledgementAwaited
from app.domain.inspection_refusals import NoDraftCirculated
from app.domain.refusals import DatesOutOfOrder, Refusal, SeveralRefusals, refuse
from app.domain.roster import NotOnRoster
from app.domain.self_evaluation_refusals import SelfEvaluationNotRequested
from app.domain.support_request_refusals import InvolvementUndecided, SupportNotApproved
from app.domain.validations import EvidenceAlreadyReturned


def test_what_nothing_stands_against_is_not_refused() -> None:
    refuse([])
    with pytest.raises(DatesOutOfOrder):
        refuse([DatesOutOfOrder(earlier="a", later="b")])


def test_several_refusals_are_told_together() -> None:
    violations: list[Refusal] = [DatesOutOfOrder(earlier="a", later="b"), NotOnRoster(person="p", area="S12000033")]
    with pytest.raises(SeveralRefusals) as refused:
        refuse(violations)
    assert refused.value.refusals == tuple(violations)


@pytest.mark.parametrize(
    ("refusal", "whose"),
    [
        (review.NoReturnAwaited, "review team"),
        (review.DocumentNotRequested, "review team"),
        (review.DocumentAlreadyReturned, "review team"),
        (review.DocumentAlreadyAccepted, "review team"),
        (review.SurveyNotPlanned, "review team"),
        (EvidenceAlreadyReturned, "review team"),
        (SelfEvaluationNotRequested, "review team"),
        (NoDraftCirculated, "lead inspector"),
        (plan.PlanNotAskedFor, "lead inspector"),
        (plan.PlanNotSubmitted, "partnership"),
        (plan.AreaForImprovementUncovered, "partnership"),
        (plan.ActionNotSmart, "partnership"),
        (AcknowledgementAwaited, "service manager"),
        (SupportNotApproved, "service manager"),
        (InvolvementUndecided, "service manager"),
    ],
)
def test_where_several_roles_are_refused_the_remedy_says_whose_it_is(refusal: type[Refusal], whose: str) -> None:
    assert whose in refusal.remedy
