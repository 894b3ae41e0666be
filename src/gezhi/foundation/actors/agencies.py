"""Writes: agencies with their place in the tree, jurisdiction and duties; the roles posts are made of."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gezhi.foundation.actors.models import Agency, Post, Role, Sees
from gezhi.foundation.actors.queries import agencies, forget_posts
from gezhi.foundation.actors.rules import GRANTS, separate_duties
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.actors.services import authorise, open_agency
from gezhi.foundation.areas.fields import PATH_LENGTH, covers, within
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused, Text
from gezhi.foundation.audit.services import record, unless_taken

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,29}")


def create_agency(
    *,
    actor: Actor,
    at: datetime,
    code: str,
    name: str,
    kind: str,
    area_id: int,
    parent_id: int | None = None,
    name_en: str = "",
    functions: Sequence[str] = (),
    phone: str = "",
) -> Agency:
    """Found an agency with its jurisdiction (an area) and duties (words of the catalogue).

    The jurisdiction lies within that of the agency above it, which the actor must manage too: whoever is in
    an agency acts for those above it.
    """
    agency = Agency(
        code=code.strip(), name=name.strip(), name_en=name_en.strip(), kind=kind, phone=phone.strip(),
        functions=list(functions),
    )  # fmt: skip
    wrong = _agency_problems(agency)
    if not _CODE.fullmatch(agency.code):
        wrong["code"] = _("Give a code of letters, digits and dashes, 30 characters at most.")
    elif Agency.objects.filter(code=agency.code).exists():
        wrong["code"] = _taken()
    with transaction.atomic():
        parent = open_agency(actor, parent_id) if parent_id else None
        if parent_id and parent is None:
            wrong["parent"] = _("Choose one of the agencies listed.")
        agency.parent = parent
        agency.path = f"{parent.path if parent else ''}{agency.code}/"
        if len(agency.path) > PATH_LENGTH:
            wrong["code"] = _("The codes from the top of the tree down are too long together.")
        _set_area(actor, agency, area_id, parent, wrong)
        with unless_taken({"code": _taken()}):
            agency.save(force_insert=True)
        agencies.changed()
        record(actor=actor, act="create_agency", subject=agency, at=at, detail=_told(agency))
    return agency


def edit_agency(
    *,
    actor: Actor,
    at: datetime,
    agency_id: int,
    name: str,
    kind: str,
    area_id: int,
    name_en: str = "",
    functions: Sequence[str] = (),
    phone: str = "",
) -> Agency:
    """Change an agency's names, jurisdiction, duties and number. Code and place in the tree stay for good."""
    with transaction.atomic():
        agency = _open(actor, agency_id)
        before = _told(agency)
        agency.name, agency.name_en, agency.kind = name.strip(), name_en.strip(), kind
        agency.phone, agency.functions = phone.strip(), list(functions)
        _set_area(actor, agency, area_id, agency.parent, _agency_problems(agency))
        agency.save(update_fields=["name", "name_en", "kind", "phone", "functions", "area"])
        agencies.changed()
        record(
            actor=actor,
            act="edit_agency",
            subject=agency,
            at=at,
            detail={"before": before, "after": _told(agency)},
        )
    return agency


def close_agency(*, actor: Actor, at: datetime, agency_id: int) -> Agency:
    """Close an agency nobody is on a post for any more and that has none open below it."""
    with transaction.atomic():
        agency = _open(actor, agency_id)
        if agency.children.filter(closed_at=None).exists():
            raise Refused("agency_has_others_below", _("Close the agencies below this one first."))
        held = Post.objects.filter(Q(until=None) | Q(until__gt=at), agency=agency).count()
        if held:
            raise Refused(
                "agency_has_posts", _("End or hand over the posts of this agency first (%s left).") % held
            )
        agency.closed_at = at
        agency.save(update_fields=["closed_at"])
        agencies.changed()
        record(
            actor=actor, act="close_agency", subject=agency, at=at, detail=_told(agency),
            topic="agency.closed",
        )  # fmt: skip
    return agency


