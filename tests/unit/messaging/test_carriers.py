"""Mail and SMS against servers that insist on what the real ones insist on."""

import base64
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from portal.adapters.messaging import email, voice
from portal.adapters.messaging.azure import AzureError, Resource
from portal.adapters.messaging.azure_mail import AzureMailCarrier
from portal.adapters.messaging.email import MailError, SmtpCarrier, SmtpServer
from portal.adapters.messaging.sms import AzureSmsCarrier
from portal.domain.communications.ports import Busy, Parcel, Refused
from portal.domain.communications.texts import Written
from tests.fakes.clock import StandingClock
from tests.unit.messaging import servers

MAIL, PHONE, KEY = "desk@harbour.example", "+61491570006", b"k" * 32
SENDER = "no-reply@connected.example"
PARCEL = Parcel(
    "eu|harbour|1", "harbour", "p", MAIL, "mail_link", Written("Bestätigen", "Öffnen: x\n\n.\n")
)
TEXT = PARCEL._replace(to=PHONE, words=Written("", "12345678 is your code"))


def carrier(server: servers.Smtp, ca: Path | None, password: Path | None = None) -> SmtpCarrier:
    user = "switchroom" if password else ""
    known = SmtpServer("127.0.0.1", server.port, "Switchroom <no-reply@x.example>", user, password)
    return SmtpCarrier(known._replace(ca_file=ca))


def texter(server: servers.Sms, folder: Path, key: bytes = KEY) -> AzureSmsCarrier:
    resource = Resource(server.endpoint, key_file(folder, key))
    return AzureSmsCarrier(resource, "+12025550143", StandingClock())


def key_file(folder: Path, key: bytes = KEY) -> Path:
    file = folder / "key"
    file.write_text(base64.b64encode(key).decode() + "\n")
    return file


def mailer(server: servers.Mails, folder: Path, sender: str = SENDER) -> AzureMailCarrier:
    resource = Resource(server.endpoint, key_file(folder))
    return AzureMailCarrier(resource, sender, StandingClock())


async def test_mail_goes_encrypted_and_whole(tmp_path: Path) -> None:
    ca, pem = servers.certificate(tmp_path)
    with servers.smtp(pem) as server:
        await carrier(server, ca).carry(PARCEL)
        await carrier(server, ca).carry(PARCEL)
    assert server.encrypted == [True, True]
    first, second = (message_from_bytes(one, policy=policy.default) for one in server.mails)
    assert (first["To"], first["Subject"]) == (MAIL, "Bestätigen")
    assert first.get_content().split() == ["Öffnen:", "x", "."]
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert [MAIL in one for one in server.recipients] == [True, True]


async def test_mail_to_the_port_for_it_is_encrypted_from_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca, pem = servers.certificate(tmp_path)
    with servers.smtp(pem, implicit=True) as server:
        monkeypatch.setattr(email, "IMPLICIT_TLS_PORT", server.port)
        await carrier(server, ca).carry(PARCEL)
        with pytest.raises(MailError):
            await carrier(server, None).carry(PARCEL)
    assert server.encrypted == [True]


async def test_mail_signs_in_with_the_password_of_the_file(tmp_path: Path) -> None:
    ca, pem = servers.certificate(tmp_path)
    password = tmp_path / "password"
    with servers.smtp(pem, "geheim") as server:
        password.write_text("falsch\n")
        with pytest.raises(MailError):
            await carrier(server, ca, password).carry(PARCEL)
        password.write_text("geheim\n")
        await carrier(server, ca, password).carry(PARCEL)
    assert len(server.mails) == 1


async def test_no_mail_goes_in_the_clear_or_to_a_server_nobody_vouches_for(tmp_path: Path) -> None:
    ca, pem = servers.certificate(tmp_path)
    with servers.smtp(pem) as server:
        with pytest.raises(MailError):
            await carrier(server, None).carry(PARCEL)
        assert server.mails == []
    with servers.smtp(pem, tls=False) as server:
        with pytest.raises(MailError):
            await carrier(server, ca).carry(PARCEL)
        assert server.mails == []


