"""Who uses the API in these tests: a person has a token and sends requests as a client program would."""

from __future__ import annotations

import json
import ssl
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.service import Service

TLS = ssl.create_default_context()
"""One for every client: left to itself, each reads the machine's certificates anew, in 50 ms, to speak plain HTTP."""
_codes = count(1)
NOMINEE = "Name of the nominee"
"""Sealed wherever a co-ordinator is nominated: where it may not be read, it must not stand."""
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def fresh_area() -> str:
    """The code of an area that no other test of the run uses."""
    return f"S12{900_000 + next(_codes)}"


class Person:
    """Somebody with a token; `Person(service)` is the public, who has none."""

    def __init__(self, service: Service, role: str | None = None, *areas: str, **token: str) -> None:
        headers = service.headers(role, *areas, **token) if role else {}
        self.role, self.areas = role, areas
        # Given up before the service gives it up, after five seconds: else a request could meet the closing.
        kept = httpx.Limits(keepalive_expiry=2)
        self.http = httpx.Client(
            base_url=service.url, headers=headers, timeout=30, trust_env=False, limits=kept, verify=TLS
        )

    def get(self, path: str, headers: dict[str, str] | None = None, **params: Any) -> httpx.Response:
        return self.http.get(path, params=params or None, headers=headers)

    def read(self, path: str, **params: Any) -> Any:
        """The JSON of what is there."""
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(
        self, path: str, body: Any, *, seen: str | None = "*", key: str | None = None, **params: Any
    ) -> httpx.Response:
        """Send a command. `seen` is its If-Match; `key` its Idempotency-Key, a new one unless given."""
        headers = {"Idempotency-Key": key or str(uuid4()), "Content-Type": "application/json"}
        if seen is not None:
            headers["If-Match"] = seen
        return self.http.post(path, content=json.dumps(body), headers=headers, params=params or None)

    def do(self, path: str, body: Any, *, seen: str | None = "*", **params: Any) -> Any:
        """Send a command that succeeds; the new state."""
        answer = self.post(path, body, seen=seen, **params)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def upload(
        self, area: str, content: bytes = PDF, media: str = "application/pdf", name: str | None = None, **params: Any
    ) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid4()), "Content-Type": media}
        if name is not None:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return self.http.post(f"/v1/areas/{area}/attachments", content=content, headers=headers, params=params or None)


def stored_file(service: Service, attachment: dict[str, Any]) -> Path:
    """Where the service keeps the bytes of an attachment."""
    return Path(service.data, "objects", attachment["area"], attachment["attachment"])


def head(service: Service) -> int:
    """The last position of the ledger."""
    position: int = httpx.get(f"{service.url}/health/ready", trust_env=False, verify=TLS).json()["head"]
    return position


def announcement(*areas: str, **changes: Any) -> dict[str, Any]:
    """A review as it is announced."""
    return {
        "title": "Social work governance and assurance",
        "legal_basis": "s.53 Public Services Reform (Scotland) Act 2010",
        "stem": "To what extent are leaders supporting social work staff?",
        "questions": ["How well are duties carried out?"],
        "purposes": ["Assurance"],
        "service_areas": ["adults", "children", "justice"],
        "areas": list(areas),
        "methods": ["documents", "staff-survey", "interviews"],
        "starts": "2024-07",
        "ends": "2024-12",
        "report_due": "2025-03",
        "nominate_by": "2024-07-19",
        "occurred_at": "2024-07-01T09:00:00Z",
    } | changes


class Review:
    """A review of one or more areas that has been announced, with all its people; `notify` brings an area in."""

    def __init__(self, service: Service, *areas: str) -> None:
        self.service = service
        self.areas = areas or (fresh_area(),)
        self.area = self.areas[0]
        self.administrator = Person(service, "administrator")
        self.lead = Person(service, "lead-inspector")
        self.coordinator = Person(service, "coordinator", self.area)
        self.auditor = Person(service, "auditor")
        self.id: str = self.announce()["review"]
        self.path = f"/v1/reviews/{self.id}"

    def announce(self) -> Any:
        """Announce it."""
        return self.lead.do("/v1/reviews", announcement(*self.areas), seen=None)

    def part(self, area: str | None = None) -> str:
        """The path of an area's participation."""
        return f"{self.path}/participations/{area or self.area}"

    def plan(self) -> None:
        """The plan: interviews, a document, and the survey's window."""
        at = {"occurred_at": "2024-07-02T09:00:00Z"}
        interviews = {"code": "interviews", "title": "Interviews", "starts_on": "2024-09-30", "ends_on": "2024-11-01"}
        self.lead.do(f"{self.path}/milestones", interviews | at)
        self.lead.do(f"{self.path}/documents", {"code": "policy", "title": "Policy", "due_on": "2024-08-27"} | at)
        self.lead.do(f"{self.path}/survey-windows", {"opens_on": "2024-08-19", "closes_on": "2024-10-04"} | at)

    def notify(self, area: str | None = None) -> Any:
        """Tell an area."""
        area = area or self.area
        body = {"recipients": [area], "occurred_at": "2024-07-15T09:00:00Z"}
        return self.lead.do(f"{self.part(area)}/notifications", body, seen=None)

    def nominate(self, area: str | None = None, person: str | None = None, name: str = NOMINEE) -> Any:
        """Nominate a co-ordinator."""
        nominee = {"person": person or f"coordinator-{uuid4()}", "name": name, "designation": "Planning officer"}
        at = {"occurred_at": "2024-07-18T09:00:00Z"}
        return self.lead.do(f"{self.part(area)}/coordinator-nominations", nominee | at)