def save_role(
    *,
    actor: Actor,
    at: datetime,
    code: str,
    name: str,
    name_en: str,
    grants: Sequence[str],
    sees: str,
    new: bool = False,
) -> Role:
    """Make a role, or change what the holders of one may do. Nobody changes a role they hold."""
    authorise(actor, grant="manage_system")
    wrong = _role_problems(code, name, name_en, grants, sees)
    with transaction.atomic():
        role = Role.objects.select_for_update().filter(pk=code).first()
        if new and role is not None:
            wrong["code"] = _taken()
        elif not new and role is None:
            raise NotFound
        if wrong:
            raise Invalid(wrong)
        if any(seat.role == code for seat in actor.seats):
            raise NotAllowed("not_for_yourself", _("You hold this role. Ask another administrator."))
        before = list(role.grants) if role else []
        order = role.order if role else Role.objects.count() + 1
        saved = Role(
            code=code, name=name.strip(), name_en=name_en.strip(), grants=sorted(set(grants)), sees=sees,
            order=order,
        )  # fmt: skip
        with unless_taken({"code": _taken()}):
            saved.save(force_insert=new, force_update=not new)
        forget_posts()
        detail = {"before": before, "after": saved.grants, "sees": sees}
        record(actor=actor, act="save_role", subject=saved, at=at, detail=detail)
    return saved


def _open(actor: Actor, agency_id: int) -> Agency:
    """An open agency within the actor's area, locked."""
    found = Agency.objects.select_for_update(of=("self",)).select_related("area", "parent__area")
    agency = found.filter(pk=agency_id).first()
    if agency is None or (actor.kind != "system" and not actor.may("manage_people", agency.area.path)):
        raise NotFound
    authorise(actor, agency.area.path)
    if agency.closed_at is not None:
        raise Refused("agency_closed", _("This agency is closed."))
    return agency


def _set_area(
    actor: Actor, agency: Agency, area_id: int, parent: Agency | None, wrong: dict[str, Text]
) -> None:
    """Set the jurisdiction, or say everything that does not fit."""
    area = Area.objects.filter(pk=area_id, retired_at=None).first()
    if area is None:
        wrong["area"] = _("Choose an area.")
    elif parent is not None and not covers(parent.area.path, area.path):
        wrong["area"] = _("The agency above works on %(area)s alone: choose an area within it.") % {
            "area": parent.area.shown
        }
    elif (
        agency.pk and agency.children.filter(closed_at=None).exclude(within("area__path", area.path)).exists()
    ):
        wrong["area"] = _("Agencies below this one work outside that area. Change them first.")
    if area is not None and "area" not in wrong:
        authorise(actor, area.path)
    if wrong or area is None:
        raise Invalid(wrong)
    agency.area = area


def _agency_problems(agency: Agency) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if not agency.name:
        wrong["name"] = _("Give the agency's name.")
    elif len(agency.name) > 80:
        wrong["name"] = _("At most %s characters.") % 80
    if len(agency.name_en) > 120:
        wrong["name_en"] = _("At most %s characters.") % 120
    if len(agency.phone) > 30:
        wrong["phone"] = _("At most %s characters.") % 30
    if agency.kind not in Agency.Kind.values:
        wrong["kind"] = _("Choose a kind of agency.")
    if not all(_WORD.fullmatch(word) for word in agency.functions):
        wrong["functions"] = _("Choose duties from the list.")
    return wrong


def _role_problems(code: str, name: str, name_en: str, grants: Sequence[str], sees: str) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if not _WORD.fullmatch(code):
        wrong["code"] = _("Give a code of small letters, digits and underscores.")
    if not 0 < len(name.strip()) <= 40:
        wrong["name"] = _("Give a name of 1 to %s characters.") % 40
    if not 0 < len(name_en.strip()) <= 60:
        wrong["name_en"] = _("Give a name of 1 to %s characters.") % 60
    if not grants or not set(grants) <= set(GRANTS):
        wrong["grants"] = _("Choose what the role may do from the list.")
    elif len(separate_duties(grants)) > 1:
        wrong["grants"] = _(
            "Running the system, guarding its keys and auditing it are the posts of three people."
        )
    if sees not in Sees.values:
        wrong["sees"] = _("Choose how far the role sees.")
    return wrong


def _told(agency: Agency) -> dict[str, Any]:
    return {
        "code": agency.code,
        "name": agency.name,
        "kind": agency.kind,
        "area_id": agency.area_id,
        "functions": agency.functions,
        "phone": agency.phone,
    }


def _taken() -> str:
    return _("This code is taken. Choose another one.")
