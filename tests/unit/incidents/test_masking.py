import time

import pytest

from portal.adapters.phones import PhoneNumbers
from portal.domain.incidents import masking

NUMBERS = PhoneNumbers()


def masked(text: str, *keep: str) -> str:
    made, _ = masking.safe({"text": text}, NUMBERS, "GB", keep)
    return made["text"]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Ask jo.blogs@example.com now", "Ask [email] now"),
        ("Call +44 7700 900123 please", "Call [phone] please"),
        ("Call +1 202 555 0147 please", "Call [phone] please"),
        ("Card 4111 1111 1111 1111 was read out", "Card [card] was read out"),
        ("IBAN GB82 WEST 1234 5698 7654 32 leaked", "IBAN [iban] leaked"),
        ("password: hunter22, he said", "password: [secret], he said"),
        ("Das Passwort lautet Sommer2026", "Das Passwort lautet [secret]"),
        ("my pin is 4711", "my pin is [secret]"),
        ("key AKIAABCDEFGHIJKLMNOP found", "key [key] found"),
        ("ghp_0123456789abcdefghijklmnopqrstuvwxyz", "[key]"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "[key]"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- x", "[key] x"),
        ("it was Zm9vYmFyMTIzNDU2Nzg5MHF3ZXJ0eQ==", "it was [secret]"),
    ],
)
def test_what_should_not_be_kept_is_masked(written: str, stored: str) -> None:
    assert masked(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "A laptop is gone since 2026-10-28 14:00",
        "1234 5678 9012 3456 is no card",
        "12 agents in queue 4711 saw it",
        "Ticket 6f2b1d0c-7c1e-4f0e-9a55-0d5f2c3b4a10",
        "he asked for my password",
        "GB00 WEST ABCD EFGH IJKL MN",
        "Donaudampfschifffahrtsgesellschaft",
    ],
)
def test_what_is_harmless_stays(written: str) -> None:
    assert masked(written) == written


def test_the_reporter_decides_what_stays() -> None:
    text = "jo@example.com has password: hunter22"
    assert masked(text, "email") == "jo@example.com has password: [secret]"


def test_hostile_text_is_looked_through_in_time() -> None:
    begun = time.perf_counter()
    for text in ("a" * 4000, "1 " * 2000, "a@" * 2000, "password " * 400, "GB00 " * 800):
        masked(text)
    assert time.perf_counter() - begun < 5
