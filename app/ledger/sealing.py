"""Sealed fields: the record holds a salted commitment, the value lives beside it, encrypted under its subject's key.

Erasing a data subject (`Append.erases`) destroys the key and the boxes; records, hashes and proofs stay valid.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.ledger.events import Event, EventType, Sealed
from app.ledger.records import canonical

_SALT, _NONCE = 32, 12
_KEYS_KEPT = 20_000


class Box(NamedTuple):
    """A sealed value as stored: AES-256-GCM(salt ‖ canonical value), subject's key, bound to its commitment."""

    commitment: bytes
    key_id: int
    content: bytes


class Opened(NamedTuple):
    """What an entitled reader needs to check one field against the record: value and salt (hexadecimal)."""

    value: Any
    salt: str


class MasterKeyMismatch(Exception):
    """The master key does not open the keys in this database: it is another installation's, or was replaced."""


def commitment(salt: bytes, event_id: str, field: str, value: object) -> bytes:
    """HMAC-SHA256(salt, canonical([event id, field, value])): 32 bytes."""
    return hmac.digest(salt, canonical([event_id, field, value]), "sha256")


class SealedStore:
    """Seals and opens values; keeps the unwrapped keys of recent subjects in memory."""

    def __init__(self, pool: asyncpg.Pool, master_key: bytes) -> None:
        self._pool = pool
        self._master = AESGCM(master_key)
        self._naming = hmac.digest(master_key, b"pseudonyms", "sha256")
        self._keys: dict[str, tuple[int, AESGCM]] = {}

    async def prepare_keys(self, subjects: Iterable[str]) -> None:
        """Bring the subjects' keys into memory, making those that do not exist yet."""
        wanted = dict.fromkeys(subjects)
        # Again while an erasure, here or elsewhere, takes away what was just found.
        while missing := [subject for subject in wanted if subject not in self._keys]:
            fresh = [self._wrap(subject, AESGCM.generate_key(256)) for subject in missing]
            # DO NOTHING leaves a key that another process made first; the second statement reads whichever won.
            await self._pool.execute(
                "INSERT INTO ledger_subject_keys (subject, wrapped) SELECT * FROM unnest($1::text[], $2::bytea[])"
                " ON CONFLICT (subject) DO NOTHING",
                missing,
                fresh,
            )
            rows = await self._pool.fetch(
                "SELECT id, subject, wrapped FROM ledger_subject_keys WHERE subject = ANY($1)", missing
            )
            excess = max(0, len(self._keys) + len(rows) - _KEYS_KEPT)
            for subject in list(islice((known for known in self._keys if known not in wanted), excess)):
                del self._keys[subject]
            for row in rows:
                self._keys[row["subject"]] = (row["id"], self._unwrap(row["subject"], row["wrapped"]))

    def forget(self, subjects: Iterable[str]) -> None:
        """Drop keys from memory: they were erased, here or by another process."""
        for subject in subjects:
            self._keys.pop(subject, None)

    def seal(self, kind: EventType, event: Event, event_id: str, subject: str) -> tuple[Event, list[Box]]:
        """The event with commitments in place of its sealed values, and the boxes to store with it.

        The subject's key must be in memory (`prepare_keys`); raises KeyError otherwise.
        """
        key_id, key = self._keys[subject]
        boxes: list[Box] = []
        replaced: dict[str, Sealed[Any]] = {}
        for field in kind.sealed:
            sealed = getattr(event, field)
            if sealed is None:
                continue
            noise = os.urandom(_SALT + _NONCE)
            salt, nonce = noise[:_SALT], noise[_SALT:]
            commit = commitment(salt, event_id, field, sealed.value)
            boxes.append(Box(commit, key_id, nonce + key.encrypt(nonce, salt + canonical(sealed.value), commit)))
            replaced[field] = Sealed(commitment=commit.hex())
        return msgspec.structs.replace(event, **replaced), boxes

    def pseudonym(self, text: str) -> UUID:
        """A UUID for a text: always the same one, which tells nothing of it to whoever lacks the master key."""
        return UUID(bytes=hmac.digest(self._naming, text.encode(), "sha256")[:16], version=4)

    async def open(self, commitments: Iterable[str]) -> Mapping[str, Opened]:
        """The values and salts behind the commitments; an erased one is absent from the answer."""
        wanted = [bytes.fromhex(commit) for commit in commitments]
        if not wanted:
            return {}
        rows = await self._pool.fetch(
            "SELECT s.commitment, s.box, k.subject, k.wrapped FROM ledger_sealed s"
            " JOIN ledger_subject_keys k ON k.id = s.key_id WHERE s.commitment = ANY($1)",
            wanted,
        )
        opened = {}
        for row in rows:
            key, box, commit = self._unwrap(row["subject"], row["wrapped"]), row["box"], row["commitment"]
            plain = key.decrypt(box[:_NONCE], box[_NONCE:], commit)
            opened[commit.hex()] = Opened(msgspec.json.decode(plain[_SALT:]), plain[:_SALT].hex())
        return opened

    def _wrap(self, subject: str, key: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._master.encrypt(nonce, key, subject.encode())

    def _unwrap(self, subject: str, wrapped: bytes) -> AESGCM:
        try:
            return AESGCM(self._master.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], subject.encode()))
        except InvalidTag:
            raise MasterKeyMismatch(
                "the master key does not open this database's keys; set the key that it was started with"
            ) from None
