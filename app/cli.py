"""The `scrutiny` command: serve, demonstrate, issue development tokens, rebuild read models, describe the API."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.settings import Settings, SettingsError, load_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database, keys and files.")]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database-url", help="A PostgreSQL of your own, 15 or newer, instead of the embedded one."),
]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    workers: Annotated[int | None, typer.Option(help="How many processes answer.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Play the demonstration first if the ledger is empty.")] = False,
) -> None:
    """Serve the API; without a database URL, on a PostgreSQL of its own in the data folder."""
    settings = _settings(host=host, port=port, data=data, database_url=database_url, workers=workers)
    _configure_logs(settings)
    from app.serving import run

    run(settings, demo=demo)


@app.command()
def demo(
    url: Annotated[str, typer.Option(help="Where the service listens.")] = "http://127.0.0.1:8000",
    data: Data = None,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing if the ledger holds a review.")] = False,
) -> None:
    """Play the 2024 national review of social work governance, over HTTP. Run again, it changes nothing."""
    from app.demo.play import play

    play(url, _settings(data=data), if_empty=if_empty)


@app.command()
def token(
    role: Annotated[str, typer.Option(help="For instance coordinator, lead-inspector, auditor.")],
    area: Annotated[list[str] | None, typer.Option(help="GSS code of an area; may be given again.")] = None,
    body: Annotated[str | None, typer.Option(help="A scrutiny partner's body, for instance audit-scotland.")] = None,
    subject: Annotated[str | None, typer.Option(help="Who it is for; an opaque identifier.")] = None,
    data: Data = None,
) -> None:
    """Print an access token of the development issuer, good for a service on this machine with the same data folder."""
    from app.api.tokens import DevelopmentIssuer

    settings = _settings(data=data)
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
    """Fill read models anew from the ledger, beside the ones in use, and put them in their place."""
    from app.rebuilding import rebuild_projections

    settings = _settings(data=data, database_url=database_url)
    _configure_logs(settings)
    try:
        asyncio.run(rebuild_projections(settings, projection))
    except LookupError as error:
        _fail(str(error.args[0]))


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
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
