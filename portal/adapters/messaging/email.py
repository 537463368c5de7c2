"""Mail by SMTP over TLS (RFC 5321, 3207, 8314), with aiosmtplib.

The server's certificate is verified always. The Message-ID follows from the message's key, so that
mailboxes which get a message twice show it once. What the server says may repeat the address, so
nothing of it is raised or logged.
"""

import ssl
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import aiosmtplib

from portal.domain.communications.ports import Busy, Parcel, Refused

SECONDS = 20.0
IMPLICIT_TLS_PORT = 465
RETRY_S = 60.0
PERMANENT = 500


class SmtpServer(NamedTuple):
    """Where to hand mail over, and as whom. TLS from the first byte on port 465, by STARTTLS on
    every other. `password_file` holds the password alone, read for each message."""

    host: str
    port: int
    sender: str
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None


class MailError(Exception):
    """The server could not be reached, or did not take the message; what it said is left out."""


class SmtpCarrier:
    """Hands mail to one server."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._tls = ssl.create_default_context(cafile=server.ca_file)

    async def carry(self, parcel: Parcel) -> None:
        """See the port."""
        message = composed(parcel, self._server.sender)
        try:
            async with self._connection() as smtp:
                if self._server.user and self._server.password_file is not None:
                    password = self._server.password_file.read_text(encoding="utf-8").strip()
                    await smtp.login(self._server.user, password)
                await smtp.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(one.code >= PERMANENT for one in error.recipients):
                raise Refused from None
            raise Busy(RETRY_S) from None
        except aiosmtplib.SMTPResponseException as error:
            raise MailError(f"the mail server answered {error.code}") from None
        except (OSError, aiosmtplib.SMTPException) as error:
            raise MailError(type(error).__name__) from None

    def _connection(self) -> aiosmtplib.SMTP:
        host, port = self._server.host, self._server.port
        implicit = port == IMPLICIT_TLS_PORT
        return aiosmtplib.SMTP(
            hostname=host,
            port=port,
            timeout=SECONDS,
            use_tls=implicit,
            # Not the library's "if it is offered": without TLS nothing is sent.
            start_tls=not implicit,
            tls_context=self._tls,
        )


def composed(parcel: Parcel, sender: str) -> EmailMessage:
    """The message as it goes over the wire."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = parcel.to
    message["Subject"] = parcel.words.subject
    domain = sender.rpartition("@")[2].rstrip(">")
    message["Message-ID"] = f"<{sha256(parcel.key.encode()).hexdigest()[:40]}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parcel.words.text)
    return message
