"""Whether a file is what it says: its first bytes, and, for the office formats that are ZIP archives, what is inside.

An archive is never unpacked here; its directory tells how large it would become.
"""

from __future__ import annotations

import codecs
import lzma
import struct
import zipfile
import zlib
from typing import IO

import puremagic

HEAD_BYTES = 8192
MOST_MEMBERS = 5_000
MOST_UNPACKED = 250 * 1024 * 1024
MOST_RATIO = 200

_PLAIN = frozenset({"text/plain", "text/csv"})
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_FOLDERS = {"wordprocessingml.document": "word/", "spreadsheetml.sheet": "xl/", "presentationml.presentation": "ppt/"}


def fault(file: IO[bytes], media_type: str) -> str | None:
    """What is wrong with a file that was sent as `media_type`, in words for its sender; None if nothing is."""
    file.seek(0)
    if media_type in _PLAIN:
        return _text_fault(file)
    if media_type.startswith((_OPEN_XML, _OPEN_DOCUMENT)):
        return _archive_fault(file, media_type)
    try:
        kinds = {match.mime_type for match in puremagic.magic_string(file.read(HEAD_BYTES))}
    except (puremagic.PureError, ValueError):
        kinds = set()
    return None if media_type in kinds else f"the file's first bytes are not those of {media_type}"


def _text_fault(file: IO[bytes]) -> str | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while part := file.read(64 * 1024):
            if "\0" in decoder.decode(part):
                return "the file is not text: it holds a NUL byte"
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "the file is not text in UTF-8"
    return None


def _archive_fault(file: IO[bytes], media_type: str) -> str | None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                return f"the archive has more than {MOST_MEMBERS} members"
            unpacked = sum(member.file_size for member in members)
            packed = sum(member.compress_size for member in members)
            if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(packed, 1024):
                return f"the archive would unpack to {unpacked} bytes, far more than a document needs"
            names = [member.filename for member in members]
            if media_type.startswith(_OPEN_DOCUMENT):
                if "mimetype" not in names or archive.getinfo("mimetype").file_size > 200:
                    return f"the archive is not {media_type}"
                told = archive.read("mimetype").decode("ascii", "replace").strip()
                return None if told == media_type else f"the archive is not {media_type}"
    except (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, OSError, zlib.error, lzma.LZMAError, struct.error):
        # Whatever a hostile archive makes the library raise: encrypted, corrupt, cut short, of unknown compression.
        return f"the file is not {media_type}: its archive cannot be read"
    folder = _FOLDERS[media_type.removeprefix(_OPEN_XML)]
    if "[Content_Types].xml" in names and any(name.startswith(folder) for name in names):
        return None
    return f"the archive is not {media_type}"
