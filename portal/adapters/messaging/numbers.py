"""The world's numbering plans, by phonenumbers."""

import phonenumbers
from phonenumbers import PhoneNumberType

from portal.domain.verification.model import LineType, Number

LINES = {
    PhoneNumberType.MOBILE: LineType.MOBILE,
    # North America's plan does not tell mobiles from fixed lines.
    PhoneNumberType.FIXED_LINE_OR_MOBILE: LineType.MOBILE,
    PhoneNumberType.FIXED_LINE: LineType.FIXED,
    PhoneNumberType.VOIP: LineType.VOIP,
    PhoneNumberType.PREMIUM_RATE: LineType.PREMIUM,
}


class PlannedNumbers:
    """Reads numbers as people write them."""

    def read(self, text: str, country: str) -> Number | None:
        """See the port."""
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            return None
        if number.extension or not phonenumbers.is_valid_number(number):
            return None
        return Number(
            phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
            phonenumbers.region_code_for_number(number) or "",
            LINES.get(phonenumbers.number_type(number), LineType.OTHER),
        )
