"""Several rules that a command breaks are told together, not one at a time."""

import pytest

from app.domain.refusals import DatesOutOfOrder, Refusal, SeveralRefusals, refuse
from app.domain.roster import NotOnRoster


def test_what_nothing_stands_against_is_not_refused() -> None:
    refuse([])
    with pytest.raises(DatesOutOfOrder):
        refuse([DatesOutOfOrder(earlier="a", later="b")])


def test_several_refusals_are_told_together() -> None:
    violations: list[Refusal] = [DatesOutOfOrder(earlier="a", later="b"), NotOnRoster(person="p", area="S12000033")]
    with pytest.raises(SeveralRefusals) as refused:
        refuse(violations)
    assert refused.value.refusals == tuple(violations)