async def test_what_the_server_says_of_an_address_decides_and_is_not_repeated(
    tmp_path: Path,
) -> None:
    ca, pem = servers.certificate(tmp_path)
    with servers.smtp(pem) as server:
        server.answers = {"RCPT": f"550 <{MAIL}> unknown"}
        with pytest.raises(Refused):
            await carrier(server, ca).carry(PARCEL)
        server.answers = {"RCPT": f"450 <{MAIL}> busy"}
        with pytest.raises(Busy):
            await carrier(server, ca).carry(PARCEL)
        server.answers = {"MAIL": f"554 no, {MAIL}"}
        with pytest.raises(MailError) as failed:
            await carrier(server, ca).carry(PARCEL)
    assert MAIL not in str(failed.value)


async def test_a_server_that_is_not_there_is_told_without_address(tmp_path: Path) -> None:
    ca, pem = servers.certificate(tmp_path)
    with servers.smtp(pem) as server:
        gone = carrier(server, ca)
    with pytest.raises(MailError) as failed:
        await gone.carry(PARCEL)
    assert MAIL not in str(failed.value)


async def test_sms_are_signed_and_taken_once(tmp_path: Path) -> None:
    with servers.running(servers.Sms(KEY)) as server:
        await texter(server, tmp_path).carry(TEXT)
        await texter(server, tmp_path).carry(TEXT)
        assert server.sent == [(PHONE, "12345678 is your code")]
        await texter(server, tmp_path).carry(TEXT._replace(key="another"))
        assert len(server.sent) == 2


async def test_another_key_is_refused(tmp_path: Path) -> None:
    with servers.running(servers.Sms(KEY)) as server:
        with pytest.raises(AzureError) as failed:
            await texter(server, tmp_path, b"x" * 32).carry(TEXT)
        assert server.refused == ["signature"]
    assert PHONE not in str(failed.value)


async def test_what_the_service_says_decides(tmp_path: Path) -> None:
    with servers.running(servers.Sms(KEY)) as server:
        server.status = 429
        with pytest.raises(Busy) as busy:
            await texter(server, tmp_path).carry(TEXT)
        assert busy.value.retry_after == 17
        server.status = 500
        with pytest.raises(AzureError):
            await texter(server, tmp_path).carry(TEXT)
        server.status, server.of_recipient = 0, 400
        with pytest.raises(Refused):
            await texter(server, tmp_path).carry(TEXT)
        assert server.sent == []


async def test_azure_takes_a_signed_mail_with_an_id_of_its_own(tmp_path: Path) -> None:
    with servers.running(servers.Mails(KEY)) as server:
        await mailer(server, tmp_path).carry(PARCEL)
        await mailer(server, tmp_path).carry(PARCEL)
        await mailer(server, tmp_path).carry(PARCEL._replace(key="another"))
    assert server.sent == [(MAIL, PARCEL.words.text)] * 3
    first, again, other = (one["operation"] for one in server.said)
    assert first == again != other
    assert server.said[0]["senderAddress"] == SENDER
    assert server.said[0]["userEngagementTrackingDisabled"] is True


async def test_azure_takes_a_token_where_there_is_no_key() -> None:
    async def token() -> str:
        return "of-the-process"

    with servers.running(servers.Mails(KEY)) as server:
        server.token = "of-the-process"
        resource = Resource(server.endpoint, token=token)
        await AzureMailCarrier(resource, SENDER, StandingClock()).carry(PARCEL)
        server.token = "another"
        with pytest.raises(AzureError):
            await AzureMailCarrier(resource, SENDER, StandingClock()).carry(PARCEL)
    assert len(server.sent) == 1
    assert server.refused == ["token"]


