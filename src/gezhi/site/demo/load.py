"""Builds the demo district: ground, catalogue, people, and a year of cases that went through the loop."""

import random
from datetime import datetime, timedelta
from importlib.resources import as_file, files

from django.db import transaction

from gezhi.foundation.actors.presets import install_roles
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.files.models import File
from gezhi.foundation.files.services import store_photo
from gezhi.foundation.kept import forget_all
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.foundation.outbox.services import drain
from gezhi.site.demo.ground import Ground, load_ground
from gezhi.site.demo.matters import HAPPENINGS
from gezhi.site.demo.pictures import THEMES, picture
from gezhi.site.demo.showcase import find_stuck, show
from gezhi.site.demo.simulate import DAYS, Place, World, simulate
from gezhi.site.demo.staff import Staff, appoint
from gezhi.site.subscriptions import SUBSCRIPTIONS
from gezhi.work.cases.policy import adopt_preset
from gezhi.work.matters.models import CatalogueVersion
from gezhi.work.matters.queries import conditions_of, item_in
from gezhi.work.matters.services import install_pack, publish_version

PACKS = ("city_management", "community_demands")
STILL_TOLD = timedelta(days=14)  # older notices were read long ago


def load_demo(*, seed: int, cases: int, now: datetime) -> int:
    """Build everything from one seed; return the number of acts done. The database must be empty."""
    start = now - timedelta(days=DAYS)
    founded = start - timedelta(days=30)
    with transaction.atomic():
        install_roles(actor=SYSTEM, at=founded)
        ground = load_ground(seed=seed, at=founded)
        version = _catalogue(founded)
        adopt_preset(actor=SYSTEM, area=ground.district, name="street_office", at=founded)
        staff = appoint(areas=ground.areas, agencies=ground.agencies, at=founded)
    forget_all()
    world = _world(seed, ground, staff, version, now)
    acts = simulate(world, cases=cases, start=start) + show(world) + find_stuck(world)
    OutboxMessage.objects.filter(created_at__lt=now - STILL_TOLD).delete()
    while drain(subscriptions=SUBSCRIPTIONS, at=now, limit=500):
        pass
    return acts


def _catalogue(at: datetime) -> CatalogueVersion:
    for name in PACKS:
        with as_file(files("gezhi.packs") / name) as folder:
            draft = install_pack(actor=SYSTEM, folder=folder, at=at)
    return publish_version(actor=SYSTEM, version_id=draft.pk, at=at)


def _world(seed: int, ground: Ground, staff: Staff, version: CatalogueVersion, now: datetime) -> World:
    items = {h.key: item_in(version=version, key=h.key) for h in HAPPENINGS}
    known = {key: item for key, item in items.items() if item is not None}
    missing = items.keys() - known.keys()
    assert not missing, f"the packs lack {sorted(missing)}"
    places: dict[str, list[Place]] = {}
    for spot in ground.spots:
        places.setdefault(spot.kind, []).append(
            Place(lon=spot.lon, lat=spot.lat, text=spot.text, kind=spot.kind, grid=spot.grid)
        )
    return World(
        random=random.Random(seed),
        staff=staff,
        places=places,
        items=known,
        conditions={key: conditions_of(item=item) for key, item in known.items()},
        pictures=_pictures(now),
        now=now,
        agency_codes={agency.pk: code for code, agency in ground.agencies.items()},
        departments=[a for a in ground.agencies.values() if a.kind in ("department", "utility")],
    )


def _pictures(now: datetime) -> dict[tuple[str, int, bool], File]:
    return {
        (theme, variant, solved): store_photo(
            actor=SYSTEM, upload=picture(theme, variant, solved=solved), name=f"{theme}.jpg", at=now
        )
        for theme in THEMES
        for variant in range(3)
        for solved in (False, True)
    }
