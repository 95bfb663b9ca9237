"""`scrutiny rebuild`: fills read models anew, with a progress bar, while the service goes on."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.database import open_database
from app.features import PROJECTIONS
from app.ledger.projector import rebuild
from app.settings import Settings


async def rebuild_projections(settings: Settings, name: str | None) -> None:
    """Rebuild one projection, or all. Raises LookupError for an unknown name."""
    chosen = [projection for projection in PROJECTIONS if name in (None, projection.name)]
    if not chosen:
        known = ", ".join(sorted(projection.name for projection in PROJECTIONS))
        raise LookupError(f"there is no projection {name!r}; there are: {known}")
    async with open_database(settings) as database:
        await database.migrate()
        bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        connection = await database.connect()
        try:
            with bar:
                for projection in chosen:
                    task = bar.add_task(projection.name, total=None)
                    async for reached, head in rebuild(projection, connection):
                        bar.update(task, completed=reached, total=head)
        finally:
            await connection.close()
