"""What all shapes share: closed bodies, plain types with their limits, pages and refusals."""

from base64 import b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar
from uuid import UUID

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gezhi.foundation.audit.errors import Invalid

LARGEST_ID = 2**63 - 1
MOST_ROWS = 200
T = TypeVar("T")

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Moment = AwareDatetime
Rows = Annotated[int, Field(ge=1, le=MOST_ROWS, description=_("How many rows at most."))]
After = Annotated[
    str,
    StringConstraints(max_length=400),
    Field(description=_("`next` of the page before; empty for the first page.")),
]


Box = Annotated[
    str,
    StringConstraints(max_length=100),
    Field(description=_("Within this box of the map: west, south, east, north in degrees.")),
]


class In(BaseModel):
    """What a client sends. An unknown field is refused: it would otherwise be lost silently."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What is answered."""

    @classmethod
    def of(cls, row: object, **more: Any) -> Self:
        """The shape of a row: the fields in `more` as given, all others by their names from the row."""
        own = {name: getattr(row, name) for name in cls.model_fields if name not in more}
        return cls(**own, **more)


class Problem(Out):
    """Every error has this shape, in the language of the request's Accept-Language."""

    code: str = Field(description=_("A word for programs; it never changes."))
    message: str = Field(description=_("For people: what happened and what to do."))
    fields: dict[str, str] = Field(
        default_factory=dict, description=_("Which fields are wrong, and what to do about each.")
    )


class Page(Out, Generic[T]):
    """A page of a list. Any page is as quick as the first."""

    rows: list[T]
    next: str = Field(default="", description=_("Give it as `after` for the next page; empty on the last."))


class Choice(Out):
    """A word for programs with its name in the language of the request."""

    code: str
    name: str


class Named(Out):
    """A person or thing by id and name."""

    id: int
    name: str


class Place(Out):
    """An area in a few words."""

    id: int
    code: str
    kind: str
    name: str
    path: str = Field(description=_("The codes from the top of the tree down, each ended by a slash."))


class Photo(Out):
    """A photo, and what its camera says of when and where it was taken."""

    sha256: str
    width: int
    height: int
    taken_at: datetime | None = Field(description=_("As the camera wrote it."))
    lon: float | None = Field(description=_("Where the camera says it was."))
    lat: float | None


class Done(Out):
    """It was done; there is nothing more to say."""

    done: bool = True


def refusals(*codes: int) -> dict[Any, Any]:
    """The error answers of an operation, for its declaration."""
    return dict.fromkeys(sorted({400, 401, 422, 429, 500, 503, *codes}), Problem)


def key_out(key: str) -> str:
    """The key of a page as one word that survives any address."""
    return urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_in(after: str) -> str:
    """The key a client gives back."""
    try:
        key = b64decode(after + "=" * (-len(after) % 4), altchars="-_", validate=True).decode()
    except ValueError:  # what base64 and UTF-8 raise too
        raise bad_key() from None
    if "\0" in key:  # no column holds it
        raise bad_key()
    return key


def bad_key() -> Invalid:
    """The key of a page is none of ours."""
    return Invalid({"after": gettext_lazy("Give `next` of the page before, unchanged.")})


def moment_key(after: str) -> str:
    """A page key made of a moment and an id, checked so that no query meets a broken one."""
    key = key_in(after)
    moment, _tilde, last = key.partition("~")
    try:
        if key and ((moment and datetime.fromisoformat(moment).tzinfo is None) or not UUID(last)):
            raise bad_key()
    except ValueError:
        raise bad_key() from None
    return key
