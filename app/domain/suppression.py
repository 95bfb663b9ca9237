"""Small numbers (§8, policy): a count of 1 to 4 people is not shown, nor any that would give it away."""

from collections.abc import Collection, Mapping

suppression_threshold = 5
"""The smallest count of people that is shown."""
_FEWEST_AREAS = 3


def over_areas(count: int, areas: int) -> int | None:
    """A count over several areas as everybody may see it: None for 1 to 4, and for fewer than three areas, since each
    of two could tell the other's by taking away its own."""
    return None if 0 < count < suppression_threshold or areas < _FEWEST_AREAS else count


def sum_over_areas(counts: Collection[int]) -> int | None:
    """The sum of what each area gave, as everybody may see it: None also where what the others gave would be a small
    number to the area that takes its own away. Where no area gave anything, that is said of all of them."""
    total, givers = sum(counts), sum(count > 0 for count in counts)
    others = total - max(counts, default=0)
    return None if 0 < others < suppression_threshold else over_areas(total, givers or len(counts))


def suppressed(counts: Mapping[str, int]) -> tuple[int | None, dict[str, int | None]]:
    """The total and the groups' counts as they may be shown: None stands for a count that is withheld.

    Complementary: with one group withheld, all are, since the total would give a single one away.
    """
    total = sum(counts.values())
    small = any(0 < count < suppression_threshold for count in counts.values())
    shown = {group: None if small else count for group, count in counts.items()}
    return (None if 0 < total < suppression_threshold else total), shown
