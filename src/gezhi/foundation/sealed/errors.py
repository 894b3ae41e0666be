"""What can go wrong with keys and tokens. For whoever runs the system, so not translated."""


class SealError(Exception):
    """Base; `code` is for programs."""

    code = "seal"


class KeyMissingError(SealError):
    """The key file a token or an index needs is not there, or is another key of the same name."""

    code = "seal_key_missing"


class KeyDamagedError(SealError):
    """A key file does not hold a key."""

    code = "seal_key_damaged"


class TokenError(SealError):
    """The token was changed or cut, or sealed for another purpose; which of these cannot be told."""

    code = "seal_token"
