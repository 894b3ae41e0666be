"""Taking over a whole list of areas at once: all of it or, when a row is wrong, none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from django.db import transaction
from django.utils.translation import gettext as _

from gezhi.foundation.areas.fields import PATH_LENGTH
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.foundation.areas.queries import lineage
from gezhi.foundation.areas.services import CODE, SIZE, authorise, name_problems
from gezhi.foundation.audit.errors import Invalid, Text
from gezhi.foundation.audit.services import Manager, record

BATCH = 500


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """One row of the list. `row` is its number where it came from, for messages."""

    row: int
    code: str
    name: str
    kind: str
    parent_code: str = ""
    name_en: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What the list has changed."""

    areas: dict[str, Area]  # of the list, by code
    new: int
    changed: int


def take_areas(*, actor: Manager, at: datetime, rows: Sequence[AreaFacts]) -> Taken:
    """Add the areas that are new and correct names and places of those known; in any order of rows.

    Invalid: its fields are the row numbers, each with all that is wrong in that row.
    """
    with transaction.atomic():
        above = {row.parent_code for row in rows}
        known = {a.code: a for a in Area.objects.filter(code__in={r.code for r in rows} | above)}
        wrong = _problems(rows, known)
        if wrong:
            raise Invalid({str(number): text for number, text in sorted(wrong.items())})
        changed = _correct(actor, rows, known)
        fresh = [row for row in rows if row.code not in known]
        new = len(fresh)
        while fresh:  # ends: kinds grow smaller downwards, so no rows hang on each other in a ring
            ready = [row for row in fresh if not row.parent_code or row.parent_code in known]
            made = [_area(actor, row, known.get(row.parent_code)) for row in ready]
            known |= {area.code: area for area in Area.objects.bulk_create(made, batch_size=BATCH)}
            fresh = [row for row in fresh if row.code not in known]
        lineage.changed()
        areas = {row.code: known[row.code] for row in rows}
        if rows:
            top = min(areas.values(), key=lambda area: area.path)
            detail = {"new": new, "changed": changed}
            record(actor=actor, act="take_areas", subject=top, at=at, detail=detail, topic="area.changed")
    return Taken(areas=areas, new=new, changed=changed)


def _correct(actor: Manager, rows: Iterable[AreaFacts], known: dict[str, Area]) -> int:
    """Write what is told differently of known areas; return how many differed."""
    count = 0
    for row in rows:
        area = known.get(row.code)
        if area is None:
            continue
        told: dict[str, object] = {"name": row.name, "name_en": row.name_en or area.name_en}
        if row.lon is not None:
            told |= {"lon": row.lon, "lat": row.lat}
        different = [field for field, value in told.items() if getattr(area, field) != value]
        if different:
            authorise(actor, area.path)
            for field in different:
                setattr(area, field, told[field])
            area.save(update_fields=different)
            count += 1
    return count


def _area(actor: Manager, row: AreaFacts, parent: Area | None) -> Area:
    path = f"{parent.path if parent else ''}{row.code}/"
    authorise(actor, path)
    if len(path) > PATH_LENGTH:
        raise Invalid({str(row.row): _("The codes from the top of the tree down are too long together.")})
    return Area(
        kind=row.kind,
        code=row.code,
        path=path,
        parent=parent,
        name=row.name,
        name_en=row.name_en,
        lon=row.lon,
        lat=row.lat,
    )


def _problems(rows: Sequence[AreaFacts], known: dict[str, Area]) -> dict[int, str]:
    """All that is wrong, by row."""
    listed: dict[str, AreaFacts] = {}
    wrong: dict[int, list[Text]] = {}
    for row in rows:
        found = [*_row_problems(row)]
        if row.code in listed:
            found.append(_("Row %s has the same code already.") % listed[row.code].row)
        listed.setdefault(row.code, row)
        if found:
            wrong[row.row] = found
    for row in rows:
        found = [*_place_problems(row, listed, known)]
        if found:
            wrong.setdefault(row.row, []).extend(found)
    return {number: " ".join(str(text) for text in texts) for number, texts in wrong.items()}


def _row_problems(row: AreaFacts) -> Iterable[Text]:
    if not CODE.fullmatch(row.code):
        yield _("Give a code of letters, digits and dashes, 30 characters at most.")
    if row.kind not in SIZE:
        yield _("“%(kind)s” is no kind of area. Kinds are: %(kinds)s.") % {
            "kind": row.kind,
            "kinds": ", ".join(AreaKind.values),
        }
    yield from name_problems(row.name, row.name_en).values()
    if (row.lon is None) != (row.lat is None):
        yield _("Give both longitude and latitude, or neither.")
    elif row.lon is not None and row.lat is not None and not _on_earth(row.lon, row.lat):
        yield _("Longitude is a number from -180 to 180, latitude from -90 to 90.")


def _on_earth(lon: float, lat: float) -> bool:
    return isfinite(lon) and isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90


def _place_problems(row: AreaFacts, listed: dict[str, AreaFacts], known: dict[str, Area]) -> Iterable[Text]:
    area, parent = known.get(row.code), known.get(row.parent_code)
    if parent is not None and parent.retired_at is not None:
        yield _("The area above it is retired.")
    above_kind = parent.kind if parent else ""
    if row.parent_code and parent is None:
        if row.parent_code not in listed:
            yield _("There is no area with the code %s above it, neither in the list nor known already.") % (
                row.parent_code
            )
            return
        above_kind = listed[row.parent_code].kind
    if above_kind in SIZE and row.kind in SIZE and SIZE[row.kind] <= SIZE[above_kind]:
        yield _("Choose a kind smaller than “%(kind)s”.") % {"kind": AreaKind(above_kind).label}
    if area is None:
        return
    if area.retired_at is not None:
        yield _("This code belongs to a retired area; a code is never used twice.")
    if area.kind != row.kind or (area.parent_id or 0) != (parent.pk if parent else 0):
        yield _("This code is known with another kind or another area above it; both stay for good.")
