"""`make bench`: ours beside its peers and the raw database, in interleaved rounds on one PostgreSQL; ratios of medians.

The machine's speed moves, so a ratio is taken within each round and the median of the rounds is printed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks import feed, http_load, pg, year

HERE = Path(__file__).parent
PEERS_PYTHON = str(HERE / "peers" / ".venv" / "bin" / "python")
PARTS = ("append", "pgbench", "http", "feed", "rebuild", "fold", "year")
Row = tuple[str, str, float, str]
console = Console()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"which to run: {', '.join(PARTS)}; all, unless given")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (default 3)")
    parser.add_argument("--seconds", type=float, default=3, help="length of each measurement (default 3)")
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the feed, the rebuild and the lists")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if not Path(PEERS_PYTHON).exists():
        subprocess.run([str(HERE / "peers" / "install.sh")], check=True)
    server = pg.start()
    table = Table("what", "figures (medians)", "ratio", "bar", title=f"medians of {given.rounds} interleaved rounds")
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console) as progress:
        bench = Bench(server, given.rounds, given.seconds, given.events, progress)
        for part in given.parts or PARTS:
            for what, figures, ratio, bar in getattr(bench, part)():
                met = "" if bar == "" else "[green]" if ratio >= float(bar) else "[red]"
                table.add_row(what, figures, f"{met}{ratio:.2f}", bar)
    console.print(table)


class Bench:
    """The parts, each giving rows of the table: what, figures, ratio, bar."""

    def __init__(self, server: pg.Server, rounds: int, seconds: float, events: int, progress: Progress) -> None:
        self.server, self.rounds, self.seconds, self.events, self.progress = server, rounds, seconds, events, progress

    def append(self) -> Iterable[Row]:
        """`ledger.append` with everything, against the best ordered peer of each round."""
        uris = {
            name: self.server["create_database"](f"append_{name}") for name in ("ours", "message_db", "emmett", "es")
        }
        bars = {(1, 1): "1", (8, 1): "3", (32, 1): "7", (512, 1): "10", (32, 4): "5"}
        ratios: dict[tuple[int, int], list[float]] = {case: [] for case in bars}
        shown: dict[tuple[int, int], list[tuple[float, float]]] = {case: [] for case in bars}
        for number in range(self.rounds):
            best: dict[int, float] = {}
            for callers in (1, 8, 32, 512):
                peers = [
                    self._rate(["node", str(HERE / "peers/node/message_db.mjs")], uris["message_db"], callers),
                    self._rate(["node", str(HERE / "peers/node/emmett.mjs")], uris["emmett"], callers),
                    self._rate([PEERS_PYTHON, "-m", "benchmarks.peers.eventsourcing_peer"], uris["es"], callers),
                ]
                best[callers] = max(peers)
                for case in [case for case in bars if case[0] == callers]:
                    self._say(f"append, round {number + 1}: {callers} callers, {case[1]} processes")
                    ours = self._rate(
                        [sys.executable, "-m", "benchmarks.ours", "--processes", str(case[1])], uris["ours"], callers
                    )
                    ratios[case].append(ours / best[callers])
                    shown[case].append((ours, best[callers]))
        for case, bar in bars.items():
            ours, peer = median(o for o, _ in shown[case]), median(p for _, p in shown[case])
            processes = "" if case[1] == 1 else f", {case[1]} processes"
            yield (
                f"append, {case[0]} callers{processes}",
                f"{ours:,.0f}/s · best peer {peer:,.0f}/s",
                median(ratios[case]),
                bar,
            )

    def pgbench(self) -> Iterable[Row]:
        """128 callers against pgbench's 8 clients with one such row a transaction."""
        ours_uri, raw_uri = self.server["create_database"]("raw_ours"), self.server["create_database"]("raw")
        ratios, ours_all, raw_all = [], [], []
        for number in range(self.rounds):
            self._say(f"pgbench, round {number + 1}")
            ours = self._rate([sys.executable, "-m", "benchmarks.ours"], ours_uri, 128)
            raw = self._rate(
                [sys.executable, "-m", "benchmarks.peers.raw", "--bin", self.server["bin"], "pgbench"], raw_uri, 8
            )
            ratios.append(ours / raw)
            ours_all.append(ours)
            raw_all.append(raw)
        yield (
            "append, 128 callers vs pgbench, 8 clients",
            f"{median(ours_all):,.0f}/s · {median(raw_all):,.0f}/s",
            median(ratios),
            "2",
        )

    def http(self) -> Iterable[Row]:
        """The whole command and the single read, against bare FastAPI routes."""
        self._say("HTTP")
        figures = http_load.compare(self.server["create_database"], self.rounds, self.seconds)
        for connections, bars in ((16, ("1.2", "1", "1.5")), (64, ("1.5", "1", "1.5"))):
            pairs = (("command", "bare insert"), ("read", "bare select"), ("revalidate", "bare select"))
            for (ours, bare), bar in zip(pairs, bars, strict=True):
                mine = _of(figures, ours, connections, "requests_per_second")
                theirs = _of(figures, bare, connections, "requests_per_second")
                ratio = median(m / t for m, t in zip(mine, theirs, strict=True))
                late = median(_of(figures, ours, connections, "p99_ms"))
                text = f"{median(mine):,.0f}/s · {bare} {median(theirs):,.0f}/s · p99 {late:.1f} ms"
                yield f"HTTP {ours}, {connections} connections", text, ratio, bar

    def feed(self) -> Iterable[Row]:
        """The feed against COPY."""
        self._say(f"feed of {self.events:,} events")
        psql = str(Path(self.server["bin"]) / "psql")
        found = feed.compare(self.server["create_database"], psql, self.events, self.rounds)
        ratio = median(o / p for o, p in zip(found["ours"], found["psql"], strict=True))
        text = (
            f"{median(found['ours']):,.0f}/s · psql COPY {median(found['psql']):,.0f}/s · "
            f"+{found['added_mib']:.1f} MiB (bar 16) · a left query ends after {found['query_ends_after_ms']:.0f} ms"
        )
        yield "feed, NDJSON", text, ratio, "0.9"

    def rebuild(self) -> Iterable[Row]:
        """Rebuilding a projection against ProjectionRunner, and against merely reading and parsing."""
        self._say(f"rebuild over {self.events:,} events")
        ours = self._run(
            [sys.executable, "-m", "benchmarks.ours", "--rebuild", str(self.events)],
            self.server["create_database"]("rebuild"),
        )
        runner = [PEERS_PYTHON, "-m", "benchmarks.peers.eventsourcing_peer", "--rebuild", "3000"]
        peers = [
            self._run(runner, self.server["create_database"]("rebuild_es"))["events_per_second"]
            for _ in range(self.rounds)
        ]
        rate, read, peer = ours["rebuild_per_second"], ours["read_and_parse_per_second"], median(peers)
        yield "rebuild vs ProjectionRunner", f"{rate:,.0f}/s · {peer:,.0f}/s", rate / peer, "40"
        yield "rebuild vs read and parse", f"{rate:,.0f}/s · {read:,.0f}/s", rate / read, "0.6"

    def fold(self) -> Iterable[Row]:
        """The fold of a stream of 1,000 events from the database."""
        databases = {name: self.server["create_database"](f"fold_{name}") for name in ("ours", "mdb", "emmett", "es")}
        ours, best = [], []
        for number in range(self.rounds):
            self._say(f"fold, round {number + 1}")
            ours.append(
                self._run([sys.executable, "-m", "benchmarks.ours", "--fold", "1000"], databases["ours"])["fold_ms"]
            )
            peers = (
                (["node", str(HERE / "peers/node/message_db.mjs"), "--fold", "1000"], databases["mdb"]),
                (["node", str(HERE / "peers/node/emmett.mjs"), "--fold", "1000"], databases["emmett"]),
                ([PEERS_PYTHON, "-m", "benchmarks.peers.eventsourcing_peer", "--fold", "1000"], databases["es"]),
            )
            best.append(min(self._run(command, uri)["ms"] for command, uri in peers))
        ratio = median(b / o for o, b in zip(ours, best, strict=True))
        yield "fold of 1,000 events", f"{median(ours):.1f} ms (bar 15) · best peer {median(best):.1f} ms", ratio, "1"

    def year(self) -> Iterable[Row]:
        """All read models over a year of the country, and what people open daily; the ratio is the bar to the time."""
        self._say(f"a year of the country, then {self.events:,} events of it")
        found = year.compare(self.server["create_database"], 20_000, self.events, 200)
        filled = found["fill_seconds"]
        yield "all read models, 20,000 events", f"{filled:.2f} s (bar 2 s)", 2 / filled, "1"
        for what, times in found["times_ms"].items():
            middle, late = times[len(times) // 2], times[len(times) * 99 // 100]
            text = f"{middle:.1f} ms · p99 {late:.1f} ms (bar 10 ms)"
            yield f"{what}, {self.events:,} events", text, 10 / middle, "1"

    def _rate(self, command: list[str], uri: str, callers: int) -> float:
        extra = ["--callers", str(callers), "--seconds", str(self.seconds)]
        return float(self._run([*command, *extra], uri)["appends_per_second"])

    def _run(self, command: list[str], uri: str) -> dict[str, Any]:
        done = subprocess.run([*command, "--uri", uri], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
        figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return figures

    def _say(self, what: str) -> None:
        for task in self.progress.task_ids:
            self.progress.remove_task(task)
        self.progress.add_task(what, total=None)


def _of(figures: list[dict[str, Any]], name: str, connections: int, field: str) -> list[float]:
    return [f[field] for f in figures if f["name"] == name and f["connections"] == connections]


if __name__ == "__main__":
    main()
