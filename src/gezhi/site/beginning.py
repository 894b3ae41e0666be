"""The first day of an installation: its area, roles, rules, catalogue and three administrators."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.actors.models import Post
from gezhi.foundation.actors.presets import install_roles
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.actors.services import create_user, give_post
from gezhi.foundation.areas.imports import AreaFacts, take_areas
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Refused
from gezhi.work.cases.policy import adopt_preset
from gezhi.work.matters.services import install_pack, publish_version

OPERATOR = SYSTEM.titled("command line")
# Three people, because who runs the system neither guards its keys nor audits it.
ADMINISTRATORS = (
    ("system", "system_admin", "系统管理员"),
    ("security", "security_admin", "安全管理员"),
    ("audit", "audit_admin", "审计管理员"),
)


@dataclass(frozen=True)
class Account:
    """An account just made: its password works once, then its holder chooses another."""

    username: str
    password: str


def begin(*, at: datetime, code: str, name: str, kind: str, preset: str, packs: list[Path]) -> list[Account]:
    """Set up an empty database for one district or street; all of it or nothing.

    The rest (areas below, agencies, people) is done by the system administrator in the pages.
    """
    with transaction.atomic():
        if Post.objects.exists():
            raise Refused(
                "begun_already", _("This database is set up already. Sign in and go on in the pages.")
            )
        install_roles(actor=OPERATOR, at=at)
        facts = AreaFacts(row=1, code=code, name=name, kind=kind)
        area = take_areas(actor=OPERATOR, at=at, rows=[facts]).areas[code]
        adopt_preset(actor=OPERATOR, area=area, name=preset, at=at)
        drafts = [install_pack(actor=OPERATOR, folder=folder, at=at) for folder in packs]
        if drafts:
            publish_version(actor=OPERATOR, version_id=drafts[-1].pk, at=at)
        return [_administrator(*row, area=area, at=at) for row in ADMINISTRATORS]


def _administrator(username: str, role: str, name: str, *, area: Area, at: datetime) -> Account:
    user, password = create_user(actor=OPERATOR, at=at, username=username, name=name)
    give_post(actor=OPERATOR, at=at, user_id=user.pk, role=role, area_id=area.pk)
    return Account(username=username, password=password)
