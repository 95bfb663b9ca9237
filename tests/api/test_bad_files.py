"""A file that is not what it says, or cannot be kept or read, is refused by a problem, and nothing is recorded."""

from __future__ import annotations

import hashlib
import io
import zipfile
from uuid import uuid4

import pytest

from tests.api.answers import is_problem
from tests.api.people import PDF, Review, head, stored_file
from tests.service import Service

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"


@pytest.fixture(scope="module")
def review(shared_service: Service) -> Review:
    return Review(shared_service)


def archive(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return packed.getvalue()


def encrypted(content: bytes) -> bytes:
    """The same archive with every member marked as encrypted."""
    marked = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(signature)
        while at >= 0:
            marked[at + offset] |= 1
            at = marked.find(signature, at + 1)
    return bytes(marked)


def spoilt(content: bytes, text: bytes) -> bytes:
    return content.replace(text, b"\xff" * len(text))


BOMB = archive(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"\0" * 20_000_000})
LETTER = archive(mimetype=ODT.encode())
FILES = {
    "a zip bomb": (415, "attachment-mislabelled", BOMB, DOCX),
    "a text that says it is a PDF": (415, "attachment-mislabelled", b"Dear colleague,", "application/pdf"),
    "a program that says it is a PDF": (415, "attachment-mislabelled", b"MZ\x90\0" * 100, "application/pdf"),
    "an archive that says it is a document": (415, "attachment-mislabelled", archive(a=b"b"), DOCX),
    "bytes that say they are text": (415, "attachment-mislabelled", b"\xff\xfe\x00", "text/plain"),
    "an archive that is cut short": (415, "attachment-mislabelled", BOMB[:-30], DOCX),
    "an encrypted archive": (415, "attachment-mislabelled", encrypted(LETTER), ODT),
    "an archive with a spoilt directory": (415, "attachment-mislabelled", spoilt(LETTER, b"PK\x01\x02"), ODT),
    "an archive with spoilt content": (415, "attachment-mislabelled", LETTER[:40] + b"\xff" * 8 + LETTER[48:], ODT),
    "an empty file": (422, "attachment-empty", b"", "application/pdf"),
    "a type that is not taken": (415, "unsupported-media-type", PDF, "application/x-msdownload"),
    "a file over the limit": (413, "body-too-large", b"%PDF-1.7" + b"x" * 26 * 1024 * 1024, "application/pdf"),
}


@pytest.mark.parametrize(("status", "code", "content", "media"), FILES.values(), ids=FILES.keys())
def test_a_file_that_is_not_what_it_says_is_refused(
    review: Review, shared_service: Service, status: int, code: str, content: bytes, media: str
) -> None:
    before = head(shared_service)
    is_problem(review.coordinator.upload(review.area, content, media), status, code)
    assert head(shared_service) == before


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "C:%5Cnames.pdf", "a%00b.pdf", "a%0Ab.pdf", "x" * 256])
def test_a_file_name_with_folders_or_control_characters_is_refused(
    review: Review, shared_service: Service, name: str
) -> None:
    before = head(shared_service)
    is_problem(review.coordinator.upload(review.area, name=name), 422, "file-name-invalid")
    assert head(shared_service) == before


def test_a_file_whose_bytes_cannot_be_read_is_a_problem_and_no_broken_answer(
    review: Review, shared_service: Service
) -> None:
    content = PDF + uuid4().bytes
    received = review.coordinator.upload(review.area, content)
    digest = hashlib.sha256(content).hexdigest()
    stored_file(shared_service, received.json()).unlink()
    answer = review.coordinator.get(f"{received.headers['location']}/content")
    is_problem(answer, 503, "unavailable")
    assert digest not in answer.text
