"""Mail by SMTP over TLS (RFC 5321, 3207, 8314), with the standard library in a thread.

The server's certificate is verified always. The Message-ID follows from the message's key, so that
mailboxes which get a message twice show it once. What the server says may repeat the address, so
nothing of it is raised or logged.
"""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

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
        await asyncio.to_thread(self._send, composed(parcel, self._server.sender))

    def _send(self, message: EmailMessage) -> None:
        try:
            with self._connected() as smtp:
                if self._server.user and self._server.password_file is not None:
                    smtp.login(self._server.user, self._server.password_file.read_text().strip())
                smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            if codes and all(code >= PERMANENT for code in codes):
                raise Refused from None
            raise Busy(RETRY_S) from None
        except smtplib.SMTPResponseException as error:
            raise MailError(f"the mail server answered {error.smtp_code}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(type(error).__name__) from None

    def _connected(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if port == IMPLICIT_TLS_PORT:
            return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=self._tls)
        smtp = smtplib.SMTP(host, port, timeout=SECONDS)
        try:
            smtp.starttls(context=self._tls)
        except BaseException:
            smtp.close()
            raise
        return smtp


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
