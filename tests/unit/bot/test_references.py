import base64
import json
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.references import ANYWHERE, Reference, References, Tampered, Verb
from portal.wiring import Services
from tests.fakes.clock import StandingClock

ALPHABET = string.ascii_letters + string.digits + "-_.= "


@pytest.fixture
def references(services: Services, clock: StandingClock) -> References:
    return References(services.directory, clock)


async def token(references: References, organization: str = "harbour") -> str:
    signer = await references.signer(organization)
    return signer.sign("chat", "q1|today", [Verb.BOARD], version=3)


async def test_what_was_signed_is_read(references: References, clock: StandingClock) -> None:
    read = await references.read(await token(references))
    expires = clock.now // 1000 + 24 * 3600
    assert read == Reference("harbour", "chat", "q1|today", (Verb.BOARD,), 3, expires)
    assert not references.is_expired(read)
    clock.pass_time(seconds=24 * 3600)
    assert references.is_expired(read)


async def test_every_changed_character_is_refused(references: References) -> None:
    text = await token(references)
    for place, one in enumerate(text):
        other = "A" if one != "A" else "B"
        with pytest.raises(Tampered):
            await references.read(text[:place] + other + text[place + 1 :])
        with pytest.raises(Tampered):
            await references.read(text[:place] + text[place + 1 :])
    with pytest.raises(Tampered):
        await references.read(text + "A")


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_no_other_text_is_a_reference(references: References, data: st.DataObject) -> None:
    text = await token(references)
    payload, signature = text.split(".")
    body = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    place = data.draw(st.integers(0, len(body) - 1))
    value = data.draw(
        st.one_of(
            st.text(ALPHABET, max_size=40),
            st.integers(),
            st.none(),
            st.booleans(),
            st.lists(st.sampled_from([one.value for one in Verb]), max_size=4),
        )
    )
    if value == body[place] and type(value) is type(body[place]):
        return
    body[place] = value
    changed = base64.urlsafe_b64encode(json.dumps(body, separators=(",", ":")).encode())
    with pytest.raises(Tampered):
        await references.read(f"{changed.decode().rstrip('=')}.{signature}")


@pytest.mark.parametrize(
    "text",
    [None, 7, True, [], {}, "", ".", "a.b", "a.b.c", "....", "é.é", "W10.", "A" * 5000, "W10.AAAA"],
)
async def test_what_is_no_reference_is_refused(references: References, text: object) -> None:
    with pytest.raises(Tampered):
        await references.read(text)


async def test_the_key_is_the_organisations_own(references: References) -> None:
    ours, theirs = await token(references), await token(references, "juniper")
    payload, _ = theirs.split(".")
    _, signature = ours.split(".")
    with pytest.raises(Tampered):
        await references.read(f"{payload}.{signature}")
    assert (await references.read(theirs)).organization == "juniper"


async def test_the_key_is_of_this_purpose(services: Services) -> None:
    keyring = (await services.directory.get("harbour")).keyring
    other = (await services.directory.get("juniper")).keyring
    made = {
        keyring.authenticate("card reference", b"x"),
        keyring.authenticate("another purpose", b"x"),
        keyring.authenticate("card reference", b"y"),
        other.authenticate("card reference", b"x"),
    }
    assert len(made) == 4
    assert {len(one) for one in made} == {32}


async def test_an_unknown_organisation_is_refused_like_any_change(references: References) -> None:
    body = [2, "nowhere", ANYWHERE, "r", [], 0, 9]
    payload = base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")
    with pytest.raises(Tampered):
        await references.read(f"{payload}.AAAA")
