"""What becomes of the files that areas return: each kept once, and erased for good where it must be."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from typer.testing import CliRunner

from app.cli import app
from tests.api.answers import is_problem
from tests.api.people import PDF, Person, Review, SelfEvaluations, fresh_area, stored_file
from tests.api.test_journeys import returning
from tests.ledger.support import APPEND_LOCK
from tests.service import Service

IN_ERROR = {"reason": "returned-in-error"}
CUT_WHO_WAITS = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted LIMIT 1"
"""Ends the connection of an append that waits for its turn; false or nothing while none does."""


@pytest.fixture(scope="module")
def review(shared_service: Service) -> Review:
    review = Review(shared_service)
    review.plan()
    review.notify()
    return review


def path_of(file: dict[str, Any]) -> str:
    return f"/v1/areas/{file['area']}/attachments/{file['attachment']}"


def test_an_erased_file_is_gone_for_good_and_that_it_came_stays_on_record(  # §8
    review: Review, shared_service: Service
) -> None:
    file, equal = (review.coordinator.upload(review.area, name="policy.pdf").json() for _ in range(2))
    review.coordinator.do(f"{review.part()}/document-returns", returning(file["attachment"], "2024-08-20"))
    (received,) = review.lead.read(f"{path_of(file)}/history")["items"]

    erased = review.lead.do(f"{path_of(file)}/erasures", IN_ERROR)
    assert erased["erased"] == "returned-in-error"
    assert {*erased["sha256"], *erased["filename"]} == {"sealed"}
    assert not stored_file(shared_service, file).exists()
    for person in (review.coordinator, review.lead, Person(shared_service, "auditor")):
        assert person.get(f"{path_of(file)}/content").status_code == 404
    recorded, erasure = review.lead.read(f"{path_of(file)}/history")["items"]
    assert (recorded["id"], recorded["data"]["size"]) == (received["id"], len(PDF))
    assert erasure["type"] == "attachment.erased"
    assert review.coordinator.read(review.part())["documents"][0]["attachments"] == [file["attachment"]]

    # A file of the same bytes is another file.
    assert review.coordinator.get(f"{path_of(equal)}/content").content == PDF
    again = review.coordinator.post(f"{review.part()}/document-returns", returning(file["attachment"], "2024-08-21"))
    is_problem(again, 409, "attachment-erased")


def test_the_right_survey_report_or_letter_is_sent_once_the_wrong_file_is_erased(  # R5, R22, §8
    shared_service: Service,
) -> None:
    review, exercise = Review(shared_service), SelfEvaluations(shared_service, fresh_area())
    review.plan()
    review.notify()
    review.lead.do(f"{review.path}/publications", {"title": "National report", "occurred_at": "2025-03-17T09:00:00Z"})
    exercise.submit()
    exercise.select(exercise.area)
    lead, at = review.lead, {"occurred_at": "2025-03-18T09:00:00Z"}
    for area, path, code in (
        (review.area, f"{review.part()}/local-survey-reports", "survey-report-already-provided"),
        (exercise.area, f"{exercise.part()}/validation/letters", "letter-already-sent"),
    ):
        wrong, right = (lead.upload(area).json() for _ in range(2))
        lead.do(path, at | {"attachment": wrong["attachment"]})
        is_problem(lead.post(path, at | {"attachment": right["attachment"]}), 409, code)
        lead.do(f"{path_of(wrong)}/erasures", IN_ERROR)
        sent = lead.do(path, at | {"attachment": right["attachment"]})
        assert right["attachment"] in (sent.get("survey_report"), sent.get("letter"))


def test_whoever_repeats_an_erasure_finishes_what_a_crash_left(review: Review, shared_service: Service) -> None:  # §8
    file, key = review.coordinator.upload(review.area).json(), str(uuid4())
    assert review.lead.post(f"{path_of(file)}/erasures", IN_ERROR, key=key).status_code == 200
    stored_file(shared_service, file).write_bytes(PDF)  # as if it had ended before the bytes went
    assert review.lead.post(f"{path_of(file)}/erasures", IN_ERROR, key=key).status_code == 200
    assert not stored_file(shared_service, file).exists()


def test_only_the_review_team_erases_a_file(review: Review, shared_service: Service) -> None:  # §8
    file = review.coordinator.upload(review.area).json()
    for person in (review.coordinator, Person(shared_service, "link-inspector", review.area)):
        assert person.post(f"{path_of(file)}/erasures", IN_ERROR).status_code == 403
    assert Person(shared_service, "administrator").post(f"{path_of(file)}/erasures", IN_ERROR).status_code == 404
    assert review.coordinator.get(f"{path_of(file)}/content").content == PDF


def test_an_upload_that_is_sent_again_or_refused_leaves_no_second_file(shared_service: Service) -> None:  # R20
    review, key = Review(shared_service), str(uuid4())
    area = f"/v1/areas/{review.area}/attachments"
    headers = {"Idempotency-Key": key, "Content-Type": "application/pdf"}
    first, again = (review.coordinator.http.post(area, content=PDF, headers=headers) for _ in range(2))
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    is_problem(review.coordinator.http.post(area, content=PDF + b"\n", headers=headers), 422, "idempotency-key-reused")
    kept: Path = stored_file(shared_service, first.json())
    assert list(kept.parent.iterdir()) == [kept]


async def test_an_upload_that_succeeds_at_the_second_try_leaves_one_file(service: Service) -> None:  # R20, §8
    review, headers = Review(service), {"Idempotency-Key": str(uuid4()), "Content-Type": "application/pdf"}

    def upload() -> httpx.Response:
        return review.coordinator.http.post(f"/v1/areas/{review.area}/attachments", content=PDF, headers=headers)

    other = await asyncpg.connect(service.dsn)
    async with other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock($1)", APPEND_LOCK)
        uploading = asyncio.create_task(asyncio.to_thread(upload))
        async with asyncio.timeout(30):
            while not await other.fetchval(CUT_WHO_WAITS):
                pass
        assert (await uploading).status_code == 503
    await other.close()
    kept = upload()
    assert kept.status_code == 201, kept.text
    path: Path = stored_file(service, kept.json())
    assert list(path.parent.iterdir()) == [path]
    review.lead.do(f"{path_of(kept.json())}/erasures", IN_ERROR)
    assert list(path.parent.iterdir()) == []


def test_stored_bytes_that_no_record_speaks_for_are_swept(review: Review, shared_service: Service) -> None:  # R20, §8
    kept, erased = (stored_file(shared_service, review.coordinator.upload(review.area).json()) for _ in range(2))
    review.lead.do(f"/v1/areas/{review.area}/attachments/{erased.name}/erasures", IN_ERROR)
    left, fresh = (kept.with_name(str(uuid4())) for _ in range(2))
    for file in (erased, left, fresh):  # as by a crash before the deletion, before the record, and a moment ago
        file.write_bytes(PDF)
    two_days_ago = time.time() - 2 * 24 * 3600
    for file in (kept, erased, left):
        os.utime(file, (two_days_ago, two_days_ago))
    options = ["sweep", "--data", str(shared_service.data), "--database-url", shared_service.dsn]
    listed = CliRunner().invoke(app, options)
    assert listed.stdout.split() == sorted(f"{review.area}/{file.name}" for file in (erased, left))
    assert erased.exists()
    destroyed = CliRunner().invoke(app, [*options, "--destroy"])
    assert destroyed.exit_code == 0, destroyed.output
    assert [file.exists() for file in (kept, fresh, erased, left)] == [True, True, False, False]


def test_a_store_of_which_the_ledger_knows_nothing_is_not_swept(service: Service) -> None:  # R20
    other = service.data / "objects" / "S12000033" / str(uuid4())
    other.parent.mkdir(parents=True)
    other.write_bytes(PDF)
    os.utime(other, (0, 0))
    options = ["sweep", "--destroy", "--data", str(service.data), "--database-url", service.dsn]
    refused = CliRunner().invoke(app, options)
    assert (refused.exit_code, other.exists()) == (2, True)
    assert "database" in refused.stderr
