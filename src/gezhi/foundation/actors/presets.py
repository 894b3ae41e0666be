"""The roles a new installation starts with, from packs/presets/roles.toml."""

import tomllib
from datetime import datetime
from importlib.resources import files

from django.db import transaction

from gezhi.foundation.actors.models import Role
from gezhi.foundation.actors.queries import forget_posts
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.actors.services import authorise
from gezhi.foundation.audit.services import record


def install_roles(*, actor: Actor, at: datetime) -> list[Role]:
    """Put the preset roles in, or bring them up to date; a district's own roles stay as they are."""
    authorise(actor, grant="manage_system")
    text = (files("gezhi.packs") / "presets" / "roles.toml").read_text(encoding="utf-8")
    with transaction.atomic():
        roles = [
            Role.objects.update_or_create(code=code, defaults={**row, "order": order})[0]
            for order, (code, row) in enumerate(tomllib.loads(text).items())
        ]
        forget_posts()
        record(actor=actor, act="install_roles", subject=roles[0], at=at, detail={"roles": len(roles)})
    return roles
