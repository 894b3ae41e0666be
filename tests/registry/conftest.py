"""The small ground as a fixture."""

import pytest
import shapely
from small_ground import AT, Ground

from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.areas.models import Area
from gezhi.territory.layers import services
from gezhi.territory.layers.services import GridShape


@pytest.fixture
def ground(db: None) -> Ground:
    district = Area.objects.create(code="420599", kind="district", path="420599/", name="云泽区")
    west, east = (
        Area.objects.create(
            code=code, kind="grid", parent=district, path=f"420599/{code}/", name=f"{code[-1]}号网格"
        )
        for code in ("420599001001001", "420599001001002")
    )
    scheme = services.ensure_scheme(
        actor=SYSTEM, at=AT, area=district, code="base", name="基础网格", name_en="Base grids", base=True
    )
    shapes = [
        GridShape(area=west, geom=shapely.box(112.50, 30.20, 112.51, 30.21)),
        GridShape(area=east, geom=shapely.box(112.51, 30.20, 112.52, 30.21)),
    ]
    services.publish_layer(actor=SYSTEM, at=AT, scheme=scheme, grids=shapes)
    return Ground(district=district, west=west, east=east)
