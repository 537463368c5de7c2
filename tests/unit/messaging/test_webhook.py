"""Posting to addresses of others: only to public ones, once, over verified TLS."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.adapters.messaging.webhook import HttpsHook
from portal.domain.incidents import payloads, targets
from portal.domain.incidents.ports import Answered, Unreached
from tests.fakes import receiver
from tests.fakes.clock import NOON_MS, StandingClock
from tests.unit.messaging import servers

SECRET = payloads.secret_of(bytes(range(32)))


@pytest.fixture(autouse=True)
def pem(tmp_path: Path) -> Path:
    return servers.certificate(tmp_path)[1]


@pytest.fixture
def system(pem: Path) -> Iterator[receiver.Receiver]:
    with receiver.listening(pem, lambda: NOON_MS / 1000) as found:
        found.secret = SECRET
        yield found


def hook(tmp_path: Path, *, loopback: bool = True, seconds: float = 5.0) -> HttpsHook:
    return HttpsHook(
        StandingClock(), "t", loopback=loopback, ca_file=tmp_path / "ca.pem", seconds=seconds
    )


def signed(body: bytes = b"{}") -> dict[str, str]:
    made = payloads.signed("msg_1", NOON_MS // 1000, body, [SECRET])
    return made | {"Content-Type": "application/json"}


async def test_a_signed_post_is_taken(tmp_path: Path, system: receiver.Receiver) -> None:
    answer = await hook(tmp_path).post(system.url + "?a=b", signed(), b"{}")
    assert (answer, system.refused) == (Answered(204), [])
    assert system.taken == [receiver.Taken("msg_1", "{}", "application/json")]
    await hook(tmp_path).post(system.url, signed(b"other"), b"{}")
    assert system.refused == ["signature"]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        ("Sun, 25 Oct 2026 12:02:00 GMT", 120.0),
        ("Sun, 25 Oct 2026 11:00:00 GMT", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("1 Jan 99999999999999999999 00:00:00 GMT", 0.0),
    ],
)
async def test_retry_after_is_read_in_both_shapes(
    tmp_path: Path, system: receiver.Receiver, said: str, seconds: float
) -> None:
    system.answers.append((503, {"Retry-After": said}))
    assert await hook(tmp_path).post(system.url, signed(), b"{}") == Answered(503, seconds)


async def test_a_redirect_is_an_answer_and_nothing_is_followed(
    tmp_path: Path, system: receiver.Receiver
) -> None:
    system.answers.append((307, {"Location": system.url}))
    assert (await hook(tmp_path).post(system.url, signed(), b"{}")).status == 307
    assert len(system.raw) == 1


async def test_nothing_reaches_loopback_outside_development(
    tmp_path: Path, system: receiver.Receiver
) -> None:
    outside = hook(tmp_path, loopback=False)
    with pytest.raises(Unreached, match="address"):
        await outside.post(system.url, signed(), b"{}")
    assert await outside.fault(system.url) == "an address of the public internet"
    assert system.raw == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        ["93.184.216.34", "169.254.169.254"],
        ["::ffff:192.168.0.1"],
        ["fd00::1"],
        ["fe80::1%2"],
    ],
)
async def test_a_name_that_leads_inside_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    made = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: made)
    monkeypatch.setattr(socket.socket, "connect", pytest.fail)
    with pytest.raises(Unreached, match="address"):
        await hook(tmp_path).post("https://siem.example/", signed(), b"{}")
    assert "public" in await hook(tmp_path).fault("https://siem.example/")


async def test_a_name_is_looked_up_once_for_each_connection(
    tmp_path: Path, system: receiver.Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look-up would lead elsewhere; it is never made."""
    asked: list[object] = []
    port = int(system.url.rsplit(":", 1)[1].split("/")[0])

    def rebinding(name: str, *_: object, **__: object) -> list[object]:
        asked.append(name)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    connected: list[tuple[str, int]] = []
    connect = socket.socket.connect

    def noting(self: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noting)
    with pytest.raises(Unreached, match="tls"):
        # The certificate is for 127.0.0.1 and not for the name.
        await hook(tmp_path).post(f"https://siem.example:{port}/", signed(), b"{}")
    assert asked == ["siem.example"]
    assert connected == [("127.0.0.1", port)]
    assert system.raw == []


async def test_a_certificate_that_nobody_vouches_for_ends_it(
    tmp_path: Path, system: receiver.Receiver
) -> None:
    trusting_others = HttpsHook(StandingClock(), "t", loopback=True)
    with pytest.raises(Unreached, match="tls"):
        await trusting_others.post(system.url, signed(), b"{}")
    assert system.raw == []


async def test_who_answers_byte_by_byte_is_hung_up_on(tmp_path: Path, pem: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    listener = socket.create_server(("127.0.0.1", 0))
    hung_up = threading.Event()

    def drip() -> None:
        plain, _ = listener.accept()
        with context.wrap_socket(plain, server_side=True) as one:
            try:
                one.sendall(b"HTTP/1.1 200 OK\r\n")
                while one.recv(65536):
                    pass
            except OSError:
                pass
            hung_up.set()

    thread = threading.Thread(target=drip)
    thread.start()
    url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
    with pytest.raises(Unreached, match="timeout"):
        await hook(tmp_path, seconds=0.3).post(url, signed(), b"{}")
    assert await asyncio.to_thread(hung_up.wait, 5)
    thread.join()
    listener.close()


async def test_nobody_there_and_no_such_name_are_told_apart(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    with pytest.raises(Unreached, match="connection"):
        await hook(tmp_path).post(f"https://127.0.0.1:{port}/", signed(), b"{}")
    with pytest.raises(Unreached, match="name"):
        await hook(tmp_path).post("https://nobody.invalid/", signed(), b"{}")
    assert await hook(tmp_path).fault("https://nobody.invalid/") == "a name that can be found"


INSIDE = [
    "168.63.129.16",
    "::ffff:168.63.129.16",
    "192.0.0.192",
    "192.88.99.1",
    "3fff::1",
    "5f00::1",
    "fec0::1",
    *("127.0.0.1", "127.8.8.8", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255"),
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1"),
    *("fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe"),
    *("2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "::7f00:1", "no address", ""),
]


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_public_is_known(address: str) -> None:
    assert not targets.is_public(address, loopback=False)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1", "1.1.1.1"])
def test_what_is_public_is_known(address: str) -> None:
    assert targets.is_public(address, loopback=False)
    assert targets.fault(f"https://siem.example/{address}", loopback=False) == ""


@pytest.mark.parametrize(
    "url",
    [
        *("", "siem.example", "http://siem.example/", "ftp://siem.example", "https://"),
        *("https:///x", "https://user@siem.example/", "https://u:p@siem.example/"),
        *("https://siem.example:22/", "https://siem.example:25/", "https://siem.example:99999/"),
        *("https://siem.example/#x", "https://siem.example /", "https://siem.example/\r\nX: y"),
        *("https://siém.example/", "https://siem.example\\@10.0.0.1/", "https://[::1]/"),
        *("https://127.0.0.1/", "https://10.0.0.1:8443/", "https://[::ffff:10.0.0.1]/"),
        *("javascript:alert(1)", "https://[::1", "https://x/" + "a" * 2000),
    ],
)
def test_other_addresses_are_none(url: str) -> None:
    assert targets.fault(url, loopback=False) != ""


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "localhost", "0177.0.0.1"])
async def test_other_spellings_of_loopback_lead_nowhere(tmp_path: Path, host: str) -> None:
    assert await hook(tmp_path, loopback=False).fault(f"https://{host}:8443/") != ""
