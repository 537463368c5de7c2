"""What every holder of the outermost key does; see the port `portal.domain.shared.sealing`."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.adapters.secrets.local import LocalKeyrings
from portal.domain.shared.errors import Unavailable
from portal.domain.shared.sealing import Keyring, Keyrings

OpenKeyrings = Callable[[], Keyrings]


def _local(folder: Path) -> Keyrings:
    return LocalKeyrings(folder / "keys" / "data.key")


OPENERS = {"local": _local}


@pytest.fixture(params=sorted(OPENERS))
def open_keyrings(request: pytest.FixtureRequest, tmp_path: Path) -> OpenKeyrings:
    """Opens the test's outermost key, as often as wanted, as further processes would."""
    return lambda: OPENERS[request.param](tmp_path)


@pytest.fixture
def keyrings(open_keyrings: OpenKeyrings) -> Keyrings:
    return open_keyrings()


@pytest.fixture
def keyring(keyrings: Keyrings) -> Keyring:
    return keyrings.open("bay", keyrings.new())


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


def test_a_subject_key_unwraps_from_its_stored_form(
    open_keyrings: OpenKeyrings, keyrings: Keyrings
) -> None:
    stored = keyrings.new()
    subject = keyrings.open("bay", stored).new_key()
    assert subject.key not in subject.wrapped
    again = open_keyrings().open("bay", stored)
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


def test_another_organisation_opens_nothing(keyrings: Keyrings) -> None:
    """Not with a key of its own, and not under its name with the other's stored key."""
    stored = keyrings.new()
    bay = keyrings.open("bay", stored)
    subject = bay.new_key()
    sealed = bay.seal(subject.key, "c", b"plain")
    for stranger in (keyrings.open("cove", keyrings.new()), keyrings.open("cove", stored)):
        with pytest.raises(Unavailable):
            stranger.unwrap(subject.wrapped)
        with pytest.raises(Unavailable):
            stranger.open(subject.key, "c", sealed)


def test_an_organisations_key_opens_with_its_own_outermost_key_only(
    keyrings: Keyrings, tmp_path: Path
) -> None:
    stored = keyrings.new()
    other = LocalKeyrings(tmp_path / "other.key")
    with pytest.raises(Unavailable):
        other.open("bay", stored)
    for broken in (b"", stored[:-1], stored[::-1]):
        with pytest.raises(Unavailable):
            keyrings.open("bay", broken)


def test_a_blind_index_is_stable_and_each_organisations_own(
    open_keyrings: OpenKeyrings, keyrings: Keyrings
) -> None:
    stored = keyrings.new()
    bay, again = keyrings.open("bay", stored), open_keyrings().open("bay", stored)
    cove = keyrings.open("cove", keyrings.new())
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


def test_an_existing_key_file_is_kept(key_file: Path) -> None:
    before = key_file.read_bytes()
    LocalKeyrings(key_file)
    assert key_file.read_bytes() == before
