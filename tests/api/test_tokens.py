"""Which tokens open the door, which do not, and what each is told."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import pytest_asyncio
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from starlette.types import Receive, Scope, Send

from app.api.issuer_keys import KEYS_FETCH_INTERVAL, KEYS_FRESH_SECONDS, RemoteKeys
from app.api.problems import Problem
from app.api.tokens import (
    CACHE_SECONDS,
    DEVELOPMENT_ISSUER,
    LEEWAY,
    PUBLIC,
    Caller,
    DevelopmentIssuer,
    TokenVerifier,
    token_verifier,
)
from app.settings import Settings

NOW = 1_750_000_000.0
ISSUER = "https://id.example"
AUDIENCE = "scrutiny-ledger"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Provider:
    """An identity provider's key set, over real HTTP."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.status = 200
        self.fetches = 0
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.fetches += 1
        body = json.dumps({"keys": [jwk for _, jwk in self.keys.values()]}).encode()
        await send(
            {"type": "http.response.start", "status": self.status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": body})

    def add(self, kid: str, algorithm: str = "EdDSA") -> None:
        private, jwk = new_key(algorithm)
        self.keys[kid] = private, {**jwk, "kid": kid, "alg": algorithm, "use": "sig"}

    def token(self, kid: str, header: dict[str, Any] | None = None, **changes: Any) -> str:
        private, jwk = self.keys[kid]
        return jwt.encode(
            claims(**changes), private, algorithm=jwk["alg"], headers={"typ": "at+jwt", "kid": kid, **(header or {})}
        )


def new_key(algorithm: str) -> tuple[Any, dict[str, Any]]:
    if algorithm == "EdDSA":
        okp = Ed25519PrivateKey.generate()
        return okp, OKPAlgorithm.to_jwk(okp.public_key(), as_dict=True)
    if algorithm == "ES256":
        curve = ec.generate_private_key(ec.SECP256R1())
        return curve, ECAlgorithm.to_jwk(curve.public_key(), as_dict=True)
    modulus = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return modulus, RSAAlgorithm.to_jwk(modulus.public_key(), as_dict=True)


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token, with changes; a claim that is changed to None is left out."""
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "coordinator-s12000033",
        "client_id": "portal",
        "iat": int(NOW),
        "exp": int(NOW) + 600,
        "jti": "1",
        "role": "coordinator",
        "areas": ["S12000033"],
        "org": "aberdeen-city-council",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[Provider]:
    application = Provider()
    application.add("first")
    server = uvicorn.Server(uvicorn.Config(application, host="127.0.0.1", port=0, lifespan="off", log_level="error"))
    listening = server.config.bind_socket()
    application.url = f"http://127.0.0.1:{listening.getsockname()[1]}/keys"
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield application
    server.should_exit = True
    await serving
    listening.close()


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        yield http


@pytest.fixture
def verifier(provider: Provider, client: httpx.AsyncClient, clock: Clock) -> TokenVerifier:
    keys = RemoteKeys(provider.url, client=client, clock=clock)
    return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys, clock=clock)


async def refused(verifier: TokenVerifier, token: str) -> Problem:
    with pytest.raises(Problem) as caught:
        await verifier.caller(f"Bearer {token}")
    return caught.value


async def test_a_good_token_tells_who_asks(verifier: TokenVerifier, provider: Provider) -> None:
    assert await verifier.caller(f"Bearer {provider.token('first')}") == Caller(
        subject="coordinator-s12000033",
        role="coordinator",
        areas=frozenset({"S12000033"}),
        body=None,
        client_id="portal",
        organisation="aberdeen-city-council",
    )


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256", "ES256"])
async def test_each_allowed_algorithm_is_verified(verifier: TokenVerifier, provider: Provider, algorithm: str) -> None:
    provider.add("other", algorithm)
    assert (await verifier.caller(f"bearer {provider.token('other')}")).role == "coordinator"


async def test_without_a_token_one_is_the_public(verifier: TokenVerifier) -> None:
    assert await verifier.caller(None) == PUBLIC


async def test_another_scheme_is_no_token(verifier: TokenVerifier) -> None:
    with pytest.raises(Problem) as caught:
        await verifier.caller("Basic dXNlcjpodXNo")
    assert caught.value.code == "token-missing"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://elsewhere.example"}, "token-foreign-issuer"),
        ({"iss": ISSUER + "/"}, "token-foreign-issuer"),
        ({"aud": "another-service"}, "token-foreign-audience"),
        ({"aud": ["another-service"]}, "token-foreign-audience"),
        ({"aud": None}, "token-foreign-audience"),
        ({"exp": int(NOW - LEEWAY) - 1}, "token-expired"),
        ({"exp": None}, "token-malformed"),
        ({"exp": "tomorrow"}, "token-malformed"),
        ({"iat": int(NOW + LEEWAY) + 1}, "token-not-yet-valid"),
        ({"nbf": int(NOW + LEEWAY) + 1}, "token-not-yet-valid"),
        ({"sub": None}, "token-malformed"),
        ({"sub": 7}, "token-malformed"),
        ({"role": None}, "token-role-unknown"),
        ({"role": "public"}, "token-role-unknown"),
        ({"role": ["auditor"]}, "token-role-unknown"),
        ({"areas": "S12000033"}, "token-malformed"),
        ({"areas": ["S12000033; everything"]}, "token-malformed"),
    ],
)
async def test_a_claim_that_does_not_hold_is_refused(
    verifier: TokenVerifier, provider: Provider, changes: dict[str, Any], code: str
) -> None:
    problem = await refused(verifier, provider.token("first", **changes))
    assert (problem.status, problem.code) == (401, code)
    assert 'error="invalid_token"' in problem.headers["www-authenticate"]
    assert problem.remedy


async def test_one_of_several_audiences_is_enough(verifier: TokenVerifier, provider: Provider) -> None:
    assert (await verifier.caller(f"Bearer {provider.token('first', aud=['other', AUDIENCE])}")).role == "coordinator"


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "x" * 9000, "e30.e30.e30"])
async def test_what_is_no_token_is_refused(verifier: TokenVerifier, token: str) -> None:
    assert (await refused(verifier, token)).code == "token-malformed"


async def test_an_id_token_of_the_same_issuer_is_refused(verifier: TokenVerifier, provider: Provider) -> None:
    assert (await refused(verifier, provider.token("first", {"typ": "JWT"}))).code == "token-malformed"


async def test_a_signature_by_another_key_of_the_same_name_is_refused(
    verifier: TokenVerifier, provider: Provider
) -> None:
    await verifier.caller(f"Bearer {provider.token('first')}")
    impostor = Provider()
    impostor.add("first")
    assert (await refused(verifier, impostor.token("first"))).code == "token-forged"


async def test_changed_claims_are_refused(verifier: TokenVerifier, provider: Provider) -> None:
    header, _, signature = provider.token("first").split(".")
    _, payload, _ = provider.token("first", role="auditor").split(".")
    assert (await refused(verifier, f"{header}.{payload}.{signature}")).code == "token-forged"


async def test_an_unsigned_token_is_refused(verifier: TokenVerifier) -> None:
    token = jwt.encode(claims(), "", algorithm="none", headers={"typ": "at+jwt", "kid": "first"})
    assert (await refused(verifier, token)).code == "token-forged"


async def test_a_public_key_does_not_serve_as_a_shared_secret(verifier: TokenVerifier, provider: Provider) -> None:
    public = provider.keys["first"][0].public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    token = jwt.encode(claims(), public, algorithm="HS256", headers={"typ": "at+jwt", "kid": "first"})
    assert (await refused(verifier, token)).code == "token-forged"


async def test_a_key_verifies_only_its_own_algorithm(verifier: TokenVerifier, provider: Provider) -> None:
    provider.add("curve", "ES256")
    token = jwt.encode(claims(), provider.keys["curve"][0], "ES256", headers={"typ": "at+jwt", "kid": "first"})
    assert (await refused(verifier, token)).code == "token-forged"


async def test_a_known_token_is_not_verified_again(verifier: TokenVerifier, provider: Provider, clock: Clock) -> None:
    token = provider.token("first", exp=int(NOW) + 7200)
    first = await verifier.caller(f"Bearer {token}")
    provider.keys.clear()
    clock.now += CACHE_SECONDS - 1
    assert await verifier.caller(f"Bearer {token}") is first


async def test_a_known_token_ends_with_its_time(verifier: TokenVerifier, provider: Provider, clock: Clock) -> None:
    token = provider.token("first", exp=int(NOW) + 60)
    await verifier.caller(f"Bearer {token}")
    clock.now += 60 + LEEWAY
    assert (await refused(verifier, token)).code == "token-expired"


async def test_a_withdrawn_key_is_honoured_for_minutes_only(
    verifier: TokenVerifier, provider: Provider, clock: Clock
) -> None:
    token = provider.token("first", exp=int(NOW) + 7200)
    await verifier.caller(f"Bearer {token}")
    provider.keys.clear()
    clock.now += KEYS_FRESH_SECONDS + 1
    assert (await refused(verifier, token)).code == "token-forged"


async def test_the_memory_of_tokens_is_bounded(provider: Provider, client: httpx.AsyncClient, clock: Clock) -> None:
    keys = RemoteKeys(provider.url, client=client, clock=clock)
    verifier = TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys, clock=clock, cache_size=2)
    tokens = [f"Bearer {provider.token('first', jti=str(number))}" for number in range(3)]
    callers = [await verifier.caller(token) for token in tokens]
    assert await verifier.caller(tokens[2]) is callers[2]
    assert await verifier.caller(tokens[0]) is not callers[0]


async def test_a_new_key_of_the_issuer_is_found(verifier: TokenVerifier, provider: Provider, clock: Clock) -> None:
    await verifier.caller(f"Bearer {provider.token('first')}")
    provider.add("second")
    clock.now += KEYS_FETCH_INTERVAL
    assert (await verifier.caller(f"Bearer {provider.token('second')}")).role == "coordinator"
    assert provider.fetches == 2


async def test_invented_key_ids_do_not_flood_the_issuer(verifier: TokenVerifier, provider: Provider) -> None:
    impostor = Provider()
    for number in range(20):
        impostor.add(f"invented-{number}")
        assert (await refused(verifier, impostor.token(f"invented-{number}"))).code == "token-forged"
    assert provider.fetches == 1


async def test_callers_that_come_at_once_share_one_fetch(verifier: TokenVerifier, provider: Provider) -> None:
    tokens = [provider.token("first", jti=str(number)) for number in range(10)]
    await asyncio.gather(*(verifier.caller(f"Bearer {token}") for token in tokens))
    assert provider.fetches == 1


async def test_an_issuer_that_fails_at_first_is_an_outage(
    verifier: TokenVerifier, provider: Provider, clock: Clock
) -> None:
    provider.status = 500
    problem = await refused(verifier, provider.token("first"))
    assert (problem.status, problem.code) == (503, "issuer-unavailable")
    assert int(problem.headers["retry-after"]) > 0
    provider.status = 200
    clock.now += KEYS_FETCH_INTERVAL
    assert (await verifier.caller(f"Bearer {provider.token('first')}")).role == "coordinator"


async def test_an_issuers_outage_does_not_lock_out_those_with_known_keys(
    verifier: TokenVerifier, provider: Provider, clock: Clock
) -> None:
    await verifier.caller(f"Bearer {provider.token('first')}")
    provider.status = 500
    clock.now += KEYS_FRESH_SECONDS + 1
    assert (
        await verifier.caller(f"Bearer {provider.token('first', iat=int(clock.now), exp=int(clock.now) + 60)}")
    ).role == "coordinator"
    clock.now += KEYS_FETCH_INTERVAL
    provider.add("second")
    problem = await refused(verifier, provider.token("second", iat=int(clock.now), exp=int(clock.now) + 60))
    assert problem.status == 503


async def test_keys_that_are_not_for_signing_are_left_out(verifier: TokenVerifier, provider: Provider) -> None:
    provider.keys["first"][1]["use"] = "enc"
    provider.keys["strange"] = None, {"kty": "strange", "kid": "strange"}
    assert (await refused(verifier, provider.token("first"))).code == "token-forged"


async def test_the_development_issuers_tokens_are_good_in_every_process(
    tmp_path: Path, client: httpx.AsyncClient
) -> None:
    settings = Settings(data=tmp_path)
    token = DevelopmentIssuer(tmp_path).issue("link-inspector", ["S12000034", "S12000033"], ttl=60)
    caller = await token_verifier(settings, client).caller(f"Bearer {token}")
    assert (caller.role, caller.areas) == ("link-inspector", frozenset({"S12000033", "S12000034"}))
    assert stat.S_IMODE((tmp_path / "issuer.key").stat().st_mode) == 0o600


async def test_the_development_issuer_names_a_partner_for_its_body(tmp_path: Path, client: httpx.AsyncClient) -> None:
    token = DevelopmentIssuer(tmp_path).issue("scrutiny-partner", body="audit-scotland")
    caller = await token_verifier(Settings(data=tmp_path), client).caller(f"Bearer {token}")
    assert (caller.subject, caller.body) == ("scrutiny-partner-audit-scotland", "audit-scotland")


async def test_another_installations_development_token_is_refused(tmp_path: Path, client: httpx.AsyncClient) -> None:
    token = DevelopmentIssuer(tmp_path / "other").issue("auditor")
    verifier = token_verifier(Settings(data=tmp_path / "ours"), client)
    assert (await refused(verifier, token)).code == "token-forged"


async def test_with_an_identity_provider_no_development_token_is_good(
    tmp_path: Path, provider: Provider, client: httpx.AsyncClient
) -> None:
    settings = Settings(data=tmp_path, oidc_issuer=ISSUER, oidc_jwks_url=provider.url)
    verifier = token_verifier(settings, client)
    assert (await refused(verifier, DevelopmentIssuer(tmp_path).issue("auditor"))).code == "token-forged"


def test_the_development_issuer_publishes_no_private_key(tmp_path: Path) -> None:
    issuer = DevelopmentIssuer(tmp_path)
    assert issuer.issuer == DEVELOPMENT_ISSUER
    assert [sorted(key) for key in issuer.jwks()["keys"]] == [["alg", "crv", "kid", "kty", "use", "x"]]


def test_the_development_issuer_knows_its_roles(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="coordinator"):
        DevelopmentIssuer(tmp_path).issue("emperor")
