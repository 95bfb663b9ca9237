"""What a scrutiny partner is shown (§8): what its agreement names, while it is in force; the rest as explicit gaps."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from app.api.tokens import ROLES
from app.database import Database
from app.projections.sharing_agreements import agreements_in_force
from tests.api.people import Person, Review, announcement, fresh_area, head
from tests.service import Service

BATCH, NDJSON = "application/cloudevents-batch+json", "application/x-ndjson"
PULLED = "sharing.pull-recorded"


class Partner(Person):
    """A scrutiny partner with an agreement of its own, who follows the feed from where the ledger ends now."""

    def __init__(self, service: Service, areas: list[str], kinds: list[str], body: str | None = None) -> None:
        self.body = body or f"body-{uuid4()}"
        super().__init__(service, "scrutiny-partner", body=self.body)
        self.records = Person(service, "administrator")
        self.agreement = self.agree(areas, kinds)
        self.position = head(service)

    def agree(self, areas: list[str], kinds: list[str], **dates: str) -> str:
        terms = {
            "body": self.body, "areas": areas, "kinds": kinds, "purpose": "Shared risk assessment",
            "starts_on": "2024-01-01", "ends_on": "2199-01-01",
        } | dates  # fmt: skip
        agreement: str = self.records.do("/v1/sharing-agreements", terms, seen=None)["agreement"]
        return agreement

    def end(self) -> httpx.Response:
        """End the first agreement, as of the day before yesterday."""
        gone = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
        ends = f"/v1/sharing-agreements/{self.agreement}/ends"
        answer = self.records.post(ends, {"ends_on": gone, "reason": "No longer needed"})
        assert answer.status_code == 200, answer.text
        return answer

    def pull(self, accept: str = BATCH, **question: Any) -> httpx.Response:
        question = {"after": self.position, "limit": 1000} | question
        return self.get("/v1/feed", headers={"Accept": accept}, **question)

    def shown(self, **question: Any) -> list[Any]:
        """The records and gaps from where it was; it moves on."""
        answer = self.pull(**question)
        assert answer.status_code == 200, answer.text
        self.position = int(answer.headers["feed-next"])
        records: list[Any] = answer.json()
        return records


def kinds_of(records: list[Any]) -> list[str]:
    return [record["type"] for record in records]


def eventually(what: Callable[[], Any], seconds: float = 20) -> None:
    """Ask until it is so; each question takes its time, and the service is not told to hurry."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"


def test_a_partner_is_shown_the_kinds_and_areas_that_it_agreed_and_gaps_for_the_rest(shared_service: Service) -> None:
    here, elsewhere = fresh_area(), fresh_area()
    partner = Partner(shared_service, [here], ["review-progress"])
    review = Review(shared_service, here, elsewhere)
    review.plan()
    review.notify(here)
    review.notify(elsewhere)
    review.lead.do(f"{review.part()}/questions", {"question": "q", "text": "Confidential?"})
    start = partner.position
    shown = partner.shown()
    assert kinds_of(shown) == [
        "review.announced",
        "review.milestone-planned",
        "ledger.withheld",  # the documents and the survey's window
        "participation.notified",
        *["obligation.raised"] * 3,
        "ledger.withheld",  # the other area, and the question
    ]
    assert {record.get("scope") for record in shown} <= {None, here}
    # Every position is either shown or within a gap, once.
    covered: list[int] = []
    for record in shown:
        if record["type"] == "ledger.withheld":
            covered += range(record["data"]["from"], record["data"]["to"] + 1)
        else:
            covered.append(record["position"])
    assert covered == list(range(start + 1, partner.position + 1))
    assert "Confidential" not in json.dumps(shown)


def test_a_partner_with_nothing_to_see_moves_on(shared_service: Service) -> None:
    partner = Partner(shared_service, [fresh_area()], ["plan-status"])
    review = Review(shared_service)
    review.plan()
    before, end = partner.position, head(shared_service)
    shown = partner.shown()
    assert kinds_of(shown) == ["ledger.withheld"]
    assert shown[0]["data"] == {"from": before + 1, "to": end}
    assert partner.position == end


def test_two_agreements_do_not_mix_their_kinds_and_areas(shared_service: Service) -> None:
    one, two = fresh_area(), fresh_area()
    partner = Partner(shared_service, [one], ["review-progress"])
    partner.agree([two], ["publications"])
    partner.position = head(shared_service)
    review = Review(shared_service, one, two)
    review.notify(one)
    review.notify(two)
    review.lead.do(f"{review.path}/publications", {"title": "Report", "occurred_at": "2025-03-17T09:00:00Z"})
    shown = [record for record in partner.shown() if record["type"] != "ledger.withheld"]
    assert {record["type"] for record in shown if record.get("scope") == one} == {
        "participation.notified", "obligation.raised",
    }  # fmt: skip
    assert [record for record in shown if record.get("scope") == two] == []
    assert "review.report-published" in kinds_of(shown)


