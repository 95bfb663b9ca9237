"""What a link inspector agrees to, they agree to themself: the token's subject is the person in the roster (R37, R48).

Whoever else a command is open to, a service manager say, records what the link inspector agreed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from app.api import roster
from app.api.problems import problem_kind
from app.api.resources import Params
from app.api.tokens import Caller
from app.domain.roster import link_inspectors_on
from app.ledger.execution import Executor

NOT_IN_PERSON = problem_kind(
    403,
    "not-in-person",
    "A link inspector agrees for themself only",
    remedy="Name yourself as the roster and your token do, or ask the link inspector who is named to agree.",
)
NOT_THE_LINK_INSPECTOR = problem_kind(
    403,
    "not-the-link-inspector",
    "Only a link inspector of the area agrees to this",
    remedy="Ask a link inspector of the area, whom the roster tells, or their service manager to record it.",
)


async def as_named(_executor: Executor, caller: Caller, _params: Params, command: Any, _day: date) -> None:
    """Raise a 403 problem if a link inspector names another as the one who agrees."""
    if caller.role == "link-inspector" and command.inspector != caller.subject:
        raise NOT_IN_PERSON(f"The request names {command.inspector}, and the token {caller.subject}.")


async def as_allocated(executor: Executor, caller: Caller, params: Params, _command: Any, day: date) -> None:
    """Raise a 403 problem if a link inspector was not allocated to the area on the day."""
    if caller.role != "link-inspector":
        return
    (national,) = await executor.fold(roster.resource.source({}))
    if all(posting.person != caller.subject for posting in link_inspectors_on(national.state, params["area"], day)):
        raise NOT_THE_LINK_INSPECTOR(f"{caller.subject} was not link inspector of {params['area']} on {day}.")
