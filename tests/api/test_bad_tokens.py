"""A token that is not good opens nothing, and is told what is wrong with it."""

from __future__ import annotations

import base64
import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.api.tokens import DevelopmentIssuer
from tests.api.answers import is_problem
from tests.service import Service


def forged(service: Service, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token of the right content but for the changes, signed by the service's own issuer."""
    issuer = DevelopmentIssuer(service.data)
    good = issuer.issue("auditor")
    payload = jwt.decode(good, options={"verify_signature": False}) | claims
    head_of = jwt.get_unverified_header(good) | (header or {})
    return jwt.encode(payload, issuer._private, algorithm="EdDSA", headers=head_of)


def unsigned(service: Service) -> str:
    payload = service.token("administrator").split(".")[1]
    front = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
    return f"{front}.{payload}."


def stranger(service: Service) -> str:
    good = service.token("administrator")
    payload = jwt.decode(good, options={"verify_signature": False})
    key = Ed25519PrivateKey.generate()
    return jwt.encode(payload, key, algorithm="EdDSA", headers=jwt.get_unverified_header(good))


TOKENS = {
    "expired": ("token-expired", lambda s: s.token("auditor", ttl=-60)),
    "forged": ("token-forged", stranger),
    "unsigned": ("token-forged", unsigned),
    "of a foreign issuer": ("token-foreign-issuer", lambda s: forged(s, iss="https://elsewhere.example")),
    "for a foreign audience": ("token-foreign-audience", lambda s: forged(s, aud="elsewhere")),
    "an ID token": ("token-malformed", lambda s: forged(s, {"typ": "JWT"})),
    "of an unknown role": ("token-role-unknown", lambda s: forged(s, role="king")),
    "of the public role": ("token-role-unknown", lambda s: forged(s, role="public")),
    "with areas that are none": ("token-malformed", lambda s: forged(s, areas=["S12"])),
    "not yet valid": ("token-not-yet-valid", lambda s: forged(s, nbf=time.time() + 3600)),
    "with its payload changed": ("token-forged", lambda s: s.token("auditor").replace(".e", ".f", 1)),
    "no token at all": ("token-malformed", lambda s: "abracadabra"),
    "too long": ("token-malformed", lambda s: "a" * 9000),
}


@pytest.mark.parametrize(("code", "make"), TOKENS.values(), ids=TOKENS.keys())
def test_a_token_that_is_not_good_opens_nothing(shared_service: Service, code: str, make: Any) -> None:
    headers = {"Authorization": f"Bearer {make(shared_service)}"}
    # Not even what is public: who presents a bad token is told so.
    for path in ("/v1/obligations", "/v1/areas"):
        answer = httpx.get(shared_service.url + path, headers=headers, trust_env=False)
        is_problem(answer, 401, code)
        assert answer.headers["www-authenticate"].startswith('Bearer realm="scrutiny-ledger", error="invalid_token"')
