"""What every holder of the outermost key does; see the port `portal.domain.shared.sealing`."""

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from portal.adapters.secrets.keyring import AesKeyring
from portal.adapters.secrets.local import LocalKeyrings
from portal.adapters.secrets.vault import Vault
from portal.adapters.secrets.vault_keys import VaultKeyrings
from portal.domain.shared.errors import Unavailable
from portal.domain.shared.sealing import Keyring, Keyrings
from tests.vault.reaching import reached, stand_in
from tests.vault.stand_in import VaultStandIn

OpenKeyrings = Callable[[], Keyrings]
KINDS = ("local", "vault")


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[VaultStandIn]:
    async with stand_in(tmp_path).serving() as running:
        yield running


@pytest.fixture(params=KINDS)
async def open_keyrings(
    request: pytest.FixtureRequest, tmp_path: Path, vault: VaultStandIn
) -> AsyncIterator[OpenKeyrings]:
    """Opens the test's outermost key, as often as wanted, as further processes would."""
    opened: list[Vault] = []

    def in_vault() -> Keyrings:
        opened.append(reached(vault))
        return VaultKeyrings(opened[-1], "uk")

    local = tmp_path / "keys" / "data.key"
    yield in_vault if request.param == "vault" else lambda: LocalKeyrings(local)
    for one in opened:
        await one.close()


@pytest.fixture
async def keyrings(open_keyrings: OpenKeyrings) -> Keyrings:
    return open_keyrings()


@pytest.fixture
def keyring() -> Keyring:
    """One organisation's keys: the same code whoever holds the outermost key."""
    return AesKeyring("bay", bytes(range(32)))


@pytest.mark.parametrize("plain", [b"", b"x", b"Casey Example" * 1000, bytes(range(256))])
def test_what_is_sealed_opens_again(keyring: Keyring, plain: bytes) -> None:
    subject = keyring.new_key()
    sealed = keyring.seal(subject.key, "contact|1", plain)
    assert keyring.open(subject.key, "contact|1", sealed) == plain
    assert len(plain) < 4 or plain not in sealed


def test_sealing_twice_gives_other_bytes(keyring: Keyring) -> None:
    sealed = {keyring.seal(keyring.own_key, "c", b"same") for _ in range(50)}
    assert len(sealed) == 50


def test_another_context_does_not_open(keyring: Keyring) -> None:
    sealed = keyring.seal(keyring.own_key, "contact|1|2|3", b"plain")
    for context in ("contact|1|2|4", "contact|1|2|", "", "contact|1|2|33"):
        with pytest.raises(Unavailable):
            keyring.open(keyring.own_key, context, sealed)


def test_another_key_does_not_open(keyring: Keyring) -> None:
    one, other = keyring.new_key(), keyring.new_key()
    sealed = keyring.seal(one.key, "c", b"plain")
    for key in (other.key, keyring.own_key):
        with pytest.raises(Unavailable):
            keyring.open(key, "c", sealed)


def test_altered_or_cut_off_bytes_do_not_open(keyring: Keyring) -> None:
    sealed = keyring.seal(keyring.own_key, "c", b"plain")
    broken = [sealed[:length] for length in range(len(sealed))]
    broken += [sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :] for n in range(len(sealed))]
    for one in (*broken, sealed + b"\0"):
        with pytest.raises(Unavailable):
            keyring.open(keyring.own_key, "c", one)


async def test_a_subject_key_unwraps_from_its_stored_form(
    open_keyrings: OpenKeyrings, keyrings: Keyrings
) -> None:
    stored = await keyrings.new("bay")
    subject = (await keyrings.open("bay", stored)).new_key()
    assert subject.key not in subject.wrapped
    again = await open_keyrings().open("bay", stored)
    assert again.unwrap(subject.wrapped) == subject.key


def test_subject_keys_are_of_their_own(keyring: Keyring) -> None:
    keys = [keyring.new_key() for _ in range(50)]
    assert len({one.key for one in keys}) == len({one.wrapped for one in keys}) == 50
    assert {len(one.key) for one in keys} == {32}


def test_a_broken_wrapped_key_does_not_unwrap(keyring: Keyring) -> None:
    wrapped = keyring.new_key().wrapped
    for broken in (b"", wrapped[:11], wrapped[:-1], wrapped + b"\0", wrapped[::-1]):
        with pytest.raises(Unavailable):
            keyring.unwrap(broken)


