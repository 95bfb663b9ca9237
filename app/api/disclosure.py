"""What a sharing agreement discloses: the event types that the features share under its kinds (domain.md §8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from app.api.access import NATIONAL
from app.api.feature import Feature
from app.ledger.feed import Disclosure

Shared = Mapping[str, frozenset[str]]
"""Kind of information → event types."""


def shared(features: Iterable[Feature]) -> Shared:
    """All that the features share, by kind."""
    kinds: dict[str, frozenset[str]] = {}
    for feature in features:
        for kind, names in feature.shares.items():
            kinds[kind] = kinds.get(kind, frozenset()).union(names)
    return kinds


def disclosed(shared: Shared, kinds: Iterable[str], scopes: Sequence[str]) -> Disclosure:
    """What an agreement on these kinds and scopes discloses, national facts of the same kinds included."""
    scopes = [NATIONAL, *scopes]
    return Disclosure(frozenset((name, scope) for kind in kinds for name in shared.get(kind, ()) for scope in scopes))
