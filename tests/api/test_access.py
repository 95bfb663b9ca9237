"""Who may see and do what (§8), for every operation of the OpenAPI document: a new route is tested by being there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.api.tokens import ROLES
from tests.api.document import DOCUMENT
from tests.api.people import NOMINEE, Person, Review, SelfEvaluations, fresh_area
from tests.service import Service

PATHS: dict[str, Any] = DOCUMENT["paths"]
NOBODY = "01a209a6-71f3-7581-81e1-43a9e32e2087"
AREA_ROLES = ("coordinator", "cswo", "partnership-staff", "link-inspector", "relationship-manager")


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    roles: frozenset[str]
    public: bool

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def is_list(self) -> bool:
        return any(parameter["name"] == "sort" for parameter in PATHS[self.path][self.method]["parameters"])


def operations() -> list[Operation]:
    """Every operation on records; the commands' descriptions name the roles that they are open to."""
    found = []
    for path, methods in PATHS.items():
        if path.startswith("/v1/"):
            for method, operation in methods.items():
                open_to = re.search(r"Open to: ([a-z, -]+)\.", operation.get("description", ""))
                roles = frozenset(open_to[1].split(", ")) if open_to else frozenset()
                found.append(Operation(method, path, roles, {} in operation["security"]))
    return found


OPERATIONS = operations()
COMMANDS = [operation for operation in OPERATIONS if operation.method == "post"]
OF_AREAS = [operation for operation in OPERATIONS if "{area}" in operation.path or "{inspection}" in operation.path]
PEOPLE = {"coordinator", "cswo", "partnership-staff"}
TEAM = {"lead-inspector", "service-manager"}
AREAS_OWN = PEOPLE | TEAM | {"link-inspector"}
LINK_WORK = {"link-inspector", "service-manager"}
LIAISON = LINK_WORK | {"relationship-manager"}
ADMINISTRATOR = {"administrator"}
PARTNER = {"scrutiny-partner"}
ALL_BUT_PARTNERS = AREAS_OWN | {"relationship-manager"} | ADMINISTRATOR
SEEN_BY: dict[str, set[str]] = {
    "/v1/areas/{area}": AREAS_OWN | ADMINISTRATOR,
    "/v1/areas/{area}/attachments": AREAS_OWN,
    "/v1/areas/{area}/developments": LIAISON,
    "/v1/areas/{area}/engagement-years": LINK_WORK,
    "/v1/areas/{area}/liaison": LIAISON,
    "/v1/areas/{area}/risk-summaries": LINK_WORK,
    "/v1/areas/{area}/support-requests": PEOPLE | LINK_WORK,
    "/v1/appointments": ALL_BUT_PARTNERS,
    "/v1/data-subjects": ADMINISTRATOR,
    "/v1/desk": ALL_BUT_PARTNERS,
    "/v1/desk/calendar": AREAS_OWN,
    "/v1/developments": LIAISON,
    "/v1/engagement-matrix": LINK_WORK,
    "/v1/engagement-meetings": LIAISON,
    "/v1/engagement-years": LINK_WORK,
    "/v1/improvement-plans": AREAS_OWN,
    "/v1/inbox": {"service-manager"},
    "/v1/inspections": AREAS_OWN,
    "/v1/liaison-matters": LIAISON,
    "/v1/obligations": AREAS_OWN,
    "/v1/partnerships": ALL_BUT_PARTNERS,
    "/v1/pulls": ADMINISTRATOR | PARTNER,
    "/v1/reviews": ALL_BUT_PARTNERS,
    "/v1/reviews/{review}/participations": AREAS_OWN,
    "/v1/reviews/{review}/participations/{area}/e-survey-returns": TEAM,
    "/v1/reviews/{review}/participations/{area}/survey-return": TEAM,
    "/v1/risk-summaries": LINK_WORK,
    "/v1/roster": {"service-manager"} | ADMINISTRATOR,
    "/v1/self-evaluation-exercises": ALL_BUT_PARTNERS,
    "/v1/self-evaluation-exercises/{exercise}/self-evaluations": AREAS_OWN,
    "/v1/self-evaluation-exercises/{exercise}/self-evaluations/{area}/validation": PEOPLE | TEAM,
    "/v1/self-evaluation-exercises/{exercise}/thematic-record": TEAM,
    "/v1/self-evaluation-exercises/{exercise}/validation-selection": TEAM,
    "/v1/self-evaluation-exercises/{exercise}/validations": PEOPLE | TEAM,
    "/v1/shared-risk-summaries": PARTNER,
    "/v1/sharing-agreements": ADMINISTRATOR | PARTNER,
    "/v1/sharing-agreements/{agreement}": ADMINISTRATOR,
    "/v1/support-requests": PEOPLE | LINK_WORK,
}
"""§8's table, as the roles beside the auditor, who sees everything: of each path and what lies below it, unless that is
named itself. Partners have the feed, approved risk summaries and what was agreed with them; of what is published, not
who recorded it when."""
SHOWN = [o for o in OPERATIONS if o.method == "get" and not o.public and o.path != "/v1/feed"]


