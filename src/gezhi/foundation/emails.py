"""E-mail addresses as people give them."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email


def can_be_mailed(address: str) -> bool:
    """Whether a mail can be written to this address."""
    try:
        validate_email(address)
        address.rpartition("@")[2].encode("idna")  # as the mail names it: no part may grow too long
    except (ValidationError, UnicodeError):
        return False
    return True
