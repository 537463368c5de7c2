"""Which addresses the bot talks to: a corpus."""

import pytest

from bot.channel.cloud import PUBLIC
from bot.channel.service_urls import ServiceUrls, UntrustedServiceUrl

TRUSTED = [
    "https://smba.trafficmanager.net/emea/",
    "https://smba.trafficmanager.net/amer",
    "https://smba.trafficmanager.net",
    "https://smba.trafficmanager.net/emea/6f2b1d0c-7c1e-4f0e-9a55-0d5f2c3b4a10/",
]
UNTRUSTED = [
    "http://smba.trafficmanager.net/emea/",
    "https://smba.trafficmanager.net:443/emea/",
    "https://smba.trafficmanager.net:8443/emea/",
    "https://smba.trafficmanager.net:/emea/",
    "https://evil.trafficmanager.net/emea/",
    "https://trafficmanager.net/",
    "https://xsmba.trafficmanager.net/",
    "https://smba.trafficmanager.net.evil.example/",
    "https://smba.trafficmanager.net./emea/",
    "https://smba.trafficmanager.net@evil.example/",
    "https://user@smba.trafficmanager.net/emea/",
    "https://user:word@smba.trafficmanager.net/emea/",
    "https://evil.example/smba.trafficmanager.net",
    "https://evil.example#smba.trafficmanager.net",
    "https://evil.example?smba.trafficmanager.net",
    "https://evil.example\\@smba.trafficmanager.net/",
    "https://smba.trafficmanager.net\\.evil.example/",
    "https://smba.trafficmanager.net/emea/?to=https://evil.example",
    "https://smba.trafficmanager.net/emea/#fragment",
    "https://smba.trafficmanager.net/emea/../../evil",
    "https://smba.trafficmanager.net/%2e%2e/evil",
    "https://smba.trafficmanager.net//evil.example/",
    "https://SMBA.trafficmanager.net/emea/",
    "https://smba.trafficmanager。net/emea/",
    "https://smba.traff\u0456cmanager.net/emea/",
    "https://smba.trafficmanager.net\t/emea/",
    "https://smba.trafficmanager.net/emea/\r\nHost: evil.example",
    " https://smba.trafficmanager.net/emea/",
    "//smba.trafficmanager.net/emea/",
    "smba.trafficmanager.net/emea/",
    "ftp://smba.trafficmanager.net/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/plain,smba.trafficmanager.net",
    "https://169.254.169.254/metadata/identity/oauth2/token",
    "http://169.254.169.254/",
    "https://127.0.0.1/",
    "http://localhost:56150/_connector",
    "https://[::1]/",
    "https://2130706433/",
    "https://[smba.trafficmanager.net/",
    "https://smba.trafficmanager.net:99999/",
    "https://smba.trafficmanager.net/" + "a" * 600,
    "https:///emea/",
    "https://",
    "",
    None,
    7,
    ["https://smba.trafficmanager.net/"],
    {"href": "https://smba.trafficmanager.net/"},
]
ONLY_HERE = [
    "http://localhost:56150/_connector",
    "http://127.0.0.1:56150/_connector",
]


def test_the_corpus_is_large_enough() -> None:
    assert len(UNTRUSTED) + len(TRUSTED) >= 40


@pytest.mark.parametrize("url", TRUSTED)
def test_the_channel_is_trusted(url: str) -> None:
    assert ServiceUrls(PUBLIC.hosts).trusted(url) == url.rstrip("/")


@pytest.mark.parametrize("url", UNTRUSTED, ids=repr)
def test_everything_else_is_not(url: object) -> None:
    with pytest.raises(UntrustedServiceUrl):
        ServiceUrls(PUBLIC.hosts).trusted(url)


@pytest.mark.parametrize("url", ONLY_HERE)
def test_this_machine_is_trusted_for_the_emulator(url: str) -> None:
    assert ServiceUrls((), loopback=True).trusted(url) == url


@pytest.mark.parametrize("url", [one for one in UNTRUSTED if one not in ONLY_HERE], ids=repr)
def test_the_emulator_is_on_this_machine_alone(url: object) -> None:
    with pytest.raises(UntrustedServiceUrl):
        ServiceUrls((), loopback=True).trusted(url)


def test_a_host_of_another_cloud_is_trusted_when_it_is_named() -> None:
    urls = ServiceUrls(PUBLIC.hosts | {"smba.infra.gcc.teams.microsoft.com"})
    assert urls.trusted("https://smba.infra.gcc.teams.microsoft.com/teams/")
    with pytest.raises(UntrustedServiceUrl):
        urls.trusted("https://infra.gcc.teams.microsoft.com/teams/")