def name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@dataclass
class World:
    """One thing of each kind in one area, and everybody's token. `others` are the same roles in another area;
    `undrafted` is an inspection of the area with a finding of which it has not been told.

    Of a kind that is not made here, `NOBODY` is asked about: who may not act is told so all the same.
    """

    service: Service
    review: Review
    places: dict[str, str]
    undrafted: str
    people: dict[str, Person]
    others: dict[str, Person]

    def path(self, operation: Operation, **instead: str) -> str:
        return operation.path.format(**(dict.fromkeys(operation.parameters, NOBODY) | self.places | instead))

    def ask(self, person: Person, operation: Operation, **instead: str) -> httpx.Response:
        """The operation, as far as it can be asked for without knowing what it takes: a body without fields."""
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": "*", "Content-Type": "application/json"}
        sent = {"content": b"{}", "headers": headers} if operation.method == "post" else {}
        return person.http.request(operation.method, self.path(operation, **instead), **sent)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def world(shared_service: Service) -> World:
    here, elsewhere = fresh_area(), fresh_area()
    review = Review(shared_service, here, elsewhere)
    inspectors = {area: f"inspector-{uuid4()}" for area in review.areas}
    for area, inspector in inspectors.items():
        review.administrator.do("/v1/areas", {"code": area, "name": "Somewhere", "partnership": "S37000902"}, seen=None)
        appointment = {"area": area, "inspector": inspector, "name": "Link inspector"}
        review.administrator.do("/v1/roster/link-inspector-allocations", appointment | {"starts_on": "2024-01-01"})
    review.administrator.post(
        "/v1/partnerships",
        {"code": "S37000902", "name": "Here", "health_board": "S08000020", "areas": [review.area]},
        seen=None,
    )
    review.plan()
    review.notify(elsewhere)
    review.notify(here)
    review.lead.do(f"{review.path}/publications", {"title": "Report", "occurred_at": "2025-03-17T09:00:00Z"})
    person = f"coordinator-{uuid4()}"
    review.nominate(person=person)
    agreement = {
        "body": "auditors", "areas": [review.area], "kinds": ["review-progress", "risk-summaries"],
        "purpose": "Risk assessment", "starts_on": "2024-01-01", "ends_on": "2199-01-01",
    }  # fmt: skip
    link = Person(shared_service, "link-inspector", review.area, subject=inspectors[review.area])
    risks, version = f"/v1/areas/{review.area}/risk-summaries/2024", {"version": 1}
    link.do(f"{risks}/drafts", version | {"risks": [], "summary": "Nothing stands out."})
    link.do(f"{risks}/proposals", version)
    Person(shared_service, "service-manager").do(f"{risks}/approvals", version)
    development = {"kind": "risk", "service_area": "adults", "urgent": True, "text": "What has happened"}
    support = {
        "service_areas": ["adults"], "focus": "Self-evaluation", "purpose": "To know how we do",
        "timescale": "April to June", "resource_implications": "Four days",
    }  # fmt: skip
    exercise = SelfEvaluations(shared_service, here, elsewhere)
    exercise.submit(here)
    exercise.submit(elsewhere)
    exercise.select(here, elsewhere)
    inspection = {
        "title": "Inspection", "partnership": "S37000902", "areas": [review.area], "lead_inspector": "lead-inspector",
        "designation": "Strategic inspector", "occurred_at": "2024-08-01T09:00:00Z",
    }  # fmt: skip
    finding = {"code": "reviews", "theme": "key-processes", "priority": "high", "statement": "Review in time."}
    inspected, undrafted = (review.lead.do("/v1/inspections", inspection, seen=None)["inspection"] for _ in range(2))
    for each in (inspected, undrafted):
        review.lead.do(f"/v1/inspections/{each}/areas-for-improvement", finding)
    review.lead.do(f"/v1/inspections/{inspected}/publications", {"title": "Report"})
    places = {
        "review": review.id,
        "exercise": exercise.id,
        "area": review.area,
        "year": "2024",
        "partnership": "S37000902",
        "survey": "children",
        "subject": person,
        "inspection": inspected,
        "attachment": review.coordinator.upload(review.area).json()["attachment"],
        "agreement": review.administrator.do("/v1/sharing-agreements", agreement, seen=None)["agreement"],
        "development": link.do(f"/v1/areas/{review.area}/developments", development, seen=None)["development"],
        "request": link.do(f"/v1/areas/{review.area}/support-requests", support, seen=None)["request"],
    }

    def everybody(area: str) -> dict[str, Person]:
        here = {role: Person(shared_service, role, area) for role in AREA_ROLES}
        national = {role: Person(shared_service, role) for role in sorted(ROLES - set(AREA_ROLES))}
        return national | here | {"scrutiny-partner": Person(shared_service, "scrutiny-partner", body="auditors")}

    others = {
        role: Person(shared_service, role, elsewhere) for role in (*AREA_ROLES, "lead-inspector", "service-manager")
    }
    return World(shared_service, review, places, undrafted, everybody(review.area), others)


