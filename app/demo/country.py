"""Scotland's areas and what the review gathered from them: published national figures, spread over the areas.

The national figures and dates are real. How they fall to the areas is invented, by a digest of the area's code.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import StringIO
from typing import Final

# Councils by rough size, so that the invented numbers look plausible; every other one counts as middling.
LARGE: Final = frozenset({"S12000049", "S12000036", "S12000047", "S12000050", "S12000029", "S12000033", "S12000034"})
SMALL: Final = frozenset({"S12000005", "S12000013", "S12000019", "S12000018", "S12000023", "S12000027"})


@dataclass(frozen=True)
class Area:
    """One council area with the partnership that it belongs to."""

    code: str
    name: str
    previous_code: str | None
    partnership: str
    partnership_name: str
    model: str
    health_board: str


def areas() -> list[Area]:
    """The 32 areas, in order of their codes."""
    return sorted(
        (
            Area(
                code=row["gss_code"],
                name=row["name"],
                previous_code=row["previous_gss_code"] or None,
                partnership=row["hscp_code"],
                partnership_name=row["hscp_name"],
                model=row["integration_model"].replace("_", "-"),
                health_board=row["health_board_code"],
            )
            for row in _rows("areas.csv")
        ),
        key=lambda area: area.code,
    )


def outturn() -> dict[str, int]:
    """What the review gathered, as it was published."""
    return {row["what"]: int(row["number"]) for row in _rows("outturn.csv")}


def chance(*parts: object) -> float:
    """A number from 0 up to 1 that looks random and is always the same for the same parts."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def drawn(codes: Sequence[str], lot: str, count: int) -> frozenset[str]:
    """`count` of the codes, drawn by lot."""
    return frozenset(sorted(codes, key=lambda code: chance(lot, code))[:count])


def size(code: str) -> float:
    """How much an area weighs where numbers follow its size."""
    return (3.2 if code in LARGE else 0.5 if code in SMALL else 1.2) * (0.8 + 0.4 * chance("size", code))


def spread(total: int, weights: Mapping[str, float], least: int) -> dict[str, int]:
    """`total` as whole numbers in proportion to the weights, at least `least` each, that add up exactly."""
    rest = total - least * len(weights)
    if rest < 0:
        raise ValueError(f"{total} is less than {least} for each of {len(weights)}")
    whole = sum(weights.values())
    exact = {key: rest * weight / whole for key, weight in weights.items()}
    shares = {key: least + int(share) for key, share in exact.items()}
    missing = total - sum(shares.values())
    for key in sorted(exact, key=lambda key: int(exact[key]) - exact[key])[:missing]:
        shares[key] += 1
    return shares


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO((files("app.demo") / "data" / name).read_text(encoding="utf-8"))))
