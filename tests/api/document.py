"""The OpenAPI document that is committed, and what of an earlier one it would break for a client."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Node = Mapping[str, Any]
COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(COMMITTED.read_text(encoding="utf-8"))
"""test_openapi.py holds it equal to the service's own."""


def operations(document: Node) -> Iterator[tuple[str, Node]]:
    """Every operation by its method and path."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolved(document: Node, node: Node) -> Node:
    """The node itself, or what it refers to."""
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def broken(before: Node, after: Node) -> list[str]:
    """What a client written against `before` would stumble over, a line each."""
    now = dict(operations(after))
    faults: list[str] = []
    for name, old in operations(before):
        new = now.get(name)
        if new is None:
            faults.append(f"{name} is gone")
            continue
        if old["operationId"] != new["operationId"]:
            faults.append(f"{name} is called {new['operationId']} and no longer {old['operationId']}")
        faults += [f"{name}: {fault}" for fault in _parameters(old, new)]
        for answered in old["responses"].keys() - new["responses"].keys():
            faults.append(f"{name} no longer answers {answered}")
        pairs = [(_bodies(before, old.get("requestBody")), _bodies(after, new.get("requestBody")), True)]
        pairs += [
            (_bodies(before, answer), _bodies(after, new["responses"].get(status)), False)
            for status, answer in old["responses"].items()
        ]
        for was, is_now, sent in pairs:
            for media, schema in was.items():
                if media not in is_now:
                    faults.append(f"{name} no longer knows {media}")
                    continue
                found = _schemas(before, after, schema, is_now[media], sent=sent, at="", seen=frozenset())
                faults += [f"{name}: {fault}" for fault in found]
    return faults


def _bodies(document: Node, node: Node | None) -> dict[str, Node]:
    content = resolved(document, node or {}).get("content", {})
    return {media: body["schema"] for media, body in content.items() if "schema" in body}


def _parameters(old: Node, new: Node) -> Iterator[str]:
    was = {(p["in"], p["name"]): p for p in old.get("parameters", ())}
    now = {(p["in"], p["name"]): p for p in new.get("parameters", ())}
    for key in was.keys() - now.keys():
        yield f"the {key[0]} parameter {key[1]} is gone"
    for key, parameter in now.items():
        if parameter.get("required") and not was.get(key, {}).get("required"):
            yield f"the {key[0]} parameter {key[1]} is now required"
    for key in was.keys() & now.keys():
        if gone := set(was[key]["schema"].get("enum", ())) - set(now[key]["schema"].get("enum", ())):
            yield f"the {key[0]} parameter {key[1]} no longer takes {', '.join(sorted(gone))}"


def _schemas(
    before: Node, after: Node, old: Node, new: Node, *, sent: bool, at: str, seen: frozenset[str]
) -> Iterator[str]:
    """`sent`: by the client, so that asking for more breaks it; else by the service, so that giving less does."""
    if (reference := str(old.get("$ref"))) in seen:
        return
    seen |= {reference} if "$ref" in old else frozenset()
    old, new = resolved(before, old), resolved(after, new)
    if old.get("type") != new.get("type"):
        yield f"{at or '/'} is {new.get('type')} and no longer {old.get('type')}"
        return
    was, now = old.get("properties", {}), new.get("properties", {})
    for name in was.keys() - now.keys():
        yield f"{at}/{name} is gone"
    required, earlier = set(new.get("required", ())), set(old.get("required", ()))
    for name in (required - earlier) if sent else (earlier - required) & now.keys():
        yield f"{at}/{name} is now required" if sent else f"{at}/{name} may now be absent"
    values, later = set(old.get("enum", ())), set(new.get("enum", ()))
    for value in (values - later) if sent else ((later - values) if values else ()):
        yield f"{at or '/'} no longer takes {value}" if sent else f"{at or '/'} may now be {value}"
    for name in was.keys() & now.keys():
        yield from _schemas(before, after, was[name], now[name], sent=sent, at=f"{at}/{name}", seen=seen)
    for inner in ("items", "additionalProperties"):
        if isinstance(old.get(inner), dict) and isinstance(new.get(inner), dict):
            yield from _schemas(before, after, old[inner], new[inner], sent=sent, at=f"{at}/*", seen=seen)
    for was_one, now_one in zip(old.get("anyOf", ()), new.get("anyOf", ()), strict=False):
        yield from _schemas(before, after, was_one, now_one, sent=sent, at=at, seen=seen)