def without_id(answer: httpx.Response) -> dict[str, Any]:
    problem: dict[str, Any] = answer.json()
    assert problem.pop("request_id")
    return problem


@pytest.mark.parametrize("operation", OPERATIONS, ids=name)
def test_without_a_token_only_what_is_public_is_shown(world: World, operation: Operation) -> None:
    public = Person(world.service)
    answer = world.ask(public, operation)
    if operation.public:
        assert answer.status_code == 200, answer.text
        return
    assert (answer.status_code, answer.json()["code"]) == (401, "token-missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="scrutiny-ledger"'
    # What does not exist is refused in the same words.
    nothing = world.ask(
        public, operation, area="S12000000", review=NOBODY, exercise=NOBODY, attachment=NOBODY, agreement=NOBODY,
        inspection=NOBODY, subject="x",
    )  # fmt: skip
    assert without_id(nothing) == without_id(answer)


@pytest.mark.parametrize("operation", OF_AREAS, ids=name)
def test_another_areas_people_are_told_that_it_does_not_exist(world: World, operation: Operation) -> None:
    for role, person in world.others.items():
        answer = world.ask(person, operation)
        assert answer.status_code == 404, f"{role}: {answer.text}"
        # An area that nobody has ever registered, a review that was never announced: the same words.
        nothing = world.ask(
            person, operation, area="S12000000", review=NOBODY, exercise=NOBODY, attachment=NOBODY, inspection=NOBODY
        )  # fmt: skip
        assert without_id(nothing) == without_id(answer)
        assert nothing.headers.keys() == answer.headers.keys()


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.is_list and not o.public], ids=name)
def test_no_list_shows_a_row_of_another_area(world: World, operation: Operation) -> None:
    area = world.places["area"]
    known = {parameter["name"] for parameter in PATHS[operation.path]["get"]["parameters"]}
    questions: list[dict[str, Any]] = [{"limit": 200}, {"area": area}]
    questions = [question for question in questions if question.keys() <= known]
    partner = Person(world.service, "scrutiny-partner", body="another-body")
    for role, person in (world.others | {"scrutiny-partner": partner}).items():
        answers = [person.get(world.path(operation), **question) for question in questions]
        for answer in answers:
            assert answer.status_code in (200, 404), f"{role}: {answer.text}"
            assert area not in answer.text, role


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.is_list and not o.public], ids=name)
def test_a_cursor_of_the_auditors_opens_nothing_for_others(world: World, operation: Operation) -> None:
    auditor = world.people["auditor"]
    cursor = auditor.read(world.path(operation), limit=1)["next"]
    if cursor is None:  # there is nothing behind the first row that one could open
        assert len(auditor.read(world.path(operation), limit=200)["items"]) <= 1
        return
    for person in world.others.values():
        assert world.places["area"] not in person.get(world.path(operation), limit=200, cursor=cursor).text


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if "{inspection}" in o.path], ids=name)
def test_an_inspection_of_which_the_area_is_not_told_does_not_exist_for_its_own_people(
    world: World, operation: Operation
) -> None:  # §8, R47
    for role in sorted(PEOPLE):
        answer = world.ask(world.people[role], operation, inspection=world.undrafted)
        nothing = world.ask(world.people[role], operation, inspection=NOBODY)
        assert answer.status_code == nothing.status_code == 404, f"{role}: {answer.text}"
        assert without_id(answer) == without_id(nothing)
        assert answer.headers.keys() == nothing.headers.keys()
    for role in sorted(TEAM | {"link-inspector", "auditor"}):
        assert world.ask(world.people[role], operation, inspection=world.undrafted).status_code != 404, role


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.is_list or o.path == "/v1/desk"], ids=name)
def test_no_list_shows_an_area_an_inspection_of_which_it_is_not_told(
    world: World, operation: Operation
) -> None:  # §8, R47
    for role in sorted(PEOPLE):
        answer = world.people[role].get(world.path(operation))
        assert answer.status_code in (200, 404), f"{role}: {answer.text}"
        assert world.undrafted not in answer.text, role


