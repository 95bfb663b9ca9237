"""What an answer has to be, whichever request it answers."""

from __future__ import annotations

from typing import Any

import httpx


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is a whole problem document; its content."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"/problems/{code}")
    assert problem["title"]
    assert problem.get("remedy") or problem.get("detail"), "it says what to do"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    described = httpx.get(f"{answer.request.url.copy_with(path=problem['type'], query=None)}", trust_env=False)
    assert described.json()["status"] == status
    return problem
