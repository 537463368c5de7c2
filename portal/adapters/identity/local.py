"""Local people, for development only: everyone a dashboard is made for, in two organisations.

Nothing outside development constructs these classes. Tokens are signed with a key that is made at
start and never leaves memory, so they end with the process.
"""

import secrets
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

import jwt

from portal.domain.access.model import Claims, Person, Role
from portal.domain.access.onboarding import LocalMember
from portal.domain.access.ports import Token
from portal.domain.access.rules import account_id, holding
from portal.domain.access.service import REFUSED
from portal.domain.organizations.model import Organization, Region
from portal.domain.shared.clock import Clock
from portal.domain.shared.errors import NotAuthenticated, NotFound

ISSUER = "switchroom-development"
AUDIENCE = "switchroom"
ALGORITHM = "HS256"
LIFETIME_S = 8 * 3600
REMEMBERED = 1024
HARBOUR, JUNIPER = "harbour", "juniper"
TEAMS_TENANT = "6f2b1d0c-7c1e-4f0e-9a55-0d5f2c3b4a10"
"""The tenant of the Teams client emulator's configuration."""
_ACCOUNTS = UUID("3f0c1a52-9d53-4a55-8a0f-5b2c7e1d4f60")


def teams_account(person_id: str) -> str:
    """The object id that a local person has in the emulator's configuration."""
    return str(uuid5(_ACCOUNTS, person_id))


def organizations(region: Region) -> tuple[Organization, ...]:
    """The two sample organisations, kept in the region of this process's store."""
    return (
        Organization(HARBOUR, "Harbour Lane Insurance", region, "Europe/London", "GB"),
        Organization(JUNIPER, "Juniper Street Energy", region, "America/New_York", "US"),
    )


def people(agent_keys: Mapping[str, Mapping[str, str]]) -> tuple[Person, ...]:
    """Everyone. `agent_keys` says, by person, which agents of the sample's sources they are."""
    either = (HARBOUR, JUNIPER)
    acr = Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE
    listed: tuple[tuple[str, str, Role, tuple[str, ...]], ...] = (
        ("sofia.lindqvist", "Sofia Lindqvist", Role.SUPERVISOR, (HARBOUR,)),
        ("amira.khan", "Amira Khan", Role.AGENT, (HARBOUR,)),
        ("oliver.bright", "Oliver Bright", acr, (HARBOUR,)),
        ("hana.novak", "Hana Novak", Role.PRIVACY_OFFICER, (HARBOUR,)),
        ("tomas.silva", "Tomas Silva", Role.SECURITY_RESPONDER, (HARBOUR,)),
        ("grace.osei", "Grace Osei", Role.SUPERVISOR, (JUNIPER,)),
        ("noah.reyes", "Noah Reyes", Role.AGENT, (JUNIPER,)),
        ("dana.whitfield", "Dana Whitfield", acr, (JUNIPER,)),
        ("samuel.adeyemi", "Samuel Adeyemi", Role.PRIVACY_OFFICER, (JUNIPER,)),
        ("mei.tanaka", "Mei Tanaka", Role.SECURITY_RESPONDER, (JUNIPER,)),
        ("ruth.engel", "Ruth Engel", Role.MANAGING_PARTNER, either),
        ("luca.moretti", "Luca Moretti", Role.OPERATOR, either),
    )
    return tuple(
        Person(
            slug,
            name,
            {code: (holding(role),) for code in codes},
            dict.fromkeys(codes, agent_keys.get(slug, {})),
        )
        for slug, name, role, codes in listed
    )


class LocalPeople:
    """A directory of a few fixed people."""

    def __init__(self, known: Sequence[Person]) -> None:
        self._by_id = {person.person_id: person for person in known}
        self._by_account = {teams_account(person.person_id): person for person in known}

    def all(self) -> tuple[Person, ...]:
        """Everyone, in the order they were given."""
        return tuple(self._by_id.values())

    def members(self, organization: str) -> list[LocalMember]:
        """Those of the organisation, as its access lets them in."""
        return [
            LocalMember(
                one.person_id,
                one.display_name,
                Role(one.holdings[organization][0].role),
                one.agent_keys.get(organization, {}),
                f"{one.person_id}@{organization}.example",
            )
            for one in self._by_id.values()
            if organization in one.holdings
        ]

    def person_of(self, tenant_id: str, object_id: str) -> str | None:
        """Our id of an account: the local person's in the emulator's tenant, else Entra ID's."""
        someone = self._by_account.get(object_id) if tenant_id == TEAMS_TENANT else None
        return account_id(tenant_id, object_id) if someone is None else someone.person_id

    async def recognise(self, claims: Claims) -> Person | None:
        """The person of a local token, or None."""
        return self._by_id.get(claims.person_id)

    async def find(self, person_id: str) -> Person | None:
        """The person, or None."""
        return self._by_id.get(person_id)

    async def find_in_teams(self, tenant_id: str, aad_object_id: str) -> Person | None:
        """The person with that account in the emulator's tenant, or None."""
        return self._by_account.get(aad_object_id) if tenant_id == TEAMS_TENANT else None


class LocalSignIn:
    """Issues and verifies tokens for local people."""

    def __init__(self, directory: LocalPeople, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._verified: dict[str, Claims] = {}

    def people(self) -> Sequence[Person]:
        """Everyone one may sign in as."""
        return self._directory.all()

    def issue(self, person_id: str, organization: str | None = None) -> Token:
        """A token for the person, in their home organisation unless another is named."""
        person = next((p for p in self.people() if p.person_id == person_id), None)
        if person is None:
            raise NotFound("There is no such local person; GET /dev/people lists them.")
        code = organization or person.organizations[0]
        if code not in person.holdings:
            raise NotFound("There is no such organisation, or the person does not belong to it.")
        now_s = self._clock.now_ms() // 1000
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": person_id, "org": code}
        times = {"iat": now_s, "nbf": now_s, "exp": now_s + LIFETIME_S}
        return Token(jwt.encode(claims | times, self._key, ALGORITHM), LIFETIME_S)

    async def verify(self, token: str) -> Claims:
        """What a token of this process says; one that was verified before is only checked for its
        time, which keeps repeated requests cheap."""
        claims = self._verified.get(token) or self._decode(token)
        if self._clock.now_ms() / 1000 >= claims.expires_s:
            self._verified.pop(token, None)
            raise NotAuthenticated(REFUSED)
        if token not in self._verified:
            if len(self._verified) >= REMEMBERED:
                self._verified.pop(next(iter(self._verified)))
            self._verified[token] = claims
        return claims

    def _decode(self, token: str) -> Claims:
        try:
            said = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # The injected clock decides about time, after this.
                options={
                    "require": ["exp", "iat", "sub", "org"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            return Claims(
                str(said["sub"]),
                str(said["org"]),
                float(said["exp"]),
                authenticated_at_s=float(said["iat"]),
                methods=frozenset({"mfa"}),
            )
        except (jwt.InvalidTokenError, TypeError, ValueError):
            raise NotAuthenticated(REFUSED) from None