def seen_by(path: str) -> set[str]:
    """The roles that see what a path leads to, by the longest line of the table that it begins with."""
    lines = [line for line in SEEN_BY if path == line or path.startswith(f"{line}/")]
    assert lines, f"§8 says of nobody that they see {path}"
    return SEEN_BY[max(lines, key=len)] | {"auditor"}


@pytest.mark.parametrize("operation", SHOWN, ids=name)
def test_each_role_sees_what_the_table_of_section_8_gives_it_and_nothing_else(
    world: World, operation: Operation
) -> None:
    answers = {role: world.ask(person, operation) for role, person in world.people.items()}
    # A comparison is refused to who may see it for want of what to compare with.
    shown = {role for role, answer in answers.items() if answer.status_code in (200, 422)}
    assert shown == seen_by(operation.path)
    hidden = {(answer.status_code, answer.json()["code"]) for role, answer in answers.items() if role not in shown}
    assert hidden <= {(404, "not-found")}


@pytest.mark.parametrize("operation", COMMANDS, ids=name)
def test_a_command_is_refused_to_every_role_that_it_is_not_open_to(world: World, operation: Operation) -> None:
    assert operation.roles, "its description names the roles"
    parent = operation.path.rpartition("/")[0]
    for role, person in world.people.items():
        answer = world.ask(person, operation)
        if role in operation.roles:
            unseen = (401, 403, 404) if world.places.keys() >= set(operation.parameters) else (401, 403)
            assert answer.status_code not in unseen, f"{role}: {answer.text}"
            continue
        assert answer.status_code in (403, 404), f"{role}: {answer.text}"
        sees = parent.endswith("}") and person.get(world.path(Operation("get", parent, frozenset(), False))).status_code
        if sees == 200:
            assert (answer.status_code, answer.json()["code"]) == (403, "role-not-allowed"), role


@pytest.mark.parametrize("operation", OPERATIONS, ids=name)
def test_a_partner_sees_what_the_public_sees_and_its_agreements_and_nothing_else(
    world: World, operation: Operation
) -> None:
    if operation.path.startswith(("/v1/feed", "/v1/pulls", "/v1/sharing-agreements", "/v1/shared-risk-summaries")):
        return
    answer = world.ask(world.people["scrutiny-partner"], operation)
    if operation.public:
        shown, public = answer.json(), world.ask(Person(world.service), operation).json()
        assert shown == public
    elif operation.method == "get" and answer.status_code == 200:
        assert answer.json() == {"items": [], "next": None}
    else:
        assert answer.status_code in (403, 404), answer.text


def test_names_are_opened_to_those_entitled_and_to_nobody_else(world: World) -> None:
    path = f"/v1/reviews/{world.places['review']}/participations/{world.places['area']}"
    for role, person in world.people.items():
        answer = person.get(path)
        if answer.status_code == 200:
            assert answer.json()["coordinators"][0]["name"] == NOMINEE, role
        assert NOMINEE not in person.get(f"{path}/history").text
    assert {role for role, person in world.people.items() if person.get(path).status_code == 404} == {
        "administrator", "relationship-manager", "scrutiny-partner",
    }  # fmt: skip


def test_who_sees_one_area_does_not_see_the_roster_of_all_nor_changes_it(world: World) -> None:
    for role in ("link-inspector", "relationship-manager", "service-manager", "lead-inspector"):
        assert world.others[role].get("/v1/roster").status_code == 404
        assert world.others[role].post("/v1/roster/link-inspector-allocations", {}).status_code == 404
    assert world.people["service-manager"].get("/v1/roster").status_code == 200


def test_a_service_manager_of_one_area_sees_that_area_only(world: World) -> None:
    theirs = world.others["service-manager"].read("/v1/obligations")["items"]
    assert {item["area"] for item in theirs} == set(world.review.areas[1:])
    national = world.people["service-manager"].read("/v1/obligations", area=world.places["area"])
    assert national["items"] != []


def test_what_a_read_says_may_be_done_is_what_a_command_allows(world: World) -> None:
    path = f"/v1/reviews/{world.places['review']}/participations/{world.places['area']}"
    for role, person in world.people.items():
        answer = person.get(path)
        if answer.status_code != 200:
            continue
        offered = {action["href"] for action in answer.json()["allowed_actions"]}
        mine = {
            world.path(o) for o in COMMANDS
            if o.path.rpartition("/")[0] == "/v1/reviews/{review}/participations/{area}" and role in o.roles
        } - {f"{path}/notifications"}  # fmt: skip
        assert offered == mine, role


def test_answers_to_one_caller_are_not_kept_for_another(world: World) -> None:
    for path in (f"/v1/areas/{world.places['area']}", "/v1/obligations", f"/v1/areas/{world.places['area']}/history"):
        headers = world.people["coordinator"].get(path).headers
        assert headers["cache-control"].startswith("private")
        assert headers["vary"] == "Authorization", path