async def test_what_azure_says_of_a_mail_decides_and_is_not_repeated(tmp_path: Path) -> None:
    with servers.running(servers.Mails(KEY)) as server:
        with pytest.raises(AzureError) as unknown:  # of the settings, so it is tried again
            await mailer(server, tmp_path, "x@elsewhere.example").carry(PARCEL)
        assert MAIL not in str(unknown.value)
        with pytest.raises(Refused):
            await mailer(server, tmp_path).carry(PARCEL._replace(to="nowhere"))
        server.became = "Failed"
        with pytest.raises(Refused):
            await mailer(server, tmp_path).carry(PARCEL)
        server.status = 429
        with pytest.raises(Busy) as busy:
            await mailer(server, tmp_path).carry(PARCEL)
        assert busy.value.retry_after == 17
        server.status = 503
        with pytest.raises(AzureError) as failed:
            await mailer(server, tmp_path).carry(PARCEL)
        assert MAIL not in str(failed.value)


async def test_an_azure_service_that_is_not_there_is_told_without_address(tmp_path: Path) -> None:
    with servers.running(servers.Mails(KEY)) as server:
        gone = mailer(server, tmp_path)
    with pytest.raises(AzureError) as failed:
        await gone.carry(PARCEL)
    assert MAIL not in str(failed.value)


# --- calls ----------------------------------------------------------------------------------

CALL = TEXT._replace(words=Written("", "Your code is: 1, 2, 3"), language="de")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that ring, speak and are asked after in no time."""
    monkeypatch.setattr(voice, "ASKING_SECONDS", 0.0)
    monkeypatch.setattr(voice, "SPEAKING", 3)
    monkeypatch.setattr(voice, "RINGING", 10)


def caller(
    server: servers.Calls, folder: Path, sender: str = "+12025550143"
) -> voice.AzureVoiceCarrier:
    resource = Resource(server.endpoint, key_file(folder))
    speech, events = "https://speech.example", "https://switchroom.example/api/calls"
    return voice.AzureVoiceCarrier(resource, sender, speech, events, StandingClock())


@pytest.mark.usefixtures("quick")
async def test_a_call_speaks_once_somebody_answers_and_ends(tmp_path: Path) -> None:
    with servers.running(servers.Calls(KEY)) as server:
        server.rings, server.hangs_up = 3, True
        calling = caller(server, tmp_path)
        await calling.carry(CALL)
        await calling.ended()
    assert server.said[0]["targets"][0]["phoneNumber"] == {"value": PHONE}
    assert server.spoken == [
        {"text": "Your code is: 1, 2, 3", "sourceLocale": "de-DE", "voiceKind": "female"}
    ]
    assert server.state == "disconnected"
    assert server.refused == []


@pytest.mark.usefixtures("quick")
async def test_who_stays_on_the_line_is_hung_up_on(tmp_path: Path) -> None:
    with servers.running(servers.Calls(KEY)) as server:
        calling = caller(server, tmp_path)
        await calling.carry(CALL)
        await calling.ended()
    assert len(server.spoken) == 1
    assert server.ended == ["call-1"]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("rings", [2, 100_000])
async def test_nothing_is_spoken_to_nobody(tmp_path: Path, rings: int) -> None:
    with servers.running(servers.Calls(KEY)) as server:
        server.rings, server.answers = rings, False
        calling = caller(server, tmp_path)
        await calling.carry(CALL)
        await calling.ended()
    assert server.spoken == []
    assert server.ended == ["call-1"]


async def test_what_the_calling_service_says_decides_and_is_not_repeated(tmp_path: Path) -> None:
    with servers.running(servers.Calls(KEY)) as server:
        with pytest.raises(AzureError) as failed:  # a number of somebody else's
            await caller(server, tmp_path, "+442079460000").carry(CALL)
        assert PHONE not in str(failed.value)
        with pytest.raises(Refused):
            await caller(server, tmp_path).carry(CALL._replace(to="61491570006"))
        server.status = 429
        with pytest.raises(Busy):
            await caller(server, tmp_path).carry(CALL)
        server.status = 500
        with pytest.raises(AzureError):
            await caller(server, tmp_path).carry(CALL)
    assert server.said == []
