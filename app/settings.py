"""Everything that can be configured, from SCRUTINY_… variables; nothing else in the service reads the environment.

With nothing set, the service is a development installation on loopback that keeps all its state in `./data`.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import secrets
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

import structlog
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

log = structlog.get_logger(__name__)

KIB = 1024
MIB = 1024 * KIB
MASTER_KEY_BYTES = 32


class SettingsError(Exception):
    """The configuration does not allow the service to start; the message says what to set."""


class Settings(BaseSettings):
    """One installation's configuration. Sizes are in bytes, times in seconds."""

    model_config = SettingsConfigDict(
        env_prefix="SCRUTINY_", frozen=True, populate_by_name=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    data: Path = Field(default=Path("data"), description="Folder of the embedded database, keys and local objects")
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("SCRUTINY_DATABASE_URL", "DATABASE_URL"),
        description="An external PostgreSQL; without it the service runs its own in the data folder",
    )
    object_store_url: str | None = Field(default=None, description="s3://…, az://… or gs://…; a local folder if unset")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    demo: bool = Field(default=False, description="Whether the demonstration is played into an empty ledger")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Origins of browser applications, separated by commas"
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses or networks of proxies whose X-Forwarded-For is believed, with commas",
    )

    master_key: SecretStr | None = Field(default=None, description="Base64 of the 32 bytes that wrap every data key")
    oidc_issuer: str | None = Field(default=None, description="Exact `iss` of access tokens")
    oidc_audience: str = Field(default="scrutiny-ledger", description="Exact `aud` of access tokens")
    oidc_jwks_url: str | None = Field(default=None, description="Where the issuer publishes its signing keys")

    rate_limit: int = Field(
        default=6_000, ge=0, le=10**9, description="Requests a minute of one caller to one process; 0 is no limit"
    )
    json_body_limit: int = Field(default=256 * KIB, ge=KIB)
    attachment_body_limit: int = Field(default=25 * MIB, ge=KIB, le=25 * MIB)
    append_queue_limit: int = Field(default=10_000, ge=1, description="Appends that may wait in one process")
    pool_min_size: int = Field(default=2, ge=0, le=100)
    pool_max_size: int = Field(default=10, ge=1, le=100)
    feed_pool_size: int = Field(
        default=4, ge=1, le=100, description="How many readers of each process may stream the feed at once"
    )

    @field_validator("cors_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _no_wildcard(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "*" in value:
            raise ValueError("list the origins of the browser applications; a wildcard is not accepted")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in value:
            ip_network(proxy)  # its error says what is wrong
        return value

    @field_validator("master_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _decode_master_key(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _tokens_are_trustworthy(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_jwks_url is None):
            raise ValueError("set SCRUTINY_OIDC_ISSUER and SCRUTINY_OIDC_JWKS_URL together, or neither")
        if self.oidc_issuer is None and not is_loopback(self.host):
            # Whoever can read the data folder can issue itself any role: never on a reachable address.
            raise ValueError(
                f"the development issuer of access tokens serves loopback only, and SCRUTINY_HOST is {self.host}: "
                "set SCRUTINY_OIDC_ISSUER, SCRUTINY_OIDC_JWKS_URL and SCRUTINY_OIDC_AUDIENCE to your identity "
                "provider, or SCRUTINY_HOST to 127.0.0.1"
            )
        return self

    @model_validator(mode="after")
    def _pool_has_room(self) -> Self:
        if self.pool_min_size > self.pool_max_size:
            raise ValueError("SCRUTINY_POOL_MIN_SIZE is greater than SCRUTINY_POOL_MAX_SIZE")
        return self

    @property
    def development_tokens(self) -> bool:
        """Whether access tokens come from the development issuer."""
        return self.oidc_issuer is None

    @property
    def object_store(self) -> str:
        """The URL of the object store; the folder `objects` in the data folder unless set."""
        return self.object_store_url or (self.data.resolve() / "objects").as_uri()

    def master_key_bytes(self) -> bytes:
        """The configured master key, or the development one of the data folder, made at first use."""
        if self.master_key is not None:
            return _decode_master_key(self.master_key.get_secret_value())
        log.warning(
            "master key kept beside the data it protects; set SCRUTINY_MASTER_KEY in production",
            file=str(self.data / "master.key"),
        )
        stored = read_or_create_secret(
            self.data / "master.key", lambda: base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES))
        )
        return _decode_master_key(stored.decode("ascii"))


def load_settings(**overrides: object) -> Settings:
    """The settings of the environment, with `overrides` from the command line.

    Raises `SettingsError` with one readable line per fault, never with the offending value, which may be a secret.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic validates what the command line hands over
    except ValidationError as error:
        lines = []
        for fault in error.errors(include_url=False, include_input=False):
            name = "".join(f"SCRUTINY_{part}".upper() for part in fault["loc"][:1]).replace(
                "SCRUTINY_SCRUTINY_", "SCRUTINY_"
            )
            lines.append(": ".join(filter(None, [name, fault["msg"].removeprefix("Value error, ")])))
        raise SettingsError("\n".join(lines)) from None


def is_loopback(host: str) -> bool:
    """Whether a server bound to `host` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def read_or_create_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of `path`, which is created with mode 0600 from `make()` if there is none.

    Several processes may race: all of them return the content of the one that won.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(descriptor)
        # A link appears with its whole content or not at all, and never replaces another's: a rename would.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    # A key whose name is lost in a power cut would take all that it encrypted with it.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return path.read_bytes()


def _decode_master_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the master key is not base64; make one with `openssl rand -base64 32`") from None
    if len(key) != MASTER_KEY_BYTES:
        raise ValueError(
            f"the master key has {len(key)} bytes, not {MASTER_KEY_BYTES}; make one with `openssl rand -base64 32`"
        )
    return key
