"""Attachments: real files, with limits on size and type, whose hash and name are sealed."""

from dataclasses import replace
from uuid import UUID

from app.domain.attachments import (
    MIB,
    AttachmentAlreadyReceived,
    AttachmentLimits,
    AttachmentTooLarge,
    AttachmentWasErased,
    EraseAttachment,
    MediaTypeNotTaken,
    ReceiveAttachment,
)
from app.events.attachments import AttachmentErased, AttachmentReceived
from app.ledger.events import Sealed
from tests.domain.dsl import ABERDEEN, given

HASH = "ab" * 32
receive = ReceiveAttachment(UUID(int=1), ABERDEEN, "application/pdf", 1024, HASH, "policy.pdf")
received = AttachmentReceived(ABERDEEN, "application/pdf", 1024, Sealed(HASH), Sealed("policy.pdf"))


def test_a_file_is_received_with_its_hash_and_name_sealed() -> None:  # R20
    given().when(receive).then(received)
    given().when(replace(receive, filename=None)).then(
        AttachmentReceived(ABERDEEN, "application/pdf", 1024, Sealed(HASH), None)
    )


def test_a_file_is_received_once_under_its_identifier_since_another_name_would_be_lost() -> None:  # R20
    given(received).when(receive).then_refused(AttachmentAlreadyReceived)


def test_another_file_under_the_same_identifier_is_refused() -> None:  # R20
    given(received).when(replace(receive, size=2048)).then_refused(AttachmentAlreadyReceived)


def test_a_file_over_the_limit_is_refused() -> None:  # R20
    given().when(replace(receive, size=25 * MIB + 1)).then_refused(AttachmentTooLarge)
    given(facts=AttachmentLimits(max_bytes=1024)).when(receive).then(received)
    given(facts=AttachmentLimits(max_bytes=1000)).when(receive).then_refused(AttachmentTooLarge)


def test_a_file_of_a_type_that_is_not_taken_is_refused() -> None:  # R20
    given().when(replace(receive, media_type="application/x-msdownload")).then_refused(MediaTypeNotTaken)


def test_a_file_is_erased_once_for_one_reason() -> None:  # §8
    erase, erased = EraseAttachment("returned-in-error"), AttachmentErased("returned-in-error")
    given(received).when(erase).then(erased)
    given(received, erased).when(erase).then_nothing()
    given(received, erased).when(EraseAttachment("court-order")).then_refused(AttachmentWasErased)