def test_another_bodys_agreement_is_nobody_elses(shared_service: Service) -> None:
    area = fresh_area()
    Partner(shared_service, [area], ["review-progress"])
    for stranger in (
        Person(shared_service, "scrutiny-partner", body=f"body-{uuid4()}"),
        Person(shared_service, "scrutiny-partner"),
        Person(shared_service, "lead-inspector"),
        Person(shared_service, "coordinator", area),
    ):
        refused = stranger.get("/v1/feed")
        assert (refused.status_code, refused.json()["code"]) == (403, "no-agreement-in-force")


async def test_an_agreement_is_in_force_from_its_first_day_to_its_last(shared_service: Service) -> None:  # §8
    partner = Partner(shared_service, [fresh_area()], ["publications"])
    partner.agree([fresh_area()], ["publications"], starts_on="2023-04-01", ends_on="2023-09-30")
    called_off = partner.agree([fresh_area()], ["publications"], starts_on="2023-05-01", ends_on="2023-06-30")
    end = {"ends_on": "2023-04-01", "reason": "Called off"}
    partner.records.do(f"/v1/sharing-agreements/{called_off}/ends", end)
    engine = Database(shared_service.dsn).create_engine()
    days = [date(2023, 3, 31), date(2023, 4, 1), date(2023, 5, 15), date(2023, 9, 30), date(2023, 10, 1)]
    assert [len(await agreements_in_force(engine, partner.body, day)) for day in days] == [0, 1, 1, 1, 0]
    await engine.dispose()


def test_an_agreement_that_ends_between_two_pages_ends_the_pull(shared_service: Service) -> None:
    review = Review(shared_service)
    partner = Partner(shared_service, [review.area], ["review-progress"])
    review.plan()
    review.notify()
    assert len(partner.shown(limit=1)) == 1
    partner.end()
    refused = partner.pull(limit=1)
    assert (refused.status_code, refused.json()["code"]) == (403, "no-agreement-in-force")


def test_every_pull_is_recorded_for_the_auditor(shared_service: Service) -> None:
    review = Review(shared_service)
    partner = Partner(shared_service, [review.area], ["review-progress"])
    review.notify()
    before = partner.position
    shown = partner.shown()
    auditor = Person(shared_service, "auditor")
    eventually(lambda: auditor.read("/v1/pulls", body=partner.body)["items"])
    (pull,) = auditor.read("/v1/pulls", body=partner.body)["items"]
    assert (pull["after"], pull["through"]) == (before, partner.position)
    assert pull["disclosed"] == len([record for record in shown if record["type"] != "ledger.withheld"])
    assert (pull["agreement"], pull["purpose"]) == (partner.agreement, "Shared risk assessment")
    assert Person(shared_service, "coordinator", review.area).get("/v1/pulls").status_code == 404
    # A partner knows what was agreed with it and what it pulled, and nothing of other bodies'.
    another = Partner(shared_service, [review.area], ["publications"])
    for reader, its in ((partner, [pull]), (another, [])):
        assert reader.read("/v1/pulls")["items"] == its
        assert [row["agreement"] for row in reader.read("/v1/sharing-agreements")["items"]] == [reader.agreement]
        assert reader.read("/v1/sharing-agreements", body="auditor")["items"] == []
    # An auditor's own pull is on record as well.
    auditor.get("/v1/feed", after=before, limit=1)
    eventually(lambda: auditor.read("/v1/pulls", body="auditor", sort="-position")["items"][0]["after"] == before)


def test_only_the_auditor_reads_the_feed_without_an_agreement(shared_service: Service) -> None:  # §8
    assert Person(shared_service, "auditor").get("/v1/feed").status_code == 200
    for role in sorted(ROLES - {"auditor"}):
        refused = Person(shared_service, role).get("/v1/feed")
        assert (refused.status_code, refused.json()["code"]) == (403, "no-agreement-in-force"), role


