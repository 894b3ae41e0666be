"""What is shared under fire: a town that other processes see, and keys for its people."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from gezhi.foundation.actors.keys import create_key
from gezhi.foundation.actors.models import ApiKey, Post, Role, User
from gezhi.foundation.actors.queries import actor_of
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.kept import forget_all
from gezhi.work.cases.policy import adopt_preset
from tests.town import Town, build_town

SECOND = {
    # a second person for what only one of the town does: (name, role, area, agency)
    "leader2": ("测试·值班领导乙", "approver", "420599", ""),
    "other_handler": ("测试·供水处置员", "handler", "420599", "WAT"),
}


@pytest.fixture
def open_town(transactional_db: None) -> Town:
    """The town, committed, where every desk step is done by people; nothing to be called back."""
    forget_all()
    town = build_town()
    for username, (name, role, area, agency) in SECOND.items():
        user = town.users[username] = User.objects.create(username=username, name=name)
        Post.objects.create(
            user=user,
            role=Role.objects.get(pk=role),
            area=town.areas[area],
            agency=town.agencies[agency] if agency else None,
            since=timezone.now() - timedelta(days=1),
        )
    adopt_preset(actor=SYSTEM, area=town.areas["420599"], name="district_centre", at=timezone.now())
    forget_all()
    return town


def key_of(town: Town, username: str, *, at: datetime) -> str:
    """The secret of a key for somebody of the town."""
    user = town.users[username]
    scopes = [scope.value for scope in ApiKey.Scope if scope.value != "admin"]
    _key, secret = create_key(
        actor=actor_of(user, at=at), at=at, name="fire", scopes=scopes, expires_at=at + timedelta(days=1)
    )
    return secret
