"""From what a client names to the rows meant: photos, items, areas."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from gezhi.faces.api.shapes.reports import ContactIn, ReportBase
from gezhi.faces.look.uploads import file_of
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Invalid, NotFound
from gezhi.foundation.clocks.rules import Limit
from gezhi.foundation.files.models import File
from gezhi.foundation.kept import kept
from gezhi.territory.layers.rules import Bbox
from gezhi.work.cases.acts import Act
from gezhi.work.cases.rulebook import parse_limit
from gezhi.work.cases.services import Contact, Report
from gezhi.work.matters import queries as matters
from gezhi.work.matters.models import CatalogueVersion, Condition, MatterItem

T = TypeVar("T")


def existing(found: T | None) -> T:
    """What was found; NotFound where it is None."""
    if found is None:
        raise NotFound
    return found


def photos(ids: Sequence[str], name: str = "photos") -> tuple[File, ...]:
    """The photos sent before; Invalid when one was never received or waited too long."""
    found: dict[int, File] = {}
    for ident in ids:
        try:
            file = file_of(ident)
        except NotFound:
            raise Invalid(
                {name: _("A photo was not received or waited too long. Please send it again.")}
            ) from None
        found[file.pk] = file
    return tuple(found.values())


def version(at: datetime) -> CatalogueVersion:
    """The catalogue in force."""
    found = matters.current_version(at=at)
    if found is None:
        raise NotFound("no_catalogue", _("No catalogue has been published yet."))
    return found


def item(key: str, *, at: datetime) -> MatterItem | None:
    """The item of a key in the catalogue in force; None for no key."""
    if not key:
        return None
    found = matters.item_in(version=version(at), key=key)
    if found is None:
        raise Invalid({"item": _("There is no such item in the catalogue.")})
    return found


def condition(ident: int) -> Condition:
    """A filing condition by id."""
    found = Condition.objects.select_related("item").filter(pk=ident).first()
    if found is None:
        raise Invalid({"condition": _("Choose the matter and the condition it is filed under.")})
    return found


@kept
def _area(code: str) -> Area | None:
    return Area.objects.filter(code=code).first()


def area_of(code: str, name: str = "area") -> Area:
    """An area by code."""
    found = _area(code)
    if found is None:
        raise Invalid({name: _("There is no area with this code.")})
    return found


def limit(text: str) -> Limit:
    """A limit as rules write it: "2 work_days"."""
    try:
        return parse_limit(text)
    except ValueError:
        raise Invalid({"limit": _("Give a number and a unit, for example 30 work_minutes.")}) from None


def bbox(text: str) -> Bbox | None:
    """A box of the map as written in an address; None for none."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Invalid({"bbox": _("Four numbers: west, south, east, north.")}) from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid({"bbox": _("Four numbers: west, south, east, north.")})
    return west, south, east, north


def report(said: ReportBase, *, source: str, contact: ContactIn | None, at: datetime) -> Report:
    """What is reported, as the domain takes it."""
    return Report(
        source=source,
        description=said.description,
        lon=said.point.lon,
        lat=said.point.lat,
        address=said.address,
        item=item(said.item, at=at),
        photos=photos(said.photos),
        contact=Contact(**contact.model_dump()) if contact else None,
        id=said.id,
    )


def told(act: Act, body: Any) -> dict[str, Any]:
    """What an act was told, as `perform` takes it."""
    data: dict[str, Any] = {}
    for spec in act.inputs:
        value = getattr(body, spec.name)
        if value is None:
            continue
        if spec.kind == "photos":
            value = [file.pk for file in photos(value, spec.name)]
        elif spec.kind == "point":
            value = [value.lon, value.lat]
        data[spec.name] = value
    return data
