import jwt
import pytest

from portal.adapters.identity import local
from portal.domain.access.model import Role
from portal.domain.access.service import REFUSED, Access
from portal.domain.organizations.model import Region
from portal.domain.shared.errors import NotAuthenticated, NotFound
from tests.fakes.clock import StandingClock

KEYS = {"amira.khan": {"three-cx": "201"}}


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def directory() -> local.LocalPeople:
    return local.LocalPeople(local.people(KEYS))


@pytest.fixture
def sign_in(directory: local.LocalPeople, clock: StandingClock) -> local.LocalSignIn:
    return local.LocalSignIn(directory, clock)


@pytest.fixture
def access(sign_in: local.LocalSignIn, directory: local.LocalPeople) -> Access:
    return Access(sign_in, directory)


def test_every_role_exists_in_each_organisation(directory: local.LocalPeople) -> None:
    for code in ("harbour", "juniper"):
        roles = {
            person.holdings[code][0].role for person in directory.all() if code in person.holdings
        }
        assert roles == set(Role) - {Role.REPORTER}  # held without being given


def test_people_belong_to_known_organisations(directory: local.LocalPeople) -> None:
    codes = {one.code for one in local.organizations(Region.EU)}
    assert {code for person in directory.all() for code in person.holdings} == codes


async def test_a_token_says_who_and_where(access: Access, sign_in: local.LocalSignIn) -> None:
    actor = await access.identify(sign_in.issue("amira.khan").text)
    assert (actor.person_id, actor.organization, actor.role) == (
        "amira.khan",
        "harbour",
        Role.AGENT,
    )
    assert actor.agent_keys == {"three-cx": "201"}


async def test_a_person_of_two_organisations_may_name_the_other(
    access: Access, sign_in: local.LocalSignIn
) -> None:
    home, other = sign_in.issue("ruth.engel"), sign_in.issue("ruth.engel", "juniper")
    assert (await access.identify(home.text)).organization == "harbour"
    assert (await access.identify(home.text, "juniper")).organization == "juniper"
    assert (await access.identify(other.text)).organization == "juniper"


async def test_another_organisation_is_not_found(
    access: Access, sign_in: local.LocalSignIn
) -> None:
    token = sign_in.issue("grace.osei").text
    with pytest.raises(NotFound):
        await access.identify(token, "harbour")
    with pytest.raises(NotFound):
        sign_in.issue("grace.osei", "harbour")


def test_unknown_people_get_no_token(sign_in: local.LocalSignIn) -> None:
    with pytest.raises(NotFound):
        sign_in.issue("nobody")


async def test_a_token_ends_after_eight_hours_also_when_seen_before(
    access: Access, sign_in: local.LocalSignIn, clock: StandingClock
) -> None:
    token = sign_in.issue("amira.khan")
    assert token.expires_in == 8 * 3600
    clock.pass_time(seconds=token.expires_in - 1)
    await access.identify(token.text)
    clock.pass_time(seconds=1)
    with pytest.raises(NotAuthenticated):
        await access.identify(token.text)
    with pytest.raises(NotAuthenticated):
        await access.identify(token.text)


async def test_tokens_of_another_process_are_refused(
    access: Access, directory: local.LocalPeople, clock: StandingClock
) -> None:
    foreign = local.LocalSignIn(directory, clock).issue("amira.khan")
    with pytest.raises(NotAuthenticated):
        await access.identify(foreign.text)


@pytest.mark.parametrize("change", ["iss", "aud", "exp", "org", "sub"])
async def test_tokens_with_other_claims_are_refused(
    access: Access, sign_in: local.LocalSignIn, change: str
) -> None:
    claims = jwt.decode(sign_in.issue("amira.khan").text, options={"verify_signature": False})
    wrong = {name: value for name, value in claims.items() if name != change}
    with pytest.raises(NotAuthenticated):
        await access.identify(jwt.encode(wrong, sign_in._key, local.ALGORITHM))


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é.é.é", "\x00", "Bearer", "." * 9000])
async def test_text_that_is_no_token_is_refused(access: Access, text: str) -> None:
    with pytest.raises(NotAuthenticated):
        await access.identify(text)


async def test_unsigned_tokens_are_refused(access: Access, sign_in: local.LocalSignIn) -> None:
    claims = jwt.decode(sign_in.issue("amira.khan").text, options={"verify_signature": False})
    with pytest.raises(NotAuthenticated):
        await access.identify(jwt.encode(claims, "", "none"))


async def test_verified_tokens_are_remembered_within_bounds(
    sign_in: local.LocalSignIn, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "REMEMBERED", 3)
    for _ in range(5):
        clock.pass_time(seconds=1)
        await sign_in.verify(sign_in.issue("amira.khan").text)
    assert len(sign_in._verified) == 3


async def test_without_an_identity_provider_no_token_is_accepted(
    sign_in: local.LocalSignIn, directory: local.LocalPeople
) -> None:
    with pytest.raises(NotAuthenticated, match=REFUSED):
        await Access(None, directory).identify(sign_in.issue("amira.khan").text)


async def test_someone_who_left_is_refused(sign_in: local.LocalSignIn) -> None:
    with pytest.raises(NotAuthenticated, match=REFUSED):
        await Access(sign_in, local.LocalPeople(())).identify(sign_in.issue("amira.khan").text)


async def test_people_of_the_emulator_are_known_in_its_tenant_only(
    directory: local.LocalPeople,
) -> None:
    someone = local.teams_account("amira.khan")
    found = await directory.find_in_teams(local.TEAMS_TENANT, someone)
    assert found is not None
    assert found.person_id == "amira.khan"
    assert await directory.find_in_teams(local.teams_account("another-tenant"), someone) is None
    assert await directory.find_in_teams(local.TEAMS_TENANT, local.teams_account("nobody")) is None
    assert await directory.find_in_teams(local.TEAMS_TENANT, "") is None
