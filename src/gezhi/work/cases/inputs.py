"""From what a form or a program sent to the checked inputs of an act."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gezhi.foundation.actors.models import Agency, User
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import Invalid
from gezhi.foundation.files.models import File
from gezhi.foundation.ids import id_in
from gezhi.work.cases.acts import Act, Input
from gezhi.work.cases.models import Case
from gezhi.work.cases.move import Inputs
from gezhi.work.matters.queries import condition_of

TEXT_LIMIT = 2000
LINE_LIMIT = 200
PHOTO_LIMIT = 9
Problems = dict[str, str | Promise]


def clean(act: Act, raw: Mapping[str, Any], *, case: Case, actor: Actor) -> Inputs:
    """Check what an act was told; Invalid names every field that is wrong.

    `raw` maps input names to plain values: ids for agency, agencies, user, condition and part; a case
    number or id for case; file ids for photos; [lon, lat] or "lon,lat" for point; "2026-11-23" for a date;
    anything else as words.
    """
    known = {spec.name for spec in act.inputs}
    problems: Problems = {name: _("This act takes no such field.") for name in raw.keys() - known}
    inputs = Inputs()
    for spec in act.inputs:
        try:
            _READERS[spec.kind](inputs, spec, raw.get(spec.name), case, actor)
        except Invalid as error:
            problems.update(error.fields)
    if problems:
        raise Invalid(problems)
    return inputs


def photos_needed(spec: Input, case: Case) -> int:
    """How many photos the case's condition asks of this input."""
    if spec.evidence and case.condition is not None:
        return case.condition.photos(spec.evidence)
    return 1 if spec.required else 0


def _ids(value: Any) -> list[int]:
    """The ids among what was sent."""
    found = value if isinstance(value, list | tuple) else [value]
    return [ident for word in found if (ident := id_in(str(word)))]


def _stored(text: str, spec: Input) -> str:
    """A text without the character no column of text can hold."""
    if "\0" in text:
        raise Invalid({spec.name: _("This text holds a character that cannot be stored.")})
    return text


def _missing(spec: Input) -> Invalid:
    return Invalid({spec.name: _("Please fill this in.")})


def _text(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    text = _stored(str(value or "").strip(), spec)
    if spec.required and not text:
        raise _missing(spec)
    if len(text) > TEXT_LIMIT:
        raise Invalid({spec.name: _("Please keep to 2,000 characters.")})
    inputs.text = text


def _choice(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    if not value:
        if spec.required:
            raise Invalid({spec.name: _("Please choose one.")})
        return
    if str(value) not in dict(spec.choices):
        raise Invalid({spec.name: _("Choose one of the answers offered.")})
    inputs.words[spec.name] = str(value)


def _line(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    text = _stored(" ".join(str(value or "").split()), spec)
    if spec.required and not text:
        raise _missing(spec)
    if len(text) > LINE_LIMIT:
        raise Invalid({spec.name: _("Please keep to 200 characters.")})
    if text:
        inputs.words[spec.name] = text


def _date(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    if not value and not spec.required:
        return
    try:
        inputs.until = value if isinstance(value, date) else date.fromisoformat(str(value or "").strip())
    except ValueError:
        raise Invalid({spec.name: _("Give a date, as 2026-11-30.")}) from None


def _stars(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    if str(value) not in ("1", "2", "3", "4", "5"):
        raise Invalid({spec.name: _("Choose one of the five levels.")})
    inputs.stars = int(value)


def _photos(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    ids = [value] if isinstance(value, int | str) and value else list(value or [])
    files = list(File.objects.filter(pk__in=_ids(ids)))
    if len(files) != len(set(map(str, ids))):
        raise Invalid({spec.name: _("A photo was not received. Please choose it again.")})
    if len(files) > PHOTO_LIMIT:
        raise Invalid({spec.name: _("Nine photos at most, please.")})
    needed = photos_needed(spec, case)
    if len(files) < needed:
        text = ngettext("Please add at least one photo.", "Please add at least %(n)d photos.", needed)
        raise Invalid({spec.name: text % {"n": needed}})
    inputs.photos = tuple(files)


def _agency(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    if not value and not spec.required:
        return
    inputs.agency = Agency.objects.filter(pk__in=_ids(value)).first()
    if inputs.agency is None:
        raise Invalid({spec.name: _("Choose an agency.")})
    if inputs.agency.closed_at:
        raise Invalid({spec.name: _("This agency is closed. Choose another one.")})


def _agencies(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    ids = [value] if isinstance(value, int | str) and value else list(value or [])
    found = Agency.objects.filter(pk__in=_ids(ids), closed_at=None)
    inputs.agencies = tuple(found)
    if len(inputs.agencies) != len(set(map(str, ids))):
        raise Invalid({spec.name: _("Choose agencies of the list.")})
    if spec.required and not ids:
        raise Invalid({spec.name: _("Choose at least one agency.")})


def _part(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    """A part of this case; by its id."""
    inputs.part = next((part for part in case.live_parts if str(part.pk) == str(value or "")), None)
    if inputs.part is None:
        raise Invalid({spec.name: _("Choose one of the agencies that take part.")})


def _user(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    if value:
        found = User.objects.filter(pk__in=_ids(value), is_active=True).first()
        if found is None:
            raise Invalid({spec.name: _("Choose one of the people listed.")})
        inputs.user = found
    elif spec.required:
        raise Invalid({spec.name: _("Choose a person.")})


def _condition(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    inputs.condition = next(map(condition_of, _ids(value)), None)
    if inputs.condition is None:
        raise Invalid({spec.name: _("Choose the matter and the condition it is filed under.")})


def _case(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    seen = Case.objects.visible_to(actor)
    try:
        found = seen.filter(pk=UUID(str(value))).first()
    except ValueError:
        found = seen.filter(number=str(value).strip()).first()
    if found is None:
        raise Invalid({spec.name: _("No case of this number is within your view. Check the number.")})
    inputs.case = found


def read_point(value: Any, name: str) -> tuple[float, float]:
    """[lon, lat] or "lon,lat" in degrees, WGS84."""
    parts = value.split(",") if isinstance(value, str) else value
    try:
        lon, lat = (float(part) for part in parts)
    except (TypeError, ValueError):
        raise Invalid({name: _("Choose a place on the map.")}) from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Invalid({name: _("Choose a place on the map.")})
    return lon, lat


def _point(inputs: Inputs, spec: Input, value: Any, case: Case, actor: Actor) -> None:
    if value:
        inputs.point = read_point(value, spec.name)
    elif spec.required:
        raise Invalid({spec.name: _("Choose a place on the map.")})


_READERS = {
    "text": _text,
    "choice": _choice,
    "line": _line,
    "date": _date,
    "stars": _stars,
    "photos": _photos,
    "agency": _agency,
    "agencies": _agencies,
    "part": _part,
    "user": _user,
    "condition": _condition,
    "case": _case,
    "point": _point,
}
