"""What PostgreSQL does with no event store on top: rows by pgbench, lines by psql COPY, and read plus parse in Python.

These are floors and ceilings to compare with, not peers: no version is checked and no order is promised.
"""

import asyncio
import os
import subprocess
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import asyncpg
import msgspec

from benchmarks.peers.figures import DATA, METADATA, arguments, report, report_appends

SCRIPTS = Path(__file__).parent / "pgbench"

# A million lines as a feed would send them, written by PostgreSQL itself; the number makes each line differ.
SEED = """
create table if not exists ready_line (position bigint primary key, line text not null);
truncate ready_line;
insert into ready_line
select position, '{"position":' || position || ',"data":' || $data$%s$data$ || ',"metadata":' || $data$%s$data$ || '}'
from generate_series(1, %d) position;
"""


def pgbench(uri: str, bin_folder: str, callers: int, seconds: float) -> list[float]:
    """One row of about 630 bytes per transaction; each client has a stream of its own. Latencies in seconds."""
    psql(uri, bin_folder, "-f", str(SCRIPTS / "schema.sql"))
    body = f'{{"data":{DATA},"metadata":{METADATA}}}'
    with tempfile.TemporaryDirectory() as folder:
        command = [f"{bin_folder}/pgbench", "--no-vacuum", "--protocol=prepared", f"--file={SCRIPTS / 'append.sql'}"]
        variables = ["-D", "version=0", "-D", f"run={uuid4()}", "-D", f"body={body}"]
        size = [f"--client={callers}", f"--jobs={min(callers, 2)}", f"--time={max(1, round(seconds))}"]
        log = ["--log", f"--log-prefix={folder}/log"]
        subprocess.run([*command, *variables, *size, *log, uri], check=True, capture_output=True)
        lines = [line for file in Path(folder).iterdir() for line in file.read_text().splitlines()]
    return [int(line.split()[2]) / 1_000_000 for line in lines]


def seed(uri: str, bin_folder: str, rows: int) -> None:
    """Fill the table of ready lines, unless it holds so many already."""
    count = "select coalesce((select max(position) from ready_line), 0)"
    exists = psql(uri, bin_folder, "-Atc", "select to_regclass('ready_line') is not null") == "t"
    if not exists or int(psql(uri, bin_folder, "-Atc", count)) != rows:
        psql(uri, bin_folder, "-c", SEED % (DATA, METADATA, rows))
        psql(uri, bin_folder, "-c", "vacuum (analyze) ready_line")


def copy(uri: str, bin_folder: str) -> float:
    """Seconds in which psql writes all ready lines, in order."""
    query = "copy (select line from ready_line order by position) to stdout"
    started = time.perf_counter()
    subprocess.run([f"{bin_folder}/psql", "-qX", "-c", query, uri], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


async def read(uri: str, batch: int = 5_000) -> float:
    """Seconds in which one connection reads all lines, by key, and parses each."""
    connection = await asyncpg.connect(uri)
    parse = msgspec.json.Decoder().decode
    started = time.perf_counter()
    position = 0
    while rows := await connection.fetch(
        "select position, line from ready_line where position > $1 order by position limit $2", position, batch
    ):
        for row in rows:
            parse(row[1])
        position = rows[-1][0]
    elapsed = time.perf_counter() - started
    await connection.close()
    return elapsed


def psql(uri: str, bin_folder: str, *options: str) -> str:
    command = [f"{bin_folder}/psql", "-qX", "-v", "ON_ERROR_STOP=1", *options, uri]
    quiet = os.environ | {"PGOPTIONS": "-c client_min_messages=warning"}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=quiet).stdout.strip()


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("what", choices=["pgbench", "copy", "read"])
    parser.add_argument("--bin", required=True, help="folder of pgbench and psql")
    parser.add_argument("--rows", type=int, default=1_000_000, help="lines to copy or read")
    options = parser.parse_args()
    match options.what:
        case "pgbench":
            latencies = pgbench(options.uri, options.bin, options.callers, options.seconds)
            report_appends("pgbench", options.callers, max(1, round(options.seconds)), latencies)
        case "copy":
            seed(options.uri, options.bin, options.rows)
            seconds = copy(options.uri, options.bin)
            report("psql copy", rows=options.rows, rows_per_second=round(options.rows / seconds))
        case "read":
            seed(options.uri, options.bin, options.rows)
            seconds = asyncio.run(read(options.uri))
            report("asyncpg read and parse", rows=options.rows, rows_per_second=round(options.rows / seconds))


if __name__ == "__main__":
    main()