def test_the_batch_and_the_lines_hold_the_same_records(shared_service: Service) -> None:
    review = Review(shared_service)
    partner = Partner(shared_service, [review.area], ["review-progress"])
    awkward = 'A "quoted" back\\slash, a\ttab,\na line feed and Gàidhlig'
    review.lead.do("/v1/reviews", announcement(review.area, title=awkward), seen=None)
    review.notify()
    question = {"limit": head(shared_service) - partner.position}
    batch, lines = partner.pull(BATCH, **question), partner.pull(NDJSON, **question)
    assert batch.headers["content-type"] == BATCH
    assert lines.headers["content-type"] == NDJSON
    assert [json.loads(line) for line in lines.text.splitlines()] == batch.json()
    assert batch.json()[0]["data"]["title"] == awkward
    # Byte for byte what is in the ledger.
    history = review.lead.get(f"{review.part()}/history").text
    assert any(line in history for line in lines.text.splitlines())


def test_a_full_page_is_immutable_and_a_page_at_the_end_is_not_kept(shared_service: Service) -> None:
    review = Review(shared_service)
    partner = Partner(shared_service, [review.area], ["review-progress"])
    review.plan()
    full, rest = partner.pull(limit=2), partner.pull()
    assert full.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert rest.headers["cache-control"] == "private, no-store"
    review.notify()
    assert partner.pull(limit=2).content == full.content
    assert full.headers["vary"] == "Accept, Authorization"
    following = partner.get(full.links["next"]["url"])
    assert following.status_code == 200
    assert following.links["next"]["url"].startswith(f"/v1/feed?after={partner.position + 4}")


def test_what_the_feed_cannot_be_sent_as_is_told(shared_service: Service) -> None:
    partner = Partner(shared_service, [fresh_area()], ["publications"])
    refused = partner.pull("text/html")
    assert (refused.status_code, refused.json()["code"]) == (406, "not-acceptable")
    assert partner.pull("application/*;q=0.5").headers["content-type"] == BATCH
    assert partner.pull(limit=1001).status_code == 422
    assert partner.pull(NDJSON, limit=10_001).status_code == 422
    assert partner.pull(NDJSON, limit=10_000).status_code == 200


def in_progress(service: Service) -> int:
    """How many requests are being answered, beside the one that asks."""
    for line in httpx.get(f"{service.url}/metrics", trust_env=False).text.splitlines():
        if line.startswith("scrutiny_http_requests_in_progress "):
            return int(float(line.split()[1])) - 1
    raise AssertionError("the metrics do not say")


def test_a_long_poll_wakes_on_what_it_may_see_and_sleeps_through_the_rest(shared_service: Service) -> None:
    review = Review(shared_service)
    partner = Partner(shared_service, [review.area], ["review-progress"])
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(partner.pull, timeout=25)
        eventually(lambda: in_progress(shared_service) == 1)
        review.lead.do(f"{review.path}/documents", {"code": "d", "title": "D", "due_on": "2024-08-27"})
        assert not waiting.done(), "a document on the list is not in the agreement"
        began = time.monotonic()
        review.notify()
        answer = waiting.result(timeout=10)
    assert time.monotonic() - began < 5
    assert "participation.notified" in kinds_of(answer.json())


def test_a_poll_in_vain_says_how_far_it_looked(shared_service: Service) -> None:
    partner = Partner(shared_service, [fresh_area()], ["review-progress"])
    answer = partner.pull(timeout=1)
    assert (answer.status_code, answer.json()) == (200, [])
    assert int(answer.headers["feed-next"]) == partner.position


def test_an_auditor_who_follows_the_feed_is_not_woken_by_the_record_of_their_own_pulls(shared_service: Service) -> None:
    auditor = Person(shared_service, "auditor")
    position = int(auditor.get("/v1/feed", after=head(shared_service)).headers["feed-next"])
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(auditor.get, "/v1/feed", after=position, timeout=25)
        eventually(lambda: in_progress(shared_service) == 1)
        assert not waiting.done()
        Review(shared_service)
        answer = waiting.result(timeout=10)
    # What woke nobody is shown all the same: an auditor sees everything.
    assert kinds_of(answer.json()) == [PULLED, "review.announced"]


def test_an_agreement_that_ends_while_the_partner_waits_discloses_nothing_more(shared_service: Service) -> None:
    review = Review(shared_service)
    partner = Partner(shared_service, [review.area], ["review-progress"])
    ended = {"ends_on": "2024-06-01", "reason": "Ended"}
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(partner.pull, timeout=25)
        eventually(lambda: in_progress(shared_service) == 1)
        partner.records.do(f"/v1/sharing-agreements/{partner.agreement}/ends", ended)
        review.notify()
        refused = waiting.result(timeout=10)
    assert (refused.status_code, refused.json()["code"]) == (403, "no-agreement-in-force")
