"""What an environment file may hold, and how its mistakes are told."""

from pathlib import Path

import pytest

from manifest import environment
from manifest.environment import UnusableEnvironmentError

TEXT = (environment.FOLDER / "example.toml").read_text(encoding="utf-8")


def problem(text: str, name: str = "acme") -> str:
    with pytest.raises(UnusableEnvironmentError) as caught:
        environment.parse(text, name, "acme.toml")
    return str(caught.value)


@pytest.mark.parametrize("one", sorted(environment.FOLDER.glob("*.toml")), ids=lambda p: p.stem)
def test_every_committed_environment_can_be_read(one: Path) -> None:
    assert environment.load(one.stem).name == one.stem


def test_a_file_of_ones_own_is_named_after_itself(tmp_path: Path) -> None:
    file = tmp_path / "acme-eu.toml"
    file.write_text(TEXT.replace("B4A1", "b4a1"), encoding="utf-8")
    assert environment.load(str(file)).name == "acme-eu"


def test_ids_are_written_in_one_way() -> None:
    upper = TEXT.replace("b4a1c0de", "B4A1C0DE")
    assert environment.parse(upper, "a", "a").client_id.startswith("b4a1c0de")


def test_every_mistake_is_told_at_once() -> None:
    told = problem('app_id = "x"\nhost = 5\ncolour = "red"\n[developer]\nname = " "\nphone = "1"')
    for key in (
        "app_id: must be a GUID",
        "client_id is missing",
        "host must be a text",
        "colour is no field",
        "developer.name must be a text",
        "developer.phone is no field",
        "developer.terms is missing",
    ):
        assert key in told


def test_a_bot_may_be_an_identity_of_its_own() -> None:
    own = "1c7d0e1a-52f3-4c68-9b1e-7a0f6b2d9c33"
    made = environment.parse(f'bot_id = "{own}"\n{TEXT}', "a", "a")
    assert (made.bot_id, made.client_id != own) == (own, True)
    assert environment.parse(TEXT, "a", "a").bot_id == made.client_id
    assert "bot_id: must be a GUID" in problem(f'bot_id = "me"\n{TEXT}')


@pytest.mark.parametrize(
    "host",
    [
        "https://switchroom.example.com",
        "switchroom.example.com/",
        "switchroom.example.com:443",
        "Switchroom.example.com",
        "*.example.com",
        "localhost",
        "127.0.0.1",
        "-a.example.com",
        "a..example.com",
        "ä.example.com",
        "a.example.com\\n",
        "x" * 64 + ".example.com",
    ],
)
def test_a_host_is_a_plain_name(host: str) -> None:
    assert "DNS name" in problem(TEXT.replace("switchroom.example.com", host, 1))


@pytest.mark.parametrize("guid", ["", "0" * 32, "00000000-0000-0000-0000-000000000000", "{x}"])
def test_an_id_is_a_guid_of_its_own(guid: str) -> None:
    assert "client_id" in problem(TEXT.replace("b4a1c0de-7d35-4f6b-8e92-51d3a9c8e704", guid))


def test_what_is_no_toml_is_told() -> None:
    assert "not TOML" in problem("app_id = ")


def test_a_name_that_is_no_file_name_is_refused() -> None:
    assert "file name" in problem(TEXT, "a b")


@pytest.mark.parametrize("name", ["nowhere", "../settings", "/nowhere.toml", ""])
def test_an_unknown_environment_is_told_with_the_known_ones(name: str) -> None:
    with pytest.raises(UnusableEnvironmentError, match="known environments: example"):
        environment.load(name)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "acme.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UnusableEnvironmentError, match="UTF-8"):
        environment.load(str(file))


@pytest.mark.parametrize(
    ("host", "reserved"), [("a.example.com", True), ("a.test", True), ("a.example.com.au", False)]
)
def test_hosts_of_documents_are_known(host: str, reserved: bool) -> None:
    text = TEXT.replace("switchroom.example.com", host, 1)
    assert environment.parse(text, "a", "a").is_reserved is reserved
