"""The `scrutiny` command: run the service, play the demonstration, issue development tokens."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.settings import Settings, SettingsError, load_settings

HELP = """The record of the Care Inspectorate's scrutiny of social work.

Begin with `scrutiny serve --demo`: a service on http://127.0.0.1:8000 with a review in it.

Options of `serve` can be set as SCRUTINY_PORT, SCRUTINY_DATA and so on; docs/guides/operating.md lists them.
"""

app = typer.Typer(no_args_is_help=True, add_completion=False, help=HELP, pretty_exceptions_enable=False)

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of the embedded database, keys and files.", show_default="./data")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database-url", help="A PostgreSQL of your own, 15 or newer, instead of the embedded one."),
]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8000")] = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    workers: Annotated[int | None, typer.Option(help="How many processes answer.", show_default="1")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Play the demonstration if the ledger is empty.")] = False,
) -> None:
    """Run the service until Ctrl-C; without a database URL, on a PostgreSQL of its own in the data folder."""
    settings = _settings(host=host, port=port, data=data, database_url=database_url, workers=workers, demo=demo or None)
    _configure_logs(settings)
    from app.serving import AddressTaken, run

    try:
        run(settings)
    except AddressTaken as taken:
        _fail(str(taken))


@app.command()
def demo(
    url: Annotated[str, typer.Option(help="Where the service listens.")] = "http://127.0.0.1:8000",
    data: Data = None,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Do nothing if the ledger holds a whole demonstration.")
    ] = False,
) -> None:
    """Play the demonstration into a running service. Run again, it adds only what is missing."""
    from app.demo.play import play

    play(url, _settings(data=data), if_empty=if_empty)


@app.command()
def token(
    role: Annotated[str, typer.Option(help="Such as lead-inspector or auditor; a wrong one lists them all.")],
    area: Annotated[
        list[str] | None,
        typer.Option(help="An area's GSS code, such as S12000033; a co-ordinator needs one. Repeatable."),
    ] = None,
    body: Annotated[str | None, typer.Option(help="A scrutiny partner's body, such as audit-scotland.")] = None,
    subject: Annotated[
        str | None, typer.Option(help="Who it is for: an opaque identifier. Else named for the role.")
    ] = None,
    data: Data = None,
) -> None:
    """Print an access token, good for eight hours with a service on this machine and the same data folder."""
    from app.api.access import BY_AREA
    from app.api.tokens import DevelopmentIssuer

    settings = _settings(data=data)
    if not settings.data.is_dir():
        _fail(f"{settings.data} is not there: start the service first, or give the folder that it runs with as --data")
    if role in BY_AREA and not area:
        _fail(f"a {role} works for an area: give its GSS code, for instance --area S12000033")
    if role == "scrutiny-partner" and body is None:
        _fail("a scrutiny partner acts for a body: give it, for instance --body audit-scotland")
    issuer = DevelopmentIssuer(settings.data, audience=settings.oidc_audience)
    try:
        print(issuer.issue(role, area or (), body, subject))
    except ValueError as error:
        _fail(str(error))


@app.command()
def rebuild(
    projection: Annotated[str | None, typer.Argument(help="Its name; every one, unless given.")] = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Fill the read models anew from the ledger while the service runs."""
    from app.rebuilding import rebuild_projections

    settings = _settings(data=data, database_url=database_url)
    _configure_logs(settings)
    try:
        asyncio.run(rebuild_projections(settings, projection))
    except LookupError as error:
        _fail(str(error.args[0]))


@app.command()
def sweep(
    hours: Annotated[int, typer.Option(help="Leave alone what was stored within this time.", min=1)] = 24,
    destroy: Annotated[bool, typer.Option("--destroy", help="Destroy them; else they are listed only.")] = False,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Find stored files that no record speaks for, which failed uploads left, while the service runs."""
    from app.sweeping import ForeignStoreError
    from app.sweeping import sweep as sweep_files

    settings = _settings(data=data, database_url=database_url)
    _configure_logs(settings)
    try:
        found = asyncio.run(sweep_files(settings, hours, destroy=destroy))
    except ForeignStoreError as error:
        _fail(f"{error}; give the database that the files were recorded in")
    for name in found.left:
        print(name)
    told = "destroyed" if destroy else "left; --destroy destroys them"
    print(f"{len(found.left)} of {found.seen} files stored more than {hours} hours ago: {told}", file=sys.stderr)


@app.command()
def openapi() -> None:
    """Print the OpenAPI document of this API."""
    from app.main import describe

    print(json.dumps(describe(), indent=2, ensure_ascii=False))


def main() -> None:
    """Run the command line."""
    app()


def _settings(**given: object) -> Settings:
    try:
        return load_settings(**{name: value for name, value in given.items() if value is not None})
    except SettingsError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    print(f"scrutiny: {message}", file=sys.stderr)
    raise SystemExit(2)


def _configure_logs(settings: Settings) -> None:
    from app.logs import configure

    configure(settings)


if __name__ == "__main__":
    main()
