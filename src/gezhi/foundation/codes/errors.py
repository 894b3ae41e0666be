"""The one error of this package."""


class CodeError(ValueError):
    """A text is not the code it should be. `code` tells programs (and translators) what is wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def digits(text: str, length: int, what: str) -> str:
    """The text if it is so many ASCII digits, blanks around it taken away."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) == length):
        raise CodeError(f"{what}_digits", f"a {what} code has {length} digits: {text!r}")
    return text
