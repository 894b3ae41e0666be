"""Writes: areas are added to the tree and renamed; their codes and places in it stay for good."""

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from gezhi.foundation.areas.fields import PATH_LENGTH
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.foundation.areas.queries import lineage
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused, Text
from gezhi.foundation.audit.services import Manager, record, unless_taken

GRANT = "manage_system"
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}")
SIZE = {kind: n for n, kind in enumerate(AreaKind.values)}


def create_area(
    *,
    actor: Manager,
    at: datetime,
    parent_id: int,
    kind: str,
    code: str,
    name: str,
    name_en: str = "",
) -> Area:
    """Add an area below another. Invalid names each field that is wrong."""
    code, name, name_en = code.strip(), name.strip(), name_en.strip()
    with transaction.atomic():
        parent = Area.objects.select_for_update().filter(pk=parent_id, retired_at=None).first()
        if parent is None:
            raise NotFound
        authorise(actor, parent.path)
        wrong = name_problems(name, name_en)
        if kind not in SIZE or SIZE[kind] <= SIZE[parent.kind]:
            wrong["kind"] = _("Choose a kind smaller than “%(kind)s”.") % {
                "kind": AreaKind(parent.kind).label
            }
        if not CODE.fullmatch(code):
            wrong["code"] = _("Give a code of letters, digits and dashes, 30 characters at most.")
        elif Area.objects.filter(code=code).exists():
            wrong["code"] = _taken()
        path = f"{parent.path}{code}/"
        if len(path) > PATH_LENGTH:
            wrong["code"] = _("The codes from the top of the tree down are too long together.")
        if wrong:
            raise Invalid(wrong)
        with unless_taken({"code": _taken()}):
            area = Area.objects.create(
                kind=kind, code=code, path=path, parent=parent, name=name, name_en=name_en
            )
        lineage.changed()
        detail = {"code": code, "kind": kind, "name": name}
        record(actor=actor, act="create_area", subject=area, at=at, detail=detail, topic="area.changed")
    return area


def rename_area(*, actor: Manager, at: datetime, area_id: int, name: str, name_en: str = "") -> Area:
    """Give an area another name."""
    with transaction.atomic():
        area = Area.objects.select_for_update().filter(pk=area_id).first()
        if area is None:
            raise NotFound
        authorise(actor, area.path)
        if area.retired_at is not None:
            raise Refused("area_retired", _("This area is retired; its name stays as it was."))
        before = {"name": area.name, "name_en": area.name_en}
        area.name, area.name_en = name.strip(), name_en.strip()
        if wrong := name_problems(area.name, area.name_en):
            raise Invalid(wrong)
        area.save(update_fields=["name", "name_en"])
        lineage.changed()
        after = {"name": area.name, "name_en": area.name_en}
        detail = {"code": area.code, "before": before, "after": after}
        record(actor=actor, act="rename_area", subject=area, at=at, detail=detail, topic="area.changed")
    return area


def name_problems(name: str, name_en: str) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if not 0 < len(name) <= 80:
        wrong["name"] = _("Give a name of 1 to %s characters.") % 80
    if len(name_en) > 120:
        wrong["name_en"] = _("At most %s characters.") % 120
    return wrong


def authorise(actor: Manager, path: str) -> None:
    """The system may (the command line is run by who owns the machine); people need the grant there."""
    if actor.kind != "system" and not (actor.may(GRANT, path) and actor.allows("admin")):
        raise NotAllowed


def _taken() -> str:
    return _("This code was given to an area already; a code is never used twice.")
