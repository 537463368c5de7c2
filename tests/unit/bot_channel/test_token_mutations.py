"""Thousands of changed tokens: one whose text differs from the signed one is never accepted, and
whatever is sent ends in a refusal, not in an error."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channel.cloud import PUBLIC
from bot.channel.keys import SigningKey
from bot.channel.refusal import Refused
from bot.channel.tokens import TokenVerifier
from tests.fakes import teams

HERE = "https://smba.trafficmanager.net/emea/"
ISSUER = teams.Issuer("channel", ["msteams"])
TOKEN = ISSUER.token(serviceurl=HERE)
ALPHABET = st.characters(codec="utf-8", exclude_characters=" ")


class Keys:
    """The issuer's one key."""

    async def find(self, key_id: str) -> SigningKey | None:
        return self.current(key_id)

    def current(self, key_id: str) -> SigningKey | None:
        public = teams.private_key(ISSUER.key_id, 2048).public_key()
        known = SigningKey(public, frozenset({"msteams"}))
        return known if key_id == ISSUER.key_id else None


def verdict(token: str) -> str:
    """ "accepted", or the status of the refusal."""
    verifier = TokenVerifier(Keys(), issuer=PUBLIC.issuer, app_id=teams.APP)  # type: ignore[arg-type]
    judging = verifier.verify(f"Bearer {token}", HERE)
    try:
        judging.send(None)  # nothing in it waits, so one step is all
    except Refused as refused:
        return str(int(refused.status))
    except StopIteration:
        return "accepted"
    raise AssertionError("the verdict was awaited")


def test_the_token_itself_is_accepted() -> None:
    assert verdict(TOKEN) == "accepted"


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, len(TOKEN) - 1), ALPHABET)
def test_a_token_with_another_character_is_refused(place: int, character: str) -> None:
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    # The last character of base64 holds bits that mean nothing; those tokens are the same token.
    same = changed == TOKEN or place in {len(TOKEN) - 1, TOKEN.index("."), TOKEN.rindex(".") - 1}
    assert same or verdict(changed) == "401"


@settings(max_examples=500, deadline=None)
@given(st.integers(0, len(TOKEN)), st.integers(0, len(TOKEN)))
def test_a_token_with_a_piece_cut_out_is_refused(begin: int, end: int) -> None:
    begin, end = min(begin, end), max(begin, end)
    changed = TOKEN[:begin] + TOKEN[end:]
    assert changed == TOKEN or verdict(changed) == "401"


@settings(max_examples=500, deadline=None)
@given(st.lists(st.text(ALPHABET, max_size=60), min_size=1, max_size=6).map(".".join))
def test_anything_else_is_refused(text: str) -> None:
    assert verdict(text) == "401"
