"""Tokens of Microsoft Entra ID: which are ours, and what they say.

One kind is accepted as a bearer token: a delegated access token of version 2.0 that Teams asked for
on behalf of the person it speaks for, issued by the tenant it names, for this app, with the scope
`access_as_user`. ID tokens, tokens for other services, tokens of apps and tokens of other issuers
are refused, all with the same words. Sources: Microsoft identity platform, "Access token claims
reference" and "Secure applications by validating claims".
"""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, NamedTuple

import jwt

from portal.adapters.identity.entra_keys import SigningKey, SigningKeys
from portal.domain.access.model import Claims
from portal.domain.access.rules import account_id
from portal.domain.access.service import REFUSED
from portal.domain.shared.clock import Clock
from portal.domain.shared.errors import NotAuthenticated

ALGORITHM = "RS256"
VERSION = "2.0"
SCOPE = "access_as_user"
SKEW_S = 120
REMEMBERED = 4096
MOST_GROUPS = 1000
LONGEST_MAIL = 254
MAIL = re.compile(r"[^\s<>@\",;:\x00-\x1f]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
SECOND_FACTOR = "mfa"
TEAMS_CLIENTS = (
    "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
    "5e3ce6c0-2b1f-4285-8d4b-75ee78787346",
)
"""Teams on desktop and mobile, and on the web, as Microsoft documents them."""
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
REQUIRED = ("exp", "nbf", "iat", "iss", "aud", "tid", "oid", "ver")
OPTIONS: Any = {
    "require": list(REQUIRED),
    "strict_aud": False,
    # The injected clock decides about time, after this; the issuer depends on the tenant.
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_iss": False,
}


@dataclass(frozen=True)
class Registration:
    """The app as it is registered. `authority` is where tokens are issued, such as
    `https://login.microsoftonline.com`; `audiences` are its id and its address; `clients` are the
    apps that may ask for tokens on behalf of people; `context` is the authentication context that
    stands for a second factor; `tenant_id` the one tenant whose people may come, "" for every
    tenant of an organisation."""

    authority: str
    app_id: str
    audiences: tuple[str, ...]
    clients: frozenset[str] = frozenset(TEAMS_CLIENTS)
    context: str = ""
    tenant_id: str = ""

    def issuer(self, tenant_id: str) -> str:
        """Who issues the tokens of a tenant."""
        return f"{self.authority}/{tenant_id}/v2.0"


class _Verified(NamedTuple):
    claims: Claims
    not_before_s: float
    key_id: str
    key: SigningKey


GroupsOf = Callable[[str, str, str], Awaitable[frozenset[str]]]
"""The groups of a tenant's account, asked for with its verified token."""


class EntraVerifier:
    """Vouches for the tokens that Teams hands to the tab. `groups_of` looks up the groups of
    people who are in more of them than a token holds."""

    def __init__(
        self,
        keys: SigningKeys,
        registration: Registration,
        clock: Clock,
        groups_of: GroupsOf | None = None,
    ) -> None:
        self._keys = keys
        self._groups_of = groups_of
        self._registration = registration
        self._clock = clock
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    async def verify(self, token: str) -> Claims:
        """What the token says. One that was verified before is only checked for its time and its
        key, which keeps repeated requests cheap. Raises NotAuthenticated, or Unavailable when there
        are no keys to judge by; and what looking up groups raises, since somebody whose groups are
        not known must not be taken for somebody without."""
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        verified = self._verified.get(digest)
        if verified is None or not self._keys.is_current(verified.key_id, verified.key):
            verified = await self._judge(token)
        now_s = self._clock.now_ms() / 1000
        if not verified.not_before_s - SKEW_S <= now_s < verified.claims.expires_s + SKEW_S:
            self._verified.pop(digest, None)
            raise NotAuthenticated(REFUSED)
        self._verified[digest] = verified
        if len(self._verified) > REMEMBERED:
            self._verified.popitem(last=False)
        return verified.claims

    async def signed_in(
        self, id_token: str, groups: Callable[[], Awaitable[frozenset[str]]]
    ) -> Claims:
        """What the ID token of a browser's sign-in says; `groups` is asked for those that it does
        not hold. Its nonce is the caller's to compare. Raises as `verify`."""
        said, _, _ = await decoded(id_token, self._keys, self._registration)
        now_s = self._clock.now_ms() / 1000
        if said["aud"] != self._registration.app_id or "scp" in said:
            raise NotAuthenticated(REFUSED)
        if not float(said["iat"]) - SKEW_S <= now_s < float(said["exp"]) + SKEW_S:
            raise NotAuthenticated(REFUSED)
        claims = claims_of(said, self._registration)
        return replace(claims, groups=await groups()) if has_overage(said) else claims

    async def _judge(self, token: str) -> _Verified:
        said, key_id, key = await decoded(token, self._keys, self._registration)
        asked_by, scopes = said.get("azp"), said.get("scp")
        if not isinstance(asked_by, str) or not isinstance(scopes, str):
            raise NotAuthenticated(REFUSED)
        if asked_by not in self._registration.clients:
            raise NotAuthenticated(REFUSED)
        if SCOPE not in scopes.split(" ") or said.get("idtyp", "user") != "user":
            raise NotAuthenticated(REFUSED)
        claims = claims_of(said, self._registration)
        if has_overage(said) and self._groups_of is not None:
            self._require_now(said)
            found = await self._groups_of(str(said["tid"]), str(said["oid"]), token)
            claims = replace(claims, groups=found)
        return _Verified(claims, max(float(said["nbf"]), float(said["iat"])), key_id, key)

    def _require_now(self, said: Mapping[str, Any]) -> None:
        """Nobody is asked about a token that has ended."""
        now_s = self._clock.now_ms() / 1000
        if not float(said["nbf"]) - SKEW_S <= now_s < float(said["exp"]) + SKEW_S:
            raise NotAuthenticated(REFUSED)


async def decoded(
    token: str, keys: SigningKeys, registration: Registration
) -> tuple[Mapping[str, Any], str, SigningKey]:
    """The claims of a token that a tenant of Entra ID signed for this app, the key's id and the
    key; times and purpose are for the caller to judge. Raises NotAuthenticated, or Unavailable."""
    try:
        head = jwt.get_unverified_header(token)
        key_id = head.get("kid")
    except Exception:  # noqa: BLE001 - whatever it is, it is no token
        raise NotAuthenticated(REFUSED) from None
    if head.get("alg") != ALGORITHM or not isinstance(key_id, str) or not key_id:
        raise NotAuthenticated(REFUSED)
    key = await keys.find(key_id)
    if key is None:
        raise NotAuthenticated(REFUSED)
    try:
        said = jwt.decode(
            token,
            key.public,
            algorithms=[ALGORITHM],
            audience=list(registration.audiences),
            options=OPTIONS,
        )
        for name in ("exp", "nbf", "iat"):
            float(said[name])
    except Exception:  # noqa: BLE001 - a token that cannot be read to the end is not valid
        raise NotAuthenticated(REFUSED) from None
    _require_issuer(said, key, registration)
    return said, key_id, key


def _require_issuer(said: Mapping[str, Any], key: SigningKey, registration: Registration) -> None:
    """The issuer is that of the tenant the token names, and the key may sign for it."""
    tenant, person = said["tid"], said["oid"]
    well_formed = all(isinstance(one, str) and UUID.fullmatch(one) for one in (tenant, person))
    if not well_formed or said["ver"] != VERSION or not isinstance(said["aud"], str):
        raise NotAuthenticated(REFUSED)
    if said["iss"] != registration.issuer(tenant) or registration.tenant_id not in {"", tenant}:
        raise NotAuthenticated(REFUSED)
    if key.issuer is not None and key.issuer.replace("{tenantid}", tenant) != said["iss"]:
        raise NotAuthenticated(REFUSED)


def claims_of(said: Mapping[str, Any], registration: Registration) -> Claims:
    """The claims in the words of the product. The registered authentication context counts as a
    second factor: the tenant's Conditional Access gives it for nothing less."""
    methods, contexts = _texts(said.get("amr")), _texts(said.get("acrs"))
    if registration.context and registration.context in contexts:
        methods |= {SECOND_FACTOR}
    at = said.get("auth_time")
    tenant, person = str(said["tid"]), str(said["oid"])
    return Claims(
        person_id=account_id(tenant, person),
        organization="",
        expires_s=float(said["exp"]),
        tenant_id=tenant,
        object_id=person,
        display_name=str(said.get("name") or "")[:200],
        groups=_texts(said.get("groups")),
        authenticated_at_s=float(at) if isinstance(at, int | float) else None,
        methods=methods,
        contexts=contexts,
        mail=_mail(said),
        is_guest=said.get("acct") == 1 or said.get("idp", said["iss"]) != said["iss"],
    )


def _mail(said: Mapping[str, Any]) -> str:
    """Where mail reaches the person: the tenant's `email`, else the name they sign in with, which
    is an address in most tenants. Neither is proven to be read by them."""
    for claim in ("email", "preferred_username"):
        text = said.get(claim)
        if isinstance(text, str) and len(text) <= LONGEST_MAIL and MAIL.fullmatch(text):
            return text
    return ""


def has_overage(said: Mapping[str, Any]) -> bool:
    """Whether the person is in more groups than a token holds, so that Graph must be asked."""
    names = said.get("_claim_names")
    return (isinstance(names, dict) and "groups" in names) or said.get("hasgroups") is True


def _texts(value: Any) -> frozenset[str]:
    """The texts of a list claim; of one that is no list, nothing."""
    if not isinstance(value, list):
        return frozenset()
    return frozenset(one for one in value[:MOST_GROUPS] if isinstance(one, str))
