"""The first day of an installation."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from gezhi.foundation.actors.models import Post, User
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Invalid
from gezhi.site.beginning import begin
from gezhi.work.cases.policy import policy_for
from gezhi.work.matters.models import CatalogueVersion

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_an_empty_database_becomes_a_district_with_three_administrators() -> None:
    out = StringIO()
    call_command("begin", code="420599", name="云泽区", stdout=out)
    district = Area.objects.get()
    assert (district.code, district.kind, district.path) == ("420599", "district", "420599/")
    assert {(post.user.username, post.role_id, post.area) for post in Post.objects.all()} == {
        ("system", "system_admin", district),
        ("security", "security_admin", district),
        ("audit", "audit_admin", district),
    }
    policy = policy_for(district.path)
    assert policy is not None
    assert policy.preset == "district_centre"
    version = CatalogueVersion.objects.published().get()
    assert set(version.packs) == {"city_management", "community_demands"}


def test_the_printed_password_signs_in_and_must_be_changed() -> None:
    out = StringIO()
    call_command("begin", code="420599", name="云泽区", packs=[], stdout=out)
    username, password = out.getvalue().splitlines()[1].split()
    assert Client().login(username=username, password=password)
    assert User.objects.get(username=username).must_change_password


def test_a_database_in_use_is_left_alone() -> None:
    call_command("begin", code="420599", name="云泽区", packs=[], stdout=StringIO())
    with pytest.raises(CommandError, match="已经设置"):
        call_command("begin", code="420598", name="他区", packs=[], stdout=StringIO())
    assert Area.objects.count() == 1


def test_a_pack_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        begin(
            at=NOW,
            code="420599",
            name="云泽区",
            kind="district",
            preset="street_office",
            packs=[tmp_path / "no"],
        )
    assert not Area.objects.exists()
    assert not User.objects.exists()


def test_a_map_brought_in_before_is_kept() -> None:
    known = Area.objects.create(code="420599", kind="district", path="420599/", name="云泽")
    begin(at=NOW, code="420599", name="云泽区", kind="district", preset="street_office", packs=[])
    assert Area.objects.get() == known
    assert Area.objects.get().name == "云泽区"
