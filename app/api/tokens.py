"""Who asks: RFC 9068 access tokens, signed by an identity provider or, on loopback only, by the development issuer.

A verified token is remembered until it expires, five minutes at most, so that a busy caller costs a dictionary look-up.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, get_args
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import OKPAlgorithm

from app.api.issuer_keys import ALGORITHMS, Clock, Keys, RemoteKeys
from app.api.problems import Problem, ProblemKind, problem_kind
from app.settings import Settings, read_or_create_secret

Role = Literal[
    "coordinator",
    "cswo",
    "partnership-staff",
    "link-inspector",
    "lead-inspector",
    "service-manager",
    "relationship-manager",
    "scrutiny-partner",
    "auditor",
    "administrator",
    "public",
]

ROLES: Final[frozenset[str]] = frozenset(get_args(Role)) - {"public"}  # nobody is issued a token to be the public
TOKEN_TYPES: Final = ("at+jwt", "application/at+jwt")
LEEWAY: Final = 10.0  # seconds that the clocks of issuer and service may differ
CACHE_SECONDS: Final = 300.0  # a key that the issuer withdraws is honoured no longer than this
CACHE_SIZE: Final = 10_000
TOKEN_LIMIT: Final = 8192  # characters
DEVELOPMENT_ISSUER: Final = "http://127.0.0.1/development-issuer"
AREA = re.compile(r"S12[0-9]{6}")

_ASK_ANEW = "Ask your identity provider for a new access token, and send it as `Authorization: Bearer <token>`."

TOKEN_MISSING = problem_kind(401, "token-missing", "This needs an access token", remedy=_ASK_ANEW)
TOKEN_MALFORMED = problem_kind(401, "token-malformed", "What was sent is not an access token", remedy=_ASK_ANEW)
TOKEN_EXPIRED = problem_kind(401, "token-expired", "The access token has expired", remedy=_ASK_ANEW)
TOKEN_NOT_YET_VALID = problem_kind(
    401,
    "token-not-yet-valid",
    "The access token is dated in the future",
    remedy="Set the clock of the issuer and of this service right, and ask for a new token.",
)
TOKEN_FORGED = problem_kind(
    401, "token-forged", "The access token's signature is not one of the issuer's", remedy=_ASK_ANEW
)
TOKEN_FOREIGN_ISSUER = problem_kind(
    401, "token-foreign-issuer", "The access token comes from another issuer", remedy=_ASK_ANEW
)
TOKEN_FOREIGN_AUDIENCE = problem_kind(
    401,
    "token-foreign-audience",
    "The access token is meant for another service",
    remedy="Ask your identity provider for a token whose audience is this service.",
)
TOKEN_ROLE_UNKNOWN = problem_kind(
    401,
    "token-role-unknown",
    "The access token carries no role of this service",
    remedy="Have your administrator give you one of the roles at the identity provider.",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as their token says. `body` is the scrutiny partner's, `organisation` the employer's code.
    `handed_over` are areas that the token still names and the record has given to another co-ordinator (R17)."""

    subject: str
    role: Role
    areas: frozenset[str]
    body: str | None
    client_id: str
    organisation: str | None = None
    handed_over: frozenset[str] = frozenset()


PUBLIC: Final = Caller("public", "public", frozenset(), None, "public")


class TokenVerifier:
    """Tells who asks from the Authorization header."""

    def __init__(
        self, *, issuer: str, audience: str, keys: Keys, clock: Clock = time.time, cache_size: int = CACHE_SIZE
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._clock = clock
        self._cache_size = cache_size
        self._cache: dict[str, tuple[Caller, float]] = {}  # header → who, and until when

    async def caller(self, authorization: str | None) -> Caller:
        """Who sent this Authorization header; the public, if there is none.

        Raises `Problem`: 401 for a token that does not hold, 503 while the issuer's keys cannot be read.
        """
        if authorization is None:
            return PUBLIC
        known = self._cache.get(authorization)
        if known is not None:
            if self._clock() < known[1]:
                return known[0]
            del self._cache[authorization]
        caller, expires = await self._verify(_bearer(authorization))
        now = self._clock()
        if now < expires:
            if len(self._cache) >= self._cache_size:
                self._cache.pop(next(iter(self._cache)), None)  # the oldest; it is verified again when it returns
            self._cache[authorization] = (caller, min(expires, now + CACHE_SECONDS))
        return caller

    async def _verify(self, token: str) -> tuple[Caller, float]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            _refuse(TOKEN_MALFORMED)
        # An ID token or a refresh token is signed by the same key and must not open this door.
        if str(header.get("typ", "")).lower() not in TOKEN_TYPES:
            _refuse(TOKEN_MALFORMED, "its typ is not at+jwt")
        if header.get("alg") not in ALGORITHMS:
            _refuse(TOKEN_FORGED, f"its algorithm is not one of {', '.join(ALGORITHMS)}")
        key = await self._keys.key(header.get("kid"))
        # The algorithm is the key's to choose: a public RSA key must never serve as a shared secret.
        if key is None or key.algorithm_name != header["alg"]:
            _refuse(TOKEN_FORGED)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                options={
                    # Checked below, against our clock and each with its own answer.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "verify_aud": False,
                    "verify_iss": False,
                    "verify_sub": False,
                    "verify_jti": False,
                },
            )
        except jwt.InvalidSignatureError:
            _refuse(TOKEN_FORGED)
        except (jwt.InvalidTokenError, jwt.InvalidKeyError):
            _refuse(TOKEN_MALFORMED)
        return self._caller_of(claims), self._valid_until(claims)

    def _valid_until(self, claims: Mapping[str, Any]) -> float:
        now = self._clock()
        expires = _instant(claims, "exp")
        if now >= expires + LEEWAY:
            _refuse(TOKEN_EXPIRED)
        begins = [_instant(claims, "iat"), *([_instant(claims, "nbf")] if "nbf" in claims else [])]
        if max(begins) > now + LEEWAY:
            _refuse(TOKEN_NOT_YET_VALID)
        return expires

    def _caller_of(self, claims: Mapping[str, Any]) -> Caller:
        if claims.get("iss") != self._issuer:
            _refuse(TOKEN_FOREIGN_ISSUER)
        audience = claims.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            _refuse(TOKEN_FOREIGN_AUDIENCE)
        role = claims.get("role")
        if not isinstance(role, str) or role not in ROLES:
            _refuse(TOKEN_ROLE_UNKNOWN)
        areas = claims.get("areas", [])
        if not isinstance(areas, list) or not all(isinstance(area, str) and AREA.fullmatch(area) for area in areas):
            _refuse(TOKEN_MALFORMED, "its areas are not a list of GSS codes")
        subject = _text(claims, "sub")
        if subject is None:
            _refuse(TOKEN_MALFORMED, "it has no sub")
        return Caller(
            subject=subject,
            role=role,  # type: ignore[arg-type]  # a member of ROLES
            areas=frozenset(areas),
            body=_text(claims, "body"),
            client_id=_text(claims, "client_id") or _text(claims, "azp") or subject,
            organisation=_text(claims, "org"),
        )


