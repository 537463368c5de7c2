"""How long sessions last, how secrets look, where a browser may be sent. Pure functions.

The limits are those of NIST SP 800-63B for its second level: twelve hours, thirty minutes unused.
"""

import base64
import re
import secrets
from hashlib import sha256
from typing import NamedTuple

from portal.domain.sessions.model import Session

IDLE_MS = 30 * 60_000
LONGEST_MS = 12 * 3600_000
TOUCH_EVERY_MS = 60_000
SIGN_IN_MS = 10 * 60_000
SECRET_BYTES = 32
COOKIE = re.compile(r"([0-9a-f]{32})\.([A-Za-z0-9_-]{43})", re.ASCII)
SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
RETURN_TO = re.compile(r"/tab/(\?[\w=&%.:~+,-]{0,500})?", re.ASCII)
HOME = "/tab/"
BROWSERS = ("Edg", "Firefox", "OPR", "Chrome", "Safari")
BROWSER_NAMES = {"Edg": "Edge", "OPR": "Opera"}
SYSTEMS = {
    "iPhone": "iOS",
    "iPad": "iPadOS",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
UNKNOWN = "unknown"


class Credential(NamedTuple):
    """What a cookie says: whose partition the session is in, and its id there."""

    account: str
    id: str


def new_secret() -> str:
    """256 random bits in the characters of cookies."""
    return base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=").decode()


def hashed(secret: str) -> str:
    """What a store keeps of a secret. A plain hash is enough: nobody can try 256 bits."""
    return sha256(secret.encode()).hexdigest()


def cookie(account: str, secret: str) -> str:
    """The cookie of a session of that account."""
    return f"{account}.{secret}"


def credential(text: str) -> Credential | None:
    """What a cookie or a proof says; None for any other text."""
    match = COOKIE.fullmatch(text)
    return Credential(match[1], hashed(match[2])) if match else None


def is_alive(session: Session, now_ms: int) -> bool:
    """Whether it has neither ended nor been left alone for too long."""
    return now_ms < session.ends_at_ms and now_ms < session.idle_at_ms


def safe_return(asked: str) -> str:
    """The address to go on to after a sign-in: within the tab, else the tab itself."""
    return asked if RETURN_TO.fullmatch(asked) else HOME


def device(user_agent: str) -> str:
    """A browser and a system in two words, for people to know their sessions by."""
    browser = next((one for one in BROWSERS if f"{one}/" in user_agent), "")
    system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), "")
    named = BROWSER_NAMES.get(browser, browser)
    return " / ".join(one for one in (named, system) if one) or UNKNOWN
