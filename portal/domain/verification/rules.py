"""The numbers and formulas of verification.

Links: 256 random bits, 24 hours, once. Codes: 8 digits (26.6 bits), 5 minutes, 5 tries, once.
After 5 failures attempts are refused for 15 minutes, doubling to a day. Sends are limited for each
person, number, block of a thousand numbers and organisation (security reference, 1.2 and T13, T14;
NIST SP 800-63B, out-of-band secrets and rate limiting).
"""

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256

from portal.domain.shared.errors import InvalidInput, RateLimited
from portal.domain.shared.sealing import Keyring
from portal.domain.verification.model import Attempts, LineType, Number

MINUTE_MS = 60_000
DAY_MS = 24 * 3600 * 1000
LINK_MS = DAY_MS
CODE_MS = 5 * MINUTE_MS
CODE_DIGITS = 8
MOST_TRIES = 5
MOST_FAILURES = 5
FIRST_LOCK_MS = 15 * MINUTE_MS
LONGEST_LOCK_MS = DAY_MS
WINDOW_MS = 10 * MINUTE_MS
PERSON_IN_WINDOW = 3
PERSON_A_DAY = 12
"""More than one number takes, fewer than the organisation has: nobody uses all of it up."""
NUMBER_A_DAY = 10
BLOCK_IN_WINDOW = 5
"""So many different numbers of one block of a thousand are somebody counting them up."""
BLOCK_A_DAY = 30
"""Messages to all numbers of a block together, from whichever organisations."""
ORGANIZATION_A_DAY = 20
MAIL_ORGANIZATION_A_DAY = 40
FIRST_WAIT_MS = 30_000
LONGEST_WAIT_MS = 3600 * 1000
ALARM_SENDS = 10
ALARM_CONVERSION = 0.3
ATTEST_MS = 365 * DAY_MS
REMIND_MS = 30 * DAY_MS
"""How long before the year is over people are reminded, and how long after it proofs still hold."""
STEP_MS = 30_000
STEPS_ASIDE = 1
"""How many steps a clock of an app may be ahead or behind (RFC 6238, 5.2)."""
ENROL_MS = 10 * MINUTE_MS
PURPOSE = "organization-phone"
PEPPER = "verification code"

MAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])",
    re.ASCII,
)
LONGEST_MAIL, LONGEST_LOCAL = 254, 64
PASTED_CODE = re.compile(r"(?<!\d)\d(?:[ -]?\d){7}(?!\d)")
PASTED_APP_CODE = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}(?!\d)")
PASTED_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
MOST_PASTED = 20
NUMBER_REFUSED = "Codes are not sent to this number: give a {sort} of {countries}."


def mail_address(text: str) -> str:
    """The address with its domain in small letters (RFC 5321 dot-atoms, ASCII). InvalidInput."""
    address = text.strip()
    local, _, domain = address.rpartition("@")
    fits = len(address) <= LONGEST_MAIL and len(local) <= LONGEST_LOCAL
    if not (fits and MAIL.fullmatch(address)):
        raise InvalidInput(
            "This is not a mail address.", fields={"mail": "an address such as name@example.com"}
        )
    return f"{local}@{domain.lower()}"


def mail_key(address: str) -> str:
    """What addresses that reach the same mailbox have in common, as far as one can tell."""
    return address.casefold()


def check_number(number: Number, countries: frozenset[str], *, spoken: bool = False) -> None:
    """Raises InvalidInput for numbers that codes are not sent to: of other countries, premium,
    VoIP and whatever is no mobile; calls reach fixed lines too."""
    lines = {LineType.MOBILE, LineType.FIXED} if spoken else {LineType.MOBILE}
    if number.line not in lines or number.country not in countries:
        allowed = ", ".join(sorted(countries))
        raise InvalidInput(
            NUMBER_REFUSED.format(
                sort="mobile or fixed line" if spoken else "mobile number", countries=allowed
            ),
            fields={"phone": f"a {'' if spoken else 'mobile '}number of {allowed}"},
            code="number-refused",
        )


def block_of(e164: str) -> str:
    """The block of a thousand numbers."""
    return e164[:-3]


def token_hash(token: str) -> str:
    """What is stored of a link's token; 256 random bits cannot be searched."""
    return sha256(token.encode()).hexdigest()


def code_of(drawn: str) -> str:
    """Eight digits of 128 random hexadecimal bits; the bias is below 2**-100."""
    return f"{int(drawn, 16) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def code_mac(keyring: Keyring, challenge: str, number: str, person: str, code: str) -> str:
    """HMAC-SHA-256 under a key that only the vault opens, over challenge and code, bound to
    number, purpose and person."""
    bound = f"{challenge}\0{PURPOSE}\0{person}\0{number}\0{code}"
    return keyring.authenticate(PEPPER, bound.encode()).hex()


def typed(code: str) -> str:
    """The code without the spaces and hyphens people put in."""
    return code.replace(" ", "").replace("-", "")


def same(one: str, other: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def failed(before: Attempts, now_ms: int) -> Attempts:
    """After one more failure: from the fifth on locked, each time twice as long."""
    if before.failures + 1 < MOST_FAILURES:
        return before._replace(failures=before.failures + 1)
    length = min(FIRST_LOCK_MS * 2 ** min(before.locks, 20), LONGEST_LOCK_MS)
    return Attempts(0, before.locks + 1, now_ms + length)


def require_unlocked(attempts: Attempts, now_ms: int) -> None:
    """Raises RateLimited `locked` while it lasts, whatever the attempt is."""
    if attempts.locked_until_ms > now_ms:
        raise limited(
            "locked",
            "There were too many wrong attempts. Wait until the lock ends, then ask for a new code "
            "or link.",
            attempts.locked_until_ms - now_ms,
        )


def wait_ms(sent: Sequence[int], now_ms: int) -> int:
    """How long until the person may have the next one sent: 30 s after the first of the last hour,
    then twice as long each time up to an hour, at most three in ten minutes and twelve a day."""
    today = sorted(one for one in sent if one > now_ms - DAY_MS)
    until = today[-PERSON_A_DAY] + DAY_MS if len(today) >= PERSON_A_DAY else now_ms
    recent = [one for one in today if one > now_ms - LONGEST_WAIT_MS]
    if recent:
        growing = min(FIRST_WAIT_MS * 2 ** (len(recent) - 1), LONGEST_WAIT_MS)
        until = max(until, max(recent) + growing)
    within = [one for one in recent if one > now_ms - WINDOW_MS]
    if len(within) >= PERSON_IN_WINDOW:
        until = max(until, within[-PERSON_IN_WINDOW] + WINDOW_MS)
    return max(int(until) - now_ms, 0)


def limited(code: str, message: str, wait: float) -> RateLimited:
    """A refusal for `wait` ms, with a code of its own."""
    error = RateLimited(message, retry_after=max(wait / 1000, 1.0))
    error.code = code
    return error


def masked_mail(address: str) -> str:
    """Enough to recognise it by."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}" if address else ""


def masked_phone(e164: str) -> str:
    """The last three digits."""
    return f"••• {e164[-3:]}" if e164 else ""
