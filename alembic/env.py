"""How Alembic reaches the database: the service hands over its connection; on the command line the settings tell.

Constraint and index names follow one convention, so that a later migration can name what an earlier one made.
"""

import asyncio

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData

from app.database import migration_connection, open_database
from app.settings import load_settings

NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


def migrate(connection: Connection) -> None:
    """Run the migrations in the connection's transaction."""
    context.configure(
        connection=connection, target_metadata=MetaData(naming_convention=NAMING), compare_server_default=True
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_from_command_line() -> None:
    async with open_database(load_settings()) as database, migration_connection(database.dsn) as connection:
        await connection.run_sync(migrate)


if context.is_offline_mode():
    raise CommandError("the migrations ask the database what it has, so --sql cannot print them beforehand")
elif (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    asyncio.run(migrate_from_command_line())
