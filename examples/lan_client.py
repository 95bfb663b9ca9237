"""Keep a copy of what a sharing agreement discloses: follow the feed and append each record to a file, one JSON a line.

    SCRUTINY_TOKEN=… python lan_client.py http://127.0.0.1:8000 feed.ndjson [--once]

The file is the whole state. Its last complete line tells how far we are, so the client may be killed at any moment and
started again: nothing is lost and nothing stands twice. A line torn by a crash is cut off and fetched again. What the
agreement withholds is no silence but a line of type `ledger.withheld`, from one position to another. A page counts
only when it is on the disk. Without `--once` it stays and waits for what is new (long poll). Needs httpx, and Unix
for the lock that keeps a second client off the file.
"""

import argparse
import fcntl
import json
import os
import sys
import time
from typing import BinaryIO

import httpx

TAIL = 2 << 20  # bytes; a record has 64 KiB at the most, so the last complete line is within
WAIT = 30  # seconds that the service may hold a request until something is new


def position(line: bytes) -> int:
    """The ledger position that a line brings us to."""
    record = json.loads(line)
    return int(record["data"]["to"] if record["type"] == "ledger.withheld" else record["position"])


def resume(file: BinaryIO) -> int:
    """Cut off a torn last line, and tell the position to go on from."""
    start = max(0, file.seek(0, os.SEEK_END) - TAIL)
    file.seek(start)
    tail = file.read()
    whole = tail.rfind(b"\n") + 1
    file.truncate(start + whole)
    file.seek(start + whole)
    return position(tail[:whole].splitlines()[-1]) if whole else 0


def follow(client: httpx.Client, file: BinaryIO, limit: int, once: bool) -> None:
    """Append page after page; return when all is there (`once`), or never."""
    reached = resume(file)
    say(f"following from position {reached}")
    while True:
        answer = client.get("/v1/feed", params={"after": reached, "limit": limit, "timeout": 0 if once else WAIT})
        answer.raise_for_status()
        if answer.content:
            file.write(answer.content)  # whole lines: httpx raises if the answer breaks off
            file.flush()
            os.fsync(file.fileno())
            reached = position(answer.content.splitlines()[-1])
        if once and reached >= int(answer.headers["ledger-position"]):
            return say(f"up to date at position {reached}")


def explain(error: httpx.HTTPError) -> float | None:
    """Say what is wrong; the seconds after which another try may succeed, None if it cannot."""
    if not isinstance(error, httpx.HTTPStatusError):
        say(f"the service does not answer: {str(error) or type(error).__name__}")
        return 5.0
    answer = error.response
    problem = answer.json() if answer.headers.get("content-type") == "application/problem+json" else {}
    say(f"{answer.status_code}: {problem.get('detail') or problem.get('title')} — {problem.get('remedy', '')}")
    busy = answer.status_code == 429 or answer.status_code >= 500
    return float(answer.headers.get("retry-after", 5)) if busy else None


def run(client: httpx.Client, file: BinaryIO, limit: int, once: bool) -> int:
    """Follow until done, through restarts of the service. The process's exit code."""
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    while True:
        try:
            follow(client, file, limit, once)
            return 0
        except httpx.HTTPError as error:
            pause = explain(error)
            if pause is None or once:
                return 1
            say(f"trying again in {pause:.0f} s")
            time.sleep(pause)


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where the service is")
    parser.add_argument("file", help="the file to append to; made if it is not there")
    parser.add_argument("--token", default=os.environ.get("SCRUTINY_TOKEN"), help="access token; else SCRUTINY_TOKEN")
    parser.add_argument("--limit", type=int, default=1000, help="positions a page (1000)")
    parser.add_argument("--once", action="store_true", help="stop when everything is there")
    given = parser.parse_args()
    if not given.token:
        parser.error("give an access token by --token or in SCRUTINY_TOKEN")
    headers = {"Authorization": f"Bearer {given.token}", "Accept": "application/x-ndjson"}
    try:
        with (
            open(os.open(given.file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file,
            httpx.Client(base_url=given.url, headers=headers, timeout=2 * WAIT) as client,
        ):
            return run(client, file, given.limit, given.once)
    except BlockingIOError:
        say(f"another client is writing {given.file}")
    except OSError as error:
        say(f"{given.file} cannot be written: {error.strerror}")
    except (ValueError, KeyError, TypeError):
        say(f"{given.file} does not end with a line of a feed; move it away to begin anew")
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
