"""What one file of the API declares about its feature; `app.features` lists them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.api.listing import Listing
from app.api.rendering import Renderer
from app.api.resources import Resource
from app.api.routing import DeclaredRoute
from app.api.services import Services
from app.events.fields import SharedKind
from app.ledger.projections import Projection


@dataclass(frozen=True)
class Feature:
    """Its resources, lists and further routes, read models that none of its resources owns, and, for each kind of
    information that agreements share, the event types that it comprises: an allow-list, denied by default (§8).

    Event types on that list carry designations, codes and dates only; names and free text in them are sealed. Survey
    answers, counts of answers, questions, meeting notes and contact details are on none. A type that several kinds of
    stream hold is named for one of them, `participation/obligation.raised`.
    """

    resources: Sequence[Resource] = ()
    listings: Sequence[Listing] = ()
    routes: Sequence[Callable[[Services, Renderer], DeclaredRoute]] = ()
    projections: Sequence[Projection] = ()
    shares: Mapping[SharedKind, Sequence[str]] = field(default_factory=dict)
