"""Time-based one-time passwords (RFC 6238: SHA-1, six digits, 30 seconds) by pyotp, which every
authenticator app knows, and QR codes (ISO/IEC 18004) by segno."""

import pyotp
import segno

ISSUER = "Switchroom"
QUIET_ZONE = 4
"""Modules of white around a QR code, as the standard wants."""


class TotpApps:
    """See the port `AuthenticatorApps`."""

    def secret(self) -> str:
        """160 random bits, as people type them into an app."""
        return pyotp.random_base32(32)

    def code(self, secret: str, step: int) -> str:
        """The code of that step of 30 seconds since 1970."""
        return pyotp.HOTP(secret).at(step)

    def picture(self, secret: str, account: str) -> str:
        """The QR code that an app reads, as a data URI of an SVG without scripts."""
        address = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)
        made = segno.make_qr(address, error="m")
        return made.svg_data_uri(scale=4, border=QUIET_ZONE, light="#fff", dark="#000")
