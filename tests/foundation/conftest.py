"""People the tests of posts and agencies share beyond those of the town."""

import pytest
from tests.town import START, Town

from gezhi.foundation.actors import services
from gezhi.foundation.actors.queries import actor_of
from gezhi.foundation.actors.scope import Actor


@pytest.fixture
def street_manager(town: Town) -> Actor:
    """Somebody who manages people and agencies of the street alone."""
    admin = town.actor("admin")
    user, _secret = services.create_user(
        actor=admin, at=START, username="street_manager", name="测试·街道管理员"
    )
    services.give_post(
        actor=admin, at=START, user_id=user.pk, role="system_admin", area_id=town.areas["420599001"].pk
    )
    return actor_of(user, at=START)
