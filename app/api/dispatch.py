"""Finds the declared route of a request by the segments of its path: one dictionary look-up a segment.

It stands before FastAPI's router, which tries one pattern after another; what is not declared goes on to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.health import PROBES
from app.api.problems import METHOD_NOT_ALLOWED
from app.api.quotas import Quotas
from app.api.resources import pattern_of
from app.api.routing import DeclaredRoute


@dataclass
class _Node:
    """What may follow a path so far: literal segments, one parameter, and the routes that end here by method."""

    literals: dict[str, _Node] = field(default_factory=dict)
    parameter: tuple[str, re.Pattern[str], _Node] | None = None
    routes: dict[str, DeclaredRoute] = field(default_factory=dict)


class Dispatch:
    """ASGI middleware with the table of declared routes."""

    def __init__(self, app: ASGIApp, table: Table, quotas: Quotas) -> None:
        self.app, self.table, self.quotas = app, table, quotas

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            routes, params = self.table.find(scope["path"])
            route = routes.get(scope["method"])
            if route is not None:
                scope["path_params"], scope["route"] = params, route
                await route.app(scope, receive, send)
                return
            # A declared route charges whoever its token names; here nobody has a name.
            if not scope["path"].startswith(PROBES):
                self.quotas.charge(scope, None)
            if routes:
                methods = sorted(routes.keys() | ({"HEAD"} if "GET" in routes else set()))
                raise METHOD_NOT_ALLOWED(headers={"allow": ", ".join(methods)})
        await self.app(scope, receive, send)


class Table:
    """The declared routes by path."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, route: DeclaredRoute) -> None:
        node = self._root
        for segment in route.path.split("/")[1:]:
            if segment.startswith("{"):
                name = segment[1:-1]
                if node.parameter is None:
                    node.parameter = (name, re.compile(pattern_of(name)[0]), _Node())
                if node.parameter[0] != name:
                    raise ValueError(f"{route.path}: two parameters in one place")
                node = node.parameter[2]
            else:
                node = node.literals.setdefault(segment, _Node())
        for method in route.methods or ():
            if method in node.routes:
                raise ValueError(f"two routes answer {method} {route.path}")
            node.routes[method] = route

    def find(self, path: str) -> tuple[dict[str, DeclaredRoute], dict[str, str]]:
        """The routes of a path by method, and its parameters; what matches no pattern does not exist."""
        node, params = self._root, {}
        for segment in path.split("/")[1:]:
            following = node.literals.get(segment)
            if following is None:
                if node.parameter is None:
                    return {}, {}
                name, pattern, following = node.parameter
                if pattern.fullmatch(segment) is None:
                    return {}, {}
                params[name] = segment
            node = following
        return node.routes, params