async def test_every_organisations_key_is_its_own(keyrings: Keyrings) -> None:
    stored = [await keyrings.new(code) for code in ("bay", "bay", "cove")]
    opened = [
        await keyrings.open(code, one)
        for code, one in zip(("bay", "bay", "cove"), stored, strict=True)
    ]
    assert len(set(stored)) == len({one.own_key for one in opened}) == 3
    for one, keyring in zip(stored, opened, strict=True):
        assert keyring.own_key not in one


async def test_another_organisation_opens_nothing(keyrings: Keyrings) -> None:
    """Not with a key of its own, and not under its name with the other's stored key."""
    stored = await keyrings.new("bay")
    bay = await keyrings.open("bay", stored)
    subject = bay.new_key()
    sealed = bay.seal(subject.key, "c", b"plain")
    for one in (await keyrings.new("cove"), stored):
        try:
            stranger = await keyrings.open("cove", one)
        except Unavailable:
            assert one == stored
            continue
        with pytest.raises(Unavailable):
            stranger.unwrap(subject.wrapped)
        with pytest.raises(Unavailable):
            stranger.open(subject.key, "c", sealed)


async def test_an_organisations_key_opens_with_its_own_outermost_key_only(
    keyrings: Keyrings, tmp_path: Path
) -> None:
    stored = await keyrings.new("bay")
    other = LocalKeyrings(tmp_path / "other.key")
    with pytest.raises(Unavailable):
        await other.open("bay", stored)
    with pytest.raises(Unavailable):
        await keyrings.open("bay", await other.new("bay"))
    altered = [
        stored[:n] + bytes([stored[n] ^ 1]) + stored[n + 1 :] for n in (0, 9, -5 % len(stored))
    ]
    for broken in (b"", stored[:-1], stored[::-1], b"{}", b"[]", *altered):
        with pytest.raises(Unavailable):
            await keyrings.open("bay", broken)


async def test_a_blind_index_is_stable_and_each_organisations_own(
    open_keyrings: OpenKeyrings, keyrings: Keyrings
) -> None:
    stored = await keyrings.new("bay")
    bay, again = await keyrings.open("bay", stored), await open_keyrings().open("bay", stored)
    cove = await keyrings.open("cove", await keyrings.new("cove"))
    index = bay.blind("number", "+12025550101")
    assert len(index) == 16
    assert again.blind("number", "+12025550101") == index
    others = {
        bay.blind("number", "+12025550102"),
        bay.blind("email", "+12025550101"),
        bay.blind("number", ""),
        cove.blind("number", "+12025550101"),
    }
    assert len(others | {index}) == 5


def test_a_blind_index_takes_any_text(keyring: Keyring) -> None:
    assert len({keyring.blind("name", text) for text in ("", "é", "\ud800", "\0", "🙂")}) == 5


# --- rotation -----------------------------------------------------------------------------


async def test_a_rotation_keeps_the_key_and_what_it_sealed(
    open_keyrings: OpenKeyrings, keyrings: Keyrings
) -> None:
    first = await keyrings.new("bay")
    bay = await keyrings.open("bay", first)
    sealed = bay.seal(bay.own_key, "c", b"plain")
    second = await keyrings.rotate("bay", first)
    assert second != first
    for one in (first, second):
        again = await open_keyrings().open("bay", one)
        assert again.open(again.own_key, "c", sealed) == b"plain"


async def test_a_retired_key_opens_nothing_and_the_others_go_on(
    open_keyrings: OpenKeyrings, keyrings: Keyrings
) -> None:
    elsewhere = open_keyrings()
    first = {code: await keyrings.new(code) for code in ("bay", "cove")}
    opened = {code: (await keyrings.open(code, one)).own_key for code, one in first.items()}
    second = {code: await keyrings.rotate(code, one) for code, one in first.items()}
    third = second | {"bay": await keyrings.rotate("bay", second["bay"])}
    assert await keyrings.retire(third) > 0
    assert await keyrings.retire(third) == 0
    for code, one in third.items():
        assert (await elsewhere.open(code, one)).own_key == opened[code]
        with pytest.raises(Unavailable):
            await elsewhere.open(code, first[code])
    made = await elsewhere.new("dell")
    assert (await keyrings.open("dell", made)).own_key


async def test_what_is_still_needed_is_not_retired(keyrings: Keyrings) -> None:
    first = {code: await keyrings.new(code) for code in ("bay", "cove")}
    await keyrings.rotate("bay", first["bay"])
    assert await keyrings.retire(first) == 0
    for code, one in first.items():
        assert (await keyrings.open(code, one)).own_key


async def test_a_rotation_that_was_broken_off_is_run_again(keyrings: Keyrings) -> None:
    first = await keyrings.new("bay")
    key = (await keyrings.open("bay", first)).own_key
    await keyrings.rotate("bay", first)  # and the process ended before it stored what it got
    second = await keyrings.rotate("bay", first)
    assert await keyrings.retire({"bay": second}) == 1
    assert (await keyrings.open("bay", second)).own_key == key


