"""The one catalogue of errors people and programs can meet.

    GezhiError
    ├── NotFound      404  it is not there, or not for you to see
    ├── NotAllowed    403  your posts do not carry this act
    ├── Refused       409  not in this state, or somebody was first
    ├── Invalid       422  what was sent is wrong; `fields` says which and why
    └── TooMany       429  slow down

`code` is for programs and never changes; the message is for people, in their language, and says what to do.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


_NOTHING = _("There is nothing here that you may see.")
_NO_POST = _("Your posts do not carry this act here. Ask the desk that owns it.")


class GezhiError(Exception):
    """Base of the catalogue. `status` is the HTTP status the faces answer with."""

    status = 400

    def __init__(self, code: str, message: Text, *, fields: Mapping[str, Text] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.fields = dict(fields or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class NotFound(GezhiError):
    """It is not there, or this actor may not see it; which of the two is not told."""

    status = 404

    def __init__(self, code: str = "not_found", message: Text = _NOTHING):
        super().__init__(code, message)


class NotAllowed(GezhiError):
    """The actor's posts do not carry this act here."""

    status = 403

    def __init__(
        self,
        code: str = "not_allowed",
        message: Text = _NO_POST,
    ):
        super().__init__(code, message)


class Refused(GezhiError):
    """The act does not fit the present state, or somebody else was first."""

    status = 409


class Invalid(GezhiError):
    """What was sent cannot be taken; `fields` maps each wrong field to what to do about it."""

    status = 422

    def __init__(self, fields: Mapping[str, Text], code: str = "invalid"):
        super().__init__(code, _("Please correct the fields marked below."), fields=fields)


class TooMany(GezhiError):
    """More than the limit allows in this time."""

    status = 429
