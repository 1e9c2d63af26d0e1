"""Telephone numbers in their normal form."""

import phonenumbers

REGION = "RU"


def e164(written: str, *, region: str = REGION) -> str:
    """`+74951234567` of a number in any writing; "" for what cannot be one (then it never matches anybody)."""
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