# --- the key file -------------------------------------------------------------------------


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "data.key"
    LocalKeyrings(path)
    return path


def test_the_key_file_is_its_owners_alone(key_file: Path) -> None:
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert [one.name for one in key_file.parent.iterdir()] == ["data.key"]


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o027])
def test_the_key_file_is_made_private_under_any_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        LocalKeyrings(tmp_path / "data.key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "data.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610, 0o666])
def test_a_key_file_that_others_may_read_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(Unavailable, match="chmod 600"):
        LocalKeyrings(key_file)


def test_a_missing_key_file_is_not_made_where_data_exists(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="missing"):
        LocalKeyrings(tmp_path / "data.key", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"3",
        b"null",
        b"{}",
        b'{"key": 3}',
        b'{"key": null}',
        b'{"key": "not base64!"}',
        b'{"key": "AAAA"}',
        b'{"key": "' + b"A" * 44 + b'"}',
    ],
)
def test_a_damaged_key_file_is_refused_and_left_as_it_is(key_file: Path, text: bytes) -> None:
    key_file.write_bytes(text)
    with pytest.raises(Unavailable, match="damaged"):
        LocalKeyrings(key_file)
    assert key_file.read_bytes() == text


def test_the_message_about_a_key_file_does_not_tell_the_key(key_file: Path) -> None:
    key = json.loads(key_file.read_text())["key"]
    key_file.write_text(json.dumps({"key": key[:-5] + "!"}))
    with pytest.raises(Unavailable) as refused:
        LocalKeyrings(key_file)
    assert key[:8] not in str(refused.value)


async def test_rotations_by_many_processes_lose_no_key(key_file: Path) -> None:
    """Each is a file of its own to open and to lock, as in another process."""
    many = [LocalKeyrings(key_file) for _ in range(8)]
    first = [await one.new("bay") for one in many]
    opened = [(await many[0].open("bay", one)).own_key for one in first]

    def rotate(place: int) -> bytes:
        stored = first[place]
        for _ in range(5):
            stored = asyncio.run(many[place].rotate("bay", stored))
        return stored

    rotated = await asyncio.gather(*(asyncio.to_thread(rotate, n) for n in range(8)))
    for one, key in zip((*first, *rotated), (*opened, *opened), strict=True):
        assert (await many[0].open("bay", one)).own_key == key


def test_an_existing_key_file_is_kept(key_file: Path) -> None:
    before = key_file.read_bytes()
    LocalKeyrings(key_file)
    assert key_file.read_bytes() == before


async def test_a_key_that_moves_opens_what_it_sealed_before(
    keyrings: Keyrings, tmp_path: Path
) -> None:
    stored = await keyrings.new("bay")
    before = await keyrings.open("bay", stored)
    subject = before.new_key()
    sealed = before.seal(subject.key, "c", b"plain")
    elsewhere = LocalKeyrings(tmp_path / "elsewhere.key")
    moved = await elsewhere.adopt("bay", await keyrings.reveal("bay", stored))
    after = await elsewhere.open("bay", moved)
    assert after.open(after.unwrap(subject.wrapped), "c", sealed) == b"plain"
    assert moved != stored
    back = await keyrings.adopt("bay", await elsewhere.reveal("bay", moved))
    again = await keyrings.open("bay", back)
    assert again.open(again.unwrap(subject.wrapped), "c", sealed) == b"plain"
    with pytest.raises(Unavailable):
        await elsewhere.reveal("bay", stored)


async def test_a_shredded_organisation_leaves_others_as_they_are(keyrings: Keyrings) -> None:
    bay, cove = await keyrings.new("bay"), await keyrings.new("cove")
    sealed = (await keyrings.open("cove", cove)).seal(bytes(32), "x", b"kept")
    await keyrings.shred("bay", bay)
    await keyrings.shred("bay", bay)
    assert (await keyrings.open("cove", cove)).open(bytes(32), "x", sealed) == b"kept"


async def test_a_shredded_key_of_a_vault_does_not_open(vault: VaultStandIn) -> None:
    connected = reached(vault)
    keyrings = VaultKeyrings(connected, "uk")
    first = await keyrings.new("bay")
    second = await keyrings.rotate("bay", first)
    assert await keyrings.shred("bay", second) == 2
    for wrapped in (first, second):
        with pytest.raises(Unavailable):
            await keyrings.open("bay", wrapped)
    await connected.close()
