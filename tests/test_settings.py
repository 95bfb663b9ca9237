"""What can be configured, and what the service refuses to start with."""

from __future__ import annotations

import base64
import os
import stat
import threading
from pathlib import Path

import pytest

from app.settings import Settings, SettingsError, is_loopback, load_settings, read_or_create_secret

KEY = base64.b64encode(bytes(range(32))).decode()
PROVIDER = {"oidc_issuer": "https://id.example", "oidc_jwks_url": "https://id.example/keys"}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SCRUTINY_") or name == "DATABASE_URL"]:
        monkeypatch.delenv(name)


def test_with_nothing_set_it_is_a_development_installation_on_loopback() -> None:
    settings = load_settings()
    assert (settings.data, settings.database_url, settings.host) == (Path("data"), None, "127.0.0.1")
    assert settings.development_tokens
    assert (settings.json_body_limit, settings.attachment_body_limit) == (262_144, 26_214_400)


def test_variables_carry_the_prefix_and_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUTINY_PORT", "9000")
    monkeypatch.setenv("SCRUTINY_WORKERS", "3")
    settings = load_settings(port=9001)
    assert (settings.port, settings.workers) == (9001, 3)


@pytest.mark.parametrize("name", ["DATABASE_URL", "SCRUTINY_DATABASE_URL"])
def test_both_names_of_the_database_are_honoured(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "postgres://host/ledger")
    url = load_settings().database_url
    assert url is not None
    assert url.get_secret_value() == "postgres://host/ledger"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert load_settings().database_url is None


def test_secrets_are_not_shown() -> None:
    settings = Settings(master_key=KEY, database_url="postgres://user:hush@host/ledger")
    assert KEY not in repr(settings)
    assert "hush" not in repr(settings)


def test_a_reachable_address_needs_an_identity_provider_and_is_told_so() -> None:
    with pytest.raises(SettingsError, match="SCRUTINY_OIDC_ISSUER"):
        load_settings(host="0.0.0.0")  # noqa: S104  # that it is refused is the point
    assert not load_settings(host="0.0.0.0", **PROVIDER).development_tokens  # noqa: S104  # the same address, allowed


def test_half_an_identity_provider_is_refused() -> None:
    with pytest.raises(SettingsError, match="SCRUTINY_OIDC_JWKS_URL together"):
        load_settings(oidc_issuer="https://id.example")


@pytest.mark.parametrize(("key", "why"), [("c2hvcnQ=", "5 bytes"), ("***", "not base64")])
def test_a_master_key_of_the_wrong_form_is_refused_and_not_repeated(key: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why) as caught:
        load_settings(master_key=key)
    assert key not in str(caught.value)
    assert "SCRUTINY_MASTER_KEY" in str(caught.value)


def test_a_fault_in_an_aliased_variable_has_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUTINY_PORT", "many")
    with pytest.raises(SettingsError, match=r"^SCRUTINY_PORT: "):
        load_settings()


def test_a_configured_master_key_is_used(tmp_path: Path) -> None:
    assert Settings(data=tmp_path, master_key=KEY).master_key_bytes() == bytes(range(32))
    assert list(tmp_path.iterdir()) == []


def test_the_development_master_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    first = settings.master_key_bytes()
    assert len(first) == 32
    assert settings.master_key_bytes() == first
    assert stat.S_IMODE((tmp_path / "data" / "master.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["master.key"]


def test_whoever_loses_the_race_for_a_secret_uses_the_winners(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)
    found: list[bytes] = []

    def make() -> bytes:
        barrier.wait()  # all of them have seen that there is none
        return os.urandom(32)

    def race() -> None:
        found.append(read_or_create_secret(tmp_path / "key", make))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUTINY_CORS_ORIGINS", "https://a.example, https://b.example")
    assert load_settings().cors_origins == ("https://a.example", "https://b.example")


def test_every_origin_at_once_is_refused() -> None:
    with pytest.raises(SettingsError, match="wildcard"):
        load_settings(cors_origins="*")


def test_objects_are_files_in_the_data_folder_unless_told_otherwise(tmp_path: Path) -> None:
    assert Settings(data=tmp_path).object_store == (tmp_path / "objects").as_uri()
    assert Settings(data=tmp_path, object_store_url="s3://bucket").object_store == "s3://bucket"


def test_a_trusted_proxy_is_an_address_or_a_network() -> None:
    assert load_settings(trusted_proxies="10.0.0.1, 2001:db8::/32").trusted_proxies == ("10.0.0.1", "2001:db8::/32")
    for proxy in ("*", "proxy.example"):
        with pytest.raises(SettingsError, match="SCRUTINY_TRUSTED_PROXIES"):
            load_settings(trusted_proxies=proxy)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("[::1]", True), ("10.0.0.1", False)],
)
def test_loopback_is_told_from_the_world(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
