"""What every worker shares: the event that is appended, the arguments, and the one line of JSON that is printed."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

EVENT = json.loads((Path(__file__).parent / "event.json").read_text())
DATA = json.dumps(EVENT["data"], separators=(",", ":"))  # 500 bytes
METADATA = json.dumps(EVENT["metadata"], separators=(",", ":"))  # about 130 bytes


def arguments(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--uri", required=True, help="of a database that this worker may fill with tables of its own")
    parser.add_argument("--callers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3)
    return parser


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; zero when there are none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def report_appends(name: str, callers: int, seconds: float, latencies: Sequence[float]) -> None:
    """Print the line of an append worker. Latencies are in seconds, one for each append that ended in time."""
    ordered = sorted(latencies)
    report(
        name,
        callers=callers,
        appends_per_second=round(len(ordered) / seconds, 1),
        p50_ms=round(percentile(ordered, 0.5) * 1000, 3),
        p99_ms=round(percentile(ordered, 0.99) * 1000, 3),
    )


def report(name: str, **figures: float) -> None:
    print(json.dumps({"name": name, **figures}), flush=True)
