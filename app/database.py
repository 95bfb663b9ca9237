"""Where the data is: an external PostgreSQL, or one of our own that runs in the data folder while somebody uses it.

Every connection takes the role `scrutiny_runtime`, which may not rewrite the ledger; only migrations run as the owner.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.embedded import DatabaseError, EmbeddedPostgres
from app.settings import Settings

RUNTIME_ROLE = "scrutiny_runtime"
OLDEST_POSTGRES = 15
MIGRATION_LOCK = 0x5C_2071_0001  # any number, as long as it stays the same


class Database:
    """A reachable PostgreSQL of a supported version. Make one with `open_database`, or from a DSN in tests."""

    def __init__(self, dsn: str) -> None:
        self.dsn = normalise_url(dsn)

    async def create_pool(
        self, min_size: int = 2, max_size: int = 10, *, application_name: str = "scrutiny"
    ) -> asyncpg.Pool:
        """A pool of asyncpg connections under the runtime role; the caller closes it. Needs a migrated database."""
        try:
            return await asyncpg.create_pool(
                self.dsn,
                min_size=min_size,
                max_size=max_size,
                statement_cache_size=256,
                server_settings=_server_settings(application_name),
            )
        except _CONNECTION_ERRORS as error:
            raise _explained(error) from error

    async def connect(self, *, application_name: str = "scrutiny-ledger") -> asyncpg.Connection:
        """One connection under the runtime role, for those that need their own."""
        return await asyncpg.connect(self.dsn, server_settings=_server_settings(application_name))

    def create_engine(self, pool_size: int = 5, *, application_name: str = "scrutiny-query") -> AsyncEngine:
        """A SQLAlchemy engine under the runtime role; the caller disposes of it."""
        return create_async_engine(
            "postgresql+asyncpg://",
            # asyncpg reads the DSN itself, so sslmode, socket folders and several hosts mean the same to both.
            async_creator=lambda: self.connect(application_name=application_name),
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            # Each statement sees its own snapshot either way; a transaction around it would be four more round trips.
            isolation_level="AUTOCOMMIT",
        )

    async def migrate(self) -> None:
        """Bring the schema up to date; see `migrate`."""
        await migrate(self.dsn)

    async def check(self) -> None:
        """Raise `DatabaseError` unless the database answers and is new enough."""
        try:
            connection = await asyncpg.connect(self.dsn, timeout=10)
        except _CONNECTION_ERRORS as error:
            raise _explained(error) from error
        try:
            version = connection.get_server_version()
        finally:
            await connection.close()
        if version.major < OLDEST_POSTGRES:
            found = f"{version.major}.{version.minor}"
            raise DatabaseError(f"PostgreSQL {OLDEST_POSTGRES} or newer is needed, and the database runs {found}")


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The database of the settings, checked; the embedded server is released on the way out."""
    if settings.database_url is not None:
        database = Database(settings.database_url.get_secret_value())
        await database.check()
        yield database
        return
    server = EmbeddedPostgres(settings.data)
    await asyncio.to_thread(server.start)
    watch = asyncio.create_task(server.keep_running(), name="embedded-postgres")
    try:
        database = Database(server.dsn)
        await database.check()
        yield database
    finally:
        watch.cancel()
        await asyncio.to_thread(server.release)


async def migrate(dsn: str) -> None:
    """Run every outstanding migration in one transaction. Processes that start together take turns.

    Raises `DatabaseError` if the database is not reachable; a faulty migration's own error passes through.
    """
    try:
        async with migration_connection(dsn) as connection:
            await connection.run_sync(_upgrade)
    except (OSError, asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise _explained(error) from error


@asynccontextmanager
async def migration_connection(dsn: str) -> AsyncIterator[AsyncConnection]:
    """A transaction as the owner, which holds the lock that keeps two migrations apart."""
    url = normalise_url(dsn)
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            yield connection
    finally:
        await engine.dispose()


def normalise_url(url: str) -> str:
    """`url` as asyncpg wants it: postgres://, postgresql:// and postgresql+driver:// mean the same."""
    normal, found = re.subn(r"\Apostgres(ql)?(\+[a-z0-9]+)?://", "postgresql://", url)
    if not found:
        raise DatabaseError("DATABASE_URL must start with postgresql:// — only PostgreSQL is supported")
    return normal


_CONNECTION_ERRORS = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)


def _explained(error: BaseException) -> DatabaseError:
    match error:
        case asyncpg.InvalidAuthorizationSpecificationError():  # a wrong password included
            return DatabaseError("the database refuses the user or the password of DATABASE_URL")
        case asyncpg.InvalidCatalogNameError():
            return DatabaseError(f"{error}; create it, or correct DATABASE_URL")
        case asyncpg.InvalidParameterValueError() if RUNTIME_ROLE in str(error):
            return DatabaseError(f"the database has no role {RUNTIME_ROLE} yet; run `scrutiny migrate` first")
        case asyncpg.InsufficientPrivilegeError() if RUNTIME_ROLE in str(error):
            return DatabaseError(f"the user of DATABASE_URL is not a member of the role {RUNTIME_ROLE}; GRANT it")
        case OSError():  # TimeoutError included
            return DatabaseError(
                f"the database does not answer ({str(error) or type(error).__name__}); is DATABASE_URL right?"
            )
        case asyncpg.PostgresError():
            return DatabaseError(f"the database refuses the connection: {error}")
        case _:
            # Its text may quote the URL, password included.
            return DatabaseError(f"DATABASE_URL is not understood ({type(error).__name__})")


def _server_settings(application_name: str) -> dict[str, str]:
    # Compiling a statement takes longer than running ours; the role is the second guard of the append-only tables.
    return {"role": RUNTIME_ROLE, "jit": "off", "timezone": "UTC", "application_name": application_name}


def _upgrade(connection: Connection) -> None:
    # Beside the package in a checkout, inside it in a wheel, where a top folder `alembic` would be the library's.
    here = Path(__file__).parent
    ini = next(path for path in (here.parent / "alembic.ini", here / "alembic.ini") if path.exists())
    config = Config(ini)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
