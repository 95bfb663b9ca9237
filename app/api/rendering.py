"""A state as its public JSON: the resource's view, its version, and what this caller may do with it now."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from app.api.access import AREA_STAFF, opens_sealed
from app.api.problems import violations
from app.api.resources import AllowedAction, Params, Resource
from app.api.tokens import Caller
from app.domain.refusals import Refusal, SeveralRefusals
from app.ledger.events import Sealed
from app.ledger.execution import Folded
from app.ledger.sealing import Opened, SealedStore

_KEPT = 4_000


class Renderer:
    """Renders states. Bodies without sealed values depend on versions and role alone, so the last ones are kept."""

    def __init__(self, sealed: SealedStore) -> None:
        self._sealed = sealed
        self._bodies: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()

    async def body(
        self, resource: Resource, params: Params, folded: Folded[Any], others: tuple[Folded[Any], ...], caller: Caller
    ) -> bytes:
        """The JSON of the current state for this caller."""
        cached = (resource.href(params), folded.version, *(other.version for other in others), caller.role)
        body = self._bodies.get(cached)
        if body is not None:
            return body
        shown, has_sealed = await self.shown(resource, params, folded.state, caller)
        actions = allowed_actions(resource, params, folded, others, caller)
        body = _compose(shown, folded.version, actions)
        if not has_sealed:
            self._bodies[cached] = body
            if len(self._bodies) > _KEPT:
                self._bodies.popitem(last=False)
        return body

    async def past_body(self, resource: Resource, params: Params, past: Folded[Any], caller: Caller) -> bytes:
        """The JSON of a state as it was; nothing can be done to it any more."""
        shown, _ = await self.shown(resource, params, past.state, caller)
        return _compose(shown, past.version, [])

    async def shown(self, resource: Resource, params: Params, state: Any, caller: Caller) -> tuple[bytes, bool]:
        """The JSON of a state's view as this caller may see it, and whether it has any sealed values."""
        seen = resource.seen_by(caller, state)
        internal = resource.internal(seen) if caller.role in AREA_STAFF else ()
        return await self.opened(resource.view(params, seen), caller, internal)

    async def opened(self, view: Any, caller: Caller, withheld: Iterable[Sealed[str]] = ()) -> tuple[bytes, bool]:
        """The JSON of a view with the sealed values that this caller may read, and whether it has any."""
        shown, commitments = _sealed(view)
        if commitments and opens_sealed(caller):
            shown = await self._open(view, commitments, {text.commitment for text in withheld})
        return shown, bool(commitments)

    async def disclosed(self, view: Any) -> bytes:
        """The JSON of a view with its sealed values, for whom an agreement lets read them, whatever their role."""
        _, commitments = _sealed(view)
        return await self._open(view, commitments)

    async def _open(self, view: Any, commitments: Iterable[str], closed: Collection[str | None] = ()) -> bytes:
        opened = await self._sealed.open([each for each in commitments if each not in closed])
        return msgspec.json.encode(view, enc_hook=_opener(opened))


def _sealed(view: Any) -> tuple[bytes, list[str]]:
    """The JSON of a view with its sealed values as their commitments, and these."""
    commitments: list[str] = []

    def collect(value: object) -> object:
        if isinstance(value, Sealed):
            commitments.append(str(value.commitment))
            return {"sealed": value.commitment}
        raise NotImplementedError(type(value))

    return msgspec.json.encode(view, enc_hook=collect), commitments


def _compose(shown: bytes, version: int, actions: list[AllowedAction]) -> bytes:
    return b'%s,"version":%d,"allowed_actions":%s}' % (shown[:-1], version, msgspec.json.encode(actions))


def allowed_actions(
    resource: Resource, params: Params, folded: Folded[Any], others: tuple[Folded[Any], ...], caller: Caller
) -> list[AllowedAction]:
    """The commands of the resource that are open to the caller's role, each with the reason if it is refused now."""
    facts = resource.known(params, folded.state, others)
    base = resource.href(params)
    actions = []
    for route in resource.commands:
        if caller.role not in route.roles:
            continue
        href = f"{base}/{route.path}"
        try:
            resource.permit(route.command, folded.state, facts)
            actions.append(AllowedAction(route.action, "POST", href, True))
        except Refusal as refusal:
            several = violations(refusal) if isinstance(refusal, SeveralRefusals) else ()
            told = (refusal.code, refusal.message, refusal.rule, refusal.remedy, several)
            actions.append(AllowedAction(route.action, "POST", href, False, *told))
    return actions


def _opener(opened: Mapping[str, Opened]) -> Any:
    def show(value: object) -> object:
        if isinstance(value, Sealed):
            found = opened.get(str(value.commitment))
            return {"sealed": value.commitment} if found is None else found.value
        raise NotImplementedError(type(value))

    return show
