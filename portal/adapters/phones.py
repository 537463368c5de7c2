"""Numbers of telephones in text, by the library of Google's metadata."""

from collections.abc import Iterable

import phonenumbers


class PhoneNumbers:
    """Finds numbers that can be one."""

    def find(self, text: str, country: str) -> Iterable[tuple[int, int]]:
        """See the port."""
        leniency = phonenumbers.Leniency.POSSIBLE
        for found in phonenumbers.PhoneNumberMatcher(text, country, leniency=leniency):
            written = text[found.start : found.end]
            # A bare run of digits without a plus is more often a count or a year.
            if written.startswith("+") or phonenumbers.is_valid_number(found.number):
                yield found.start, found.end