def exercise(*areas: str, **changes: Any) -> dict[str, Any]:
    """A self-evaluation exercise as it is announced."""
    return {
        "title": "Performance and quality assurance in justice social work",
        "focus": "Capacity to evidence performance, quality and outcomes of community based sentences",
        "service_area": "justice",
        "areas": list(areas),
        "quality_indicator": {
            "code": "6.4",
            "title": "Performance management and quality assurance",
            "framework": "Guide to Self-Evaluation for Community Justice in Scotland",
            "verified": True,
        },
        "parts": [{"code": "outcomes", "title": "Outcomes"}, {"code": "drivers", "title": "Drivers"}],
        "prompts": ["How are we doing?", "How do we know?", "What next?"],
        "phases": [
            {"code": "national", "title": "National", "starts_on": "2024-09-02", "ends_on": "2024-11-20"},
            {
                "code": "validation",
                "title": "Validation activity",
                "starts_on": "2025-01-20",
                "ends_on": "2025-02-24",
                "as_published": "20 January to 24 February 2024",
            },
        ],
        "opens_on": "2024-09-02",
        "closes_on": "2024-11-20",
        "validation_areas": 4,
        "report_due": "2025-05",
        "occurred_at": "2024-08-12T09:00:00Z",
    } | changes


class SelfEvaluations:
    """An announced self-evaluation exercise of one or more areas, with all its people."""

    def __init__(self, service: Service, *areas: str, **changes: Any) -> None:
        self.service, self.areas, self.area = service, areas, areas[0]
        self.lead = Person(service, "lead-inspector")
        self.auditor = Person(service, "auditor")
        self.public = Person(service)
        announced = self.lead.do("/v1/self-evaluation-exercises", exercise(*areas, **changes), seen=None)
        self.id: str = announced["exercise"]
        self.path = f"/v1/self-evaluation-exercises/{self.id}"

    def part(self, area: str | None = None) -> str:
        """The path of an area's self-evaluation."""
        return f"{self.path}/self-evaluations/{area or self.area}"

    def staff(self, area: str | None = None) -> Person:
        return Person(self.service, "partnership-staff", area or self.area)

    def ask(self, area: str | None = None) -> Any:
        """Ask an area to evaluate itself."""
        return self.lead.do(f"{self.part(area)}/requests", {"occurred_at": "2024-08-13T09:00:00Z"}, seen=None)

    def draft(self, area: str | None = None, number: int = 1, text: str = "Rarely measured.") -> Any:
        """Keep a draft that answers every part."""
        answers = [{"part": "outcomes", "text": text}, {"part": "drivers", "text": "Few."}]
        body = {"draft": number, "answers": answers, "occurred_at": "2024-10-01T09:00:00Z"}
        return self.staff(area).do(f"{self.part(area)}/drafts", body)

    def submit(self, area: str | None = None, grade: int | None = None, on: str = "2024-11-18") -> Any:
        """Ask an area, which drafts and submits."""
        self.ask(area)
        self.draft(area)
        body = {"draft": 1, "grade": grade, "occurred_at": f"{on}T10:00:00Z"}
        return self.staff(area).do(f"{self.part(area)}/submissions", body)

    def select(self, *areas: str) -> Any:
        """Select areas for validation, and tell each of them."""
        body = {"areas": list(areas), "reason": "A range of sizes", "occurred_at": "2024-12-09T09:00:00Z"}
        selection = self.lead.do(f"{self.path}/validation-selection/selections", body)
        for area in areas:
            at = {"occurred_at": "2024-12-10T09:00:00Z"}
            self.lead.do(f"{self.part(area)}/validation/invitations", at)
        return selection

    def send_letter(self, area: str | None = None) -> Any:
        """Send an area its validation letter."""
        file = self.lead.upload(area or self.area).json()["attachment"]
        body = {"attachment": file, "occurred_at": "2025-03-10T09:00:00Z"}
        return self.lead.do(f"{self.part(area)}/validation/letters", body)

    def find(self, code: str, support: int = 12, **changes: Any) -> Any:
        """Record a theme."""
        theme = {"code": code, "kind": "strength", "statement": f"On {code}.", "support": support, "responses": 30}
        at = {"occurred_at": "2025-03-20T09:00:00Z"}
        return self.lead.do(f"{self.path}/thematic-record/themes", theme | at | changes)

    def publish(self) -> Any:
        """Publish the thematic report."""
        report = {"title": "Thematic report", "occurred_at": "2025-06-10T09:00:00Z"}
        return self.lead.do(f"{self.path}/publications", report)
