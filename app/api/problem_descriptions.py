"""What a problem's `type` leads to: `/problems/<code>` describes every kind and every refusal, by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from inspect import cleandoc
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from app.api.problems import NOT_FOUND, problem_kinds, problem_responses, takes_no_parameters
from app.domain.refusals import Category, Refusal

CATEGORY_STATUS: Final[Mapping[Category, int]] = {"conflict": 409, "invalid": 422, "forbidden": 403}


class ProblemDescription(BaseModel):
    """One kind of problem."""

    type: str = Field(max_length=200)
    code: str = Field(max_length=100)
    status: int = Field(ge=400, le=599, json_schema_extra={"format": "int32"})
    title: str = Field(max_length=200)
    description: str | None = Field(default=None, max_length=4000)
    rule: str | None = Field(default=None, max_length=20)
    remedy: str | None = Field(default=None, max_length=1000)


router = APIRouter(prefix="/problems", tags=["Problems"], dependencies=[Depends(takes_no_parameters)])


@router.get(
    "",
    operation_id="list_problems",
    summary="Every kind of problem",
    response_model_exclude_none=True,
    responses=problem_responses(422),
)
async def list_problems() -> Annotated[list[ProblemDescription], Field(max_length=1000)]:
    """The stable codes that answers may carry."""
    return sorted(_descriptions().values(), key=lambda description: description.code)


@router.get(
    "/{code}",
    operation_id="get_problem",
    summary="One kind of problem",
    response_model_exclude_none=True,
    responses=problem_responses(404, 422),
)
async def get_problem(code: str = Path(max_length=100, pattern=r"^[a-z0-9-]+$")) -> ProblemDescription:
    """What a problem's `type` leads to."""
    try:
        return _descriptions()[code]
    except KeyError:
        raise NOT_FOUND() from None


def _descriptions() -> dict[str, ProblemDescription]:
    found = {
        kind.code: ProblemDescription(
            type=f"/problems/{kind.code}", code=kind.code, status=kind.status, title=kind.title, remedy=kind.remedy
        )
        for kind in problem_kinds()
    }
    for refusal in _all_refusals(Refusal):
        found[refusal.code] = ProblemDescription(
            type=f"/problems/{refusal.code}",
            code=refusal.code,
            status=CATEGORY_STATUS[refusal.category],
            title=title_of(refusal.code),
            description=" ".join(cleandoc(refusal.__doc__ or "").split()),
            rule=refusal.rule,
            remedy=refusal.remedy,
        )
    return found


def _all_refusals(kind: type[Refusal]) -> Iterable[type[Refusal]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _all_refusals(subclass)


def title_of(code: str) -> str:
    """The title of a refusal, made of its code."""
    return code.replace("-", " ").capitalize()