class DevelopmentIssuer:
    """Issues any role to whoever can read the data folder: for development and demonstration, on loopback only."""

    def __init__(
        self,
        data: Path,
        *,
        issuer: str = DEVELOPMENT_ISSUER,
        audience: str = "scrutiny-ledger",
        clock: Clock = time.time,
    ) -> None:
        pem = read_or_create_secret(data / "issuer.key", _new_key)
        private = load_pem_private_key(pem, password=None)
        assert isinstance(private, Ed25519PrivateKey)
        self.issuer = issuer
        self.audience = audience
        self._private = private
        self._clock = clock
        public: dict[str, Any] = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
        self._kid = _thumbprint(public)
        self._jwk = {**public, "kid": self._kid, "alg": "EdDSA", "use": "sig"}
        self._key = jwt.PyJWK(self._jwk)

    async def key(self, kid: str | None) -> jwt.PyJWK | None:
        """See `Keys`."""
        return self._key if kid == self._kid else None

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public key set (RFC 7517)."""
        return {"keys": [dict(self._jwk)]}

    def issue(
        self,
        role: str,
        areas: Iterable[str] = (),
        body: str | None = None,
        subject: str | None = None,
        ttl: float = 8 * 3600,
        *,
        organisation: str | None = None,
        client_id: str = "development",
    ) -> str:
        """An access token of `ttl` seconds. Without a `subject` it is named for its role, areas and body."""
        if role not in ROLES:
            raise ValueError(f"{role!r} is not one of {', '.join(sorted(ROLES))}")
        codes = sorted(set(areas))
        now = int(self._clock())
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": subject or "-".join([role, *(code.lower() for code in codes[:1]), *([body] if body else [])]),
            "client_id": client_id,
            "iat": now,
            "exp": now + int(ttl),
            "jti": str(uuid4()),
            "role": role,
            "areas": codes,
            "body": body,
            "org": organisation,
        }
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(present, self._private, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": self._kid})


def token_verifier(settings: Settings, client: httpx.AsyncClient, *, clock: Clock = time.time) -> TokenVerifier:
    """The verifier that the settings ask for. `client` fetches the issuer's keys, and stays the caller's to close."""
    if settings.oidc_issuer is None or settings.oidc_jwks_url is None:
        issuer = DevelopmentIssuer(settings.data, audience=settings.oidc_audience, clock=clock)
        return TokenVerifier(issuer=issuer.issuer, audience=issuer.audience, keys=issuer, clock=clock)
    keys = RemoteKeys(settings.oidc_jwks_url, client=client)
    return TokenVerifier(issuer=settings.oidc_issuer, audience=settings.oidc_audience, keys=keys, clock=clock)


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        _refuse(TOKEN_MISSING)
    token = token.strip()
    if not token or len(token) > TOKEN_LIMIT:
        _refuse(TOKEN_MALFORMED)
    return token


def _refuse(kind: ProblemKind, detail: str | None = None) -> NoReturn:
    raise refusal_of(kind, detail)


def refusal_of(kind: ProblemKind, detail: str | None = None) -> Problem:
    """The problem with the challenge of RFC 6750 §3; a request without a token gets no error code there."""
    challenge = 'Bearer realm="scrutiny-ledger"'
    if kind is not TOKEN_MISSING:
        challenge += f', error="invalid_token", error_description="{kind.title}"'
    return kind(detail, headers={"www-authenticate": challenge})


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        _refuse(TOKEN_MALFORMED, f"its {name} is not a time")
    return float(value)


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isprintable():
        _refuse(TOKEN_MALFORMED, f"its {name} is not a short text")
    return value


def _thumbprint(public: Mapping[str, Any]) -> str:
    """RFC 7638 of an Ed25519 key: the same key has the same id in every process."""
    required = json.dumps({name: public[name] for name in ("crv", "kty", "x")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(required.encode()).digest()).rstrip(b"=").decode()


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
