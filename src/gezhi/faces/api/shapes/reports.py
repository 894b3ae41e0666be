"""What is sent to report, to solve on the spot, and to do an act."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext_noop as _
from pydantic import Field, StringConstraints, create_model
from pydantic.config import JsonDict

from gezhi.faces.api.shapes.base import Id, In, Lat, Lon, Out, Photo
from gezhi.work.cases.acts import Act, Input
from gezhi.work.cases.inputs import LINE_LIMIT

MOST_PHOTOS = 9
MOST_CASES = 100
Words = Annotated[str, StringConstraints(max_length=2000)]
Photos = Annotated[
    list[Annotated[str, StringConstraints(max_length=200)]],
    Field(max_length=MOST_PHOTOS, description=_("Ids of photos sent before.")),
]


class Point(In):
    """A place in degrees, WGS 84."""

    lon: Lon
    lat: Lat


class FileOut(Photo):
    """A photo that was received; it hangs on nothing yet."""

    id: str = Field(description=_("Give it in `photos` within two days."))


class ContactIn(In):
    """Who waits for the answer; kept sealed."""

    name: str = Field("", max_length=60)
    phone: str = Field("", max_length=30)
    email: str = Field("", max_length=120, description=_("Left only by who wants to be told by e-mail."))
    language: Literal["zh-hans", "en"] = "zh-hans"


class ReportBase(In):
    id: UUID | None = Field(
        None,
        description=_(
            "A UUIDv7 of your own. Sent again with the same content it is the same case; with another "
            "content it is refused."
        ),
    )
    description: Words = ""
    point: Point
    address: str = Field("", max_length=160)
    item: str = Field("", max_length=20, description=_("Key of an item, such as event:0110."))
    photos: Photos = Field(default_factory=list)


class ReportIn(ReportBase):
    """A report by staff or by a program for them."""

    source: Literal["patrol", "hotline", "talk", "visit", "department", "leader", "press", "system"]
    contact: ContactIn | None = Field(None, description=_("Leave out when nobody waits for an answer."))


class SolveIn(ReportBase):
    """A report and its result in one, by the grid worker who solved it on the spot."""

    condition: Id = Field(description=_("Id of the filing condition."))
    after: Photos = Field(description=_("Ids of photos of how it is now."))
    text: Words = Field(description=_("What was done."))


class ResidentReportIn(ReportBase):
    """A report by a resident, without an account."""

    contact: ContactIn = Field(default_factory=ContactIn)


class Received(Out):
    """What the reporter is told."""

    id: UUID
    number: str
    state: str
    code: str = Field(
        description=_(
            "The tracking code. It is told this once and stored nowhere; keep it. Empty when this very "
            "report had been received before."
        )
    )
    fresh: bool = Field(description=_("False when this very report had been received before."))


class Result(Out):
    """What came of one case of many."""

    id: UUID
    done: bool
    state: str = ""
    code: str = Field("", description=_("The word of the error, where it was refused."))
    message: str = ""
    fields: dict[str, str] = Field(default_factory=dict)


class Moved(Out):
    """Where the case stands after the act."""

    id: UUID
    number: str
    state: str
    seq: int


def inputs_of(act: Act, *, prefix: str = "", more: dict[str, Any] | None = None) -> type[In]:
    """The body of an act, made from its declaration, so that a new act is typed at once.

    The types are checked here; what is missing or does not fit the case, the domain says in its own words.
    """
    fields: dict[str, Any] = {spec.name: _field(spec) for spec in act.inputs}
    needed: list[str] = [spec.name for spec in act.inputs if spec.required]

    def show_needed(schema: JsonDict) -> None:
        if needed:
            schema["required"] = [*needed]

    name = prefix + "".join(part.capitalize() for part in act.code.split("_")) + "Act"
    made = create_model(
        name, __base__=In, __doc__=f"What the act “{act.code}” is told.", **fields, **(more or {})
    )
    made.model_config = {**In.model_config, "json_schema_extra": show_needed}
    made.model_rebuild(force=True)
    return made


def _field(spec: Input) -> Any:
    return (_TYPES[spec.kind](spec) | None, None)


def _choice(spec: Input) -> Any:
    return Literal[tuple(code for code, _name in spec.choices)]


_TYPES: dict[str, Callable[[Input], Any]] = {
    "text": lambda spec: Words,
    "photos": lambda spec: Photos,
    "line": lambda spec: Annotated[str, StringConstraints(max_length=LINE_LIMIT)],
    "date": lambda spec: date,
    "agency": lambda spec: Id,
    "agencies": lambda spec: Annotated[list[Id], Field(max_length=30)],
    "part": lambda spec: Id,
    "user": lambda spec: Id,
    "condition": lambda spec: Id,
    "choice": _choice,
    "stars": lambda spec: Annotated[int, Field(ge=1, le=5)],
    "case": lambda spec: Annotated[str, StringConstraints(max_length=40)],
    "point": lambda spec: Point,
}
