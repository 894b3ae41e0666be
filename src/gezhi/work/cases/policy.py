"""The rules of a district in the database: which hold where, who set them when, and back to older ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import ancestors
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused
from gezhi.foundation.audit.services import record
from gezhi.foundation.kept import kept
from gezhi.work.cases.models import Policy
from gezhi.work.cases.rulebook import PRESETS, Rules, complete, differences, merged, parse_rules, preset

GRANT = "manage_catalogue"
HOLDERS = (AreaKind.PROVINCE, AreaKind.CITY, AreaKind.DISTRICT, AreaKind.STREET, AreaKind.COMMUNITY)
LONGEST_NOTE = 200


@kept
def policy_for(path: str) -> Policy | None:
    """The newest policy of the nearest area at or above `path` that has one."""
    found = Policy.objects.filter(area__path__in=ancestors(path)).order_by("-area__path", "-version")
    return found.first()


@kept
def rules_for(path: str) -> Rules:
    """The rules that hold at `path`; the street office preset where nothing is set."""
    return parse_rules(_standing(policy_for.read(path)))


def standing_data(path: str) -> dict[str, Any]:
    """What holds at `path` as data, every word of it."""
    return complete(_standing(policy_for(path)))


def versions_of(area: Area) -> list[Policy]:
    """The policies an area has had, newest first."""
    return list(Policy.objects.filter(area=area).select_related("author").order_by("-version"))


def version_of(area: Area, version: int) -> Policy:
    """One of them; NotFound where there is none of this number."""
    found = Policy.objects.filter(area=area, version=version).select_related("area", "author").first()
    if found is None:
        raise NotFound
    return found


def may_set(actor: Actor, area: Area) -> bool:
    """Whether this actor may set rules on this area."""
    mine = actor.may(GRANT, area.path) and actor.allows("admin")
    return area.kind in HOLDERS and (mine or actor.kind == "system")


def adopt_preset(*, actor: Actor, area: Area, name: str, at: datetime, note: str = "") -> Policy:
    """Make a preset the policy of a district (or any area) from now on."""
    _authorise(actor, area)
    if name not in PRESETS:
        raise Invalid({"preset": _("Choose one of the presets.")})
    with transaction.atomic():
        standing = _locked(area)
        data = complete(preset(name))
        return _write(actor, area, standing, data, at, note, preset_name=name, adopted=True)


def set_rules(
    *,
    actor: Actor,
    area: Area,
    data: Mapping[str, Any],
    at: datetime,
    note: str = "",
    based_on: int | None = None,
) -> Policy:
    """Set rules of an area from now on, as a new version; words not in `data` stay as they stand.

    `based_on` is the id of the policy the change was thought out on (0: the standard): when another has come
    since, it is Refused, so that nobody undoes another's change unseen. Invalid names each wrong word.
    """
    _authorise(actor, area)
    with transaction.atomic():
        standing = _locked(area)
        if based_on is not None and based_on != (standing.pk if standing else 0):
            raise _changed_since(standing)
        wanted = merged(_standing(standing), data)
        if not differences(_standing(standing), wanted):
            raise Refused("nothing_changed", _("Nothing differs from the rules that hold now."))
        return _write(actor, area, standing, wanted, at, note)


def go_back(*, actor: Actor, area: Area, version: int, at: datetime, note: str = "") -> Policy:
    """Let an older version hold again, as a new one."""
    _authorise(actor, area)
    older = version_of(area, version)
    with transaction.atomic():
        standing = _locked(area)
        wanted = complete(older.data)
        if not differences(_standing(standing), wanted):
            raise Refused("nothing_changed", _("Nothing differs from the rules that hold now."))
        return _write(actor, area, standing, wanted, at, note, preset_name=older.preset, again=version)


def _locked(area: Area) -> Policy | None:
    """What holds there now, for one change of an area's rules at a time."""
    Area.objects.select_for_update().get(pk=area.pk)
    return policy_for.read(area.path)


def _write(
    actor: Actor,
    area: Area,
    standing: Policy | None,
    data: dict[str, Any],
    at: datetime,
    note: str,
    *,
    preset_name: str = "",
    adopted: bool = False,
    again: int | None = None,
) -> Policy:
    if len(note := note.strip()) > LONGEST_NOTE:
        raise Invalid({"note": _("Shorten the note to at most %(n)s characters.") % {"n": LONGEST_NOTE}})
    last = Policy.objects.filter(area=area).order_by("-version").first()
    policy = Policy.objects.create(
        area=area,
        version=last.version + 1 if last else 1,
        preset=preset_name,
        data=data,
        since=at,
        author_id=actor.user_id,
        author_label=actor.label,
        note=note,
        again=again,
    )
    policy_for.changed()
    rules_for.changed()
    changed = {d.word.name: [d.before, d.after] for d in differences(_standing(standing), data)}
    told = {"area": area.code, "version": policy.version, "preset": preset_name, "note": note}
    detail = {**told, "changed": changed}
    record(actor=actor, act="adopt_policy" if adopted else "set_policy", subject=policy, at=at, detail=detail)
    return policy


def _standing(policy: Policy | None) -> dict[str, Any]:
    return policy.data if policy else preset("street_office")


def _authorise(actor: Actor, area: Area) -> None:
    if not may_set(actor, area):
        if area.kind not in HOLDERS:
            raise Invalid({"area": _("Rules are set for a community, a street or a larger area.")})
        raise NotAllowed


def _changed_since(policy: Policy | None) -> Refused:
    if policy is None:
        return Refused("changed_since", _("The rules have changed since. Look at them again."))
    said = _("%(who)s changed these rules at %(when)s. Look at what holds now, then save again.")
    when = f"{localtime(policy.since):%m-%d %H:%M}"
    return Refused("changed_since", said % {"who": policy.author_label, "when": when})
