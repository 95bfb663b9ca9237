"""Versions, revisions and editions carry the number that their sender gives them: what comes next is told from what is
on record.

Their texts are sealed, so nothing else could tell a second version on the same day from the first, sent twice.
"""

from app.domain.refusals import Refusal


class OutOfSequence(Refusal, code="out-of-sequence", remedy="Read what there is, then give the number after it."):
    """{what} {given} does not follow: the latest is {latest}."""


def comes_next(what: str, given: int, latest: int) -> bool:
    """Whether `given` is the next number; False if it is the latest, which is recorded once."""
    if given == latest + 1:
        return True
    if given != latest or latest == 0:
        raise OutOfSequence(what=what, given=given, latest=latest or "none")
    return False
