"""gezhi import osm: a piece of OpenStreetMap becomes a map one can report on."""

import os
from io import StringIO
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from gezhi.foundation.areas.models import Area
from gezhi.registry.housing.models import Building
from gezhi.registry.housing.queries import find_address
from gezhi.site.imports.osm import read_osm, widened
from gezhi.site.imports.roadblocks import road_blocks
from gezhi.territory.layers import queries
from gezhi.territory.layers.models import Layer, MapFeature
from gezhi.work.cases.services import VISITOR, Contact, Report, report

SAMPLES = os.environ.get("GEZHI_SAMPLES", "")
WEST, SOUTH, STEP = 116.300, 39.990, 0.004

TOWN = {  # way → (corners as columns and rows of a lattice, tags)
    1: (((1, 0), (1, 4)), {"highway": "primary", "name": "文汇路", "name:en": "Wenhui Road"}),
    2: (((0, 2), (4, 2)), {"highway": "secondary", "name": "青禾街"}),
    3: (((3, 0), (3, 4)), {"highway": "residential", "name": "小满街"}),
    4: (((2, 0), (2, 1)), {"highway": "service", "service": "driveway"}),
    5: (((0, 3.5), (4, 3.5)), {"waterway": "river", "name": "云泽河"}),
    6: (((1.2, 0.2), (1.8, 0.2), (1.8, 0.8), (1.2, 0.8), (1.2, 0.2)), {"leisure": "park", "name": "镜湖公园"}),
    7: (((1.4, 0.4), (1.6, 0.4), (1.6, 0.6), (1.4, 0.6), (1.4, 0.4)), {"natural": "water"}),
    8: (
        ((1.2, 1.2), (1.4, 1.2), (1.4, 1.4), (1.2, 1.4), (1.2, 1.2)),
        {"building": "apartments", "building:levels": "18;20", "name": "映月园3号楼", "addr:street": "文汇路",
         "addr:housenumber": "88"},
    ),
    9: (((1.6, 1.2), (1.8, 1.2), (1.8, 1.4), (1.6, 1.4), (1.6, 1.2)), {"building": "yes", "shop": "books"}),
    10: (((2.2, 1.2), (2.8, 1.2), (2.8, 1.8), (2.2, 1.8), (2.2, 1.2)), {}),
    11: (((2.4, 1.4), (2.6, 1.4), (2.6, 1.6), (2.4, 1.6), (2.4, 1.4)), {}),
    12: (((1.1, 1.1), (1.9, 1.1), (1.9, 1.9), (1.1, 1.9), (1.1, 1.1)), {"landuse": "residential", "name": "映月园"}),
    13: (((0, 0), (99, 99)), {"highway": "footway"}),
}  # fmt: skip


def town(*, without: tuple[int, ...] = ()) -> str:
    """The town as OSM XML: two main roads, a river, a park with a pond, three buildings, one with a yard."""
    nodes: dict[tuple[float, float], int] = {}
    ways = []
    for number, (corners, tags) in TOWN.items():
        if number in without:
            continue
        refs = "".join(f'<nd ref="{nodes.setdefault(c, len(nodes) + 1)}"/>' for c in corners)
        ways.append(f'<way id="{number}" version="1">{refs}{written(tags)}</way>')
    points = "".join(
        f'<node id="{n}" version="1" lon="{WEST + STEP * x}" lat="{SOUTH + STEP * y}"/>'
        for (x, y), n in nodes.items()
        if x < 90  # the last one lies outside the extract, as the ends of cut ways do
    )
    door = f'<node id="900" version="1" lon="{WEST + STEP * 1.7}" lat="{SOUTH + STEP * 1.3}">'
    door += written({"addr:housenumber": "12", "addr:street": "青禾街"}) + "</node>"
    yard = '<relation id="50" version="1"><member type="way" ref="10" role="outer"/>'
    yard += '<member type="way" ref="11" role="inner"/>'
    yard += written({"type": "multipolygon", "building": "school", "name": "青禾小学"}) + "</relation>"
    bounds = (
        f'<bounds minlon="{WEST}" minlat="{SOUTH}" maxlon="{WEST + 4 * STEP}" maxlat="{SOUTH + 4 * STEP}"/>'
    )
    return f'<osm version="0.6">{bounds}{points}{door}{"".join(ways)}{yard}</osm>'


def written(tags: dict[str, str]) -> str:
    return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(town(), encoding="utf-8")
    return path


def run(path: Path, *options: str) -> str:
    out = StringIO()
    with translation.override("en"):
        call_command("import", "osm", str(path), "--district-code", "110199", *options, stdout=out)
    return out.getvalue()


class TestReading:
    def test_roads_water_and_greenery_are_told_apart(self, extract: Path) -> None:
        found = {(f.kind, f.cls, f.name) for f in read_osm(extract).features}
        assert found == {
            ("road", "arterial", "文汇路"),
            ("road", "arterial", "青禾街"),
            ("road", "minor", "小满街"),
            ("road", "path", ""),
            ("water", "river", "云泽河"),
            ("water", "lake", ""),
            ("green", "park", "镜湖公园"),
        }

    def test_buildings_have_floors_use_address_and_estate(self, extract: Path) -> None:
        flats, books, school = sorted(read_osm(extract).buildings, key=lambda b: b.geom.bounds)
        assert (flats.code, flats.floors, flats.use) == ("osm-w8", 18, "home")
        assert (flats.address, flats.estate, flats.households) == ("文汇路88号", "映月园", None)
        assert (books.use, books.address) == ("shop", "青禾街12号")  # told by the door in it
        assert (school.code, school.name, school.use) == ("osm-r50", "青禾小学", "public")
        assert len(school.geom.interiors) == 1

    def test_a_pbf_file_reads_the_same(self, extract: Path, tmp_path: Path) -> None:
        packed = tmp_path / "town.osm.pbf"
        header = osmium.io.Reader(str(extract)).header()
        with osmium.SimpleWriter(str(packed), header=header) as writer:
            for thing in osmium.FileProcessor(str(extract)):
                writer.add(thing)
        written, read = read_osm(extract), read_osm(packed)
        assert [(f.kind, f.cls, f.name) for f in read.features] == [
            (f.kind, f.cls, f.name) for f in written.features
        ]
        assert [(b.code, b.address, b.floors) for b in read.buildings] == [
            (b.code, b.address, b.floors) for b in written.buildings
        ]
        assert read.box.equals_exact(written.box, 1e-6)
        assert len(read.dividing) == len(written.dividing)

    def test_a_river_s_line_becomes_water_of_its_width(self) -> None:
        line = shapely.LineString([(116.3, 40.0), (116.4, 40.0)])
        area = widened(line, 14.0)
        assert (area.bounds[3] - area.bounds[1]) * 111_195 == pytest.approx(14, rel=0.01)
        across = widened(shapely.LineString([(116.3, 40.0), (116.3, 40.1)]), 14.0)
        assert (across.bounds[2] - across.bounds[0]) * 111_195 * np.cos(np.radians(40)) == pytest.approx(
            14, rel=0.01
        )


class TestBlocks:
    box = shapely.box(116.30, 39.99, 116.34, 40.01)

    def test_roads_cut_a_boundary_into_blocks_without_gap(self) -> None:
        roads = [
            shapely.LineString([(116.32, 39.98), (116.32, 40.02)]),
            shapely.LineString([(116.29, 40.0), (116.35, 40.0)]),
        ]
        blocks = road_blocks(self.box, roads)
        assert len(blocks) == 4
        assert shapely.coverage_is_valid(blocks)
        assert shapely.union_all(blocks).area == pytest.approx(self.box.area)

    def test_the_strip_between_two_roadways_is_no_block(self) -> None:
        roads = [shapely.LineString([(x, 39.98), (x, 40.02)]) for x in (116.32, 116.3203)]
        assert len(road_blocks(self.box, roads)) == 2

    def test_large_blocks_are_cut_along_their_inner_streets(self) -> None:
        street = shapely.LineString([(116.31, 39.98), (116.31, 40.02)])
        assert len(road_blocks(self.box, [], [street])) == 2

    def test_without_roads_the_whole_boundary_is_one_block(self) -> None:
        assert road_blocks(self.box, []) == [self.box]
        lonely = shapely.LineString([(116.31, 40.0), (116.32, 40.0)])
        assert road_blocks(self.box, [lonely]) == [self.box]


@pytest.mark.django_db
class TestImporting:
    def test_an_empty_installation_gets_a_district_with_grids_map_and_buildings(self, extract: Path) -> None:
        said = run(extract, "--name", "样例区", "--name-en", "Sample District")
        assert "buildings: 3 new" in said
        assert "first layer of 6 grids" in said
        assert Area.objects.get(code="110199").name == "样例区"
        grid = queries.locate_one(lon=WEST + STEP * 1.3, lat=SOUTH + STEP * 1.3)
        assert grid is not None
        assert grid.path.startswith("110199/110199001/110199001001/110199001001")
        assert Building.objects.get(code="osm-w8").area == grid
        assert find_address(text="映月园3栋")[0].area_id == grid.pk
        assert queries.attributions() == ["© OpenStreetMap contributors (ODbL)"]

    def test_the_same_file_again_changes_nothing(self, extract: Path) -> None:
        run(extract, "--name", "样例区")
        grids = Layer.objects.get().stamp
        said = run(extract)
        assert "buildings: 0 new, 3 known, 0 gone" in said
        assert "grids in force were kept" in said
        assert Layer.objects.get().stamp == grids
        assert MapFeature.objects.count() == 7

    def test_what_has_gone_from_the_map_is_ended(self, extract: Path) -> None:
        run(extract, "--name", "样例区")
        extract.write_text(town(without=(9,)), encoding="utf-8")
        assert "0 new, 2 known, 1 gone" in run(extract)
        assert not Building.objects.standing().filter(code="osm-w9").exists()

    def test_a_district_can_hang_below_an_area_that_is_there(self, extract: Path) -> None:
        Area.objects.create(code="1101", kind="city", path="1101/", name="样例市")
        run(extract, "--name", "样例区", "--parent", "1101")
        assert Area.objects.get(code="110199").path == "1101/110199/"

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ((), "name it with --name"),
            (("--name", "样例区", "--parent", "77"), "no area with the code 77"),
            (("--name", "样例区", "--district-code", "11"), "6 digits"),
        ],
    )
    def test_what_does_not_fit_is_told_and_nothing_taken(
        self, extract: Path, options: tuple[str, ...], said: str
    ) -> None:
        with pytest.raises(CommandError, match=said):
            run(extract, *options)
        assert not Area.objects.exists()

    def test_a_file_that_is_no_map_is_refused(self, tmp_path: Path) -> None:
        for name, text in (("notes.txt", "words"), ("broken.osm", "<osm version='0.6'><node")):
            path = tmp_path / name
            path.write_text(text)
            with pytest.raises(CommandError, match="no OpenStreetMap file"):
                run(path, "--name", "样例区")

    def test_a_map_without_anything_on_it_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "empty.osm"
        path.write_text('<osm version="0.6"></osm>')
        with pytest.raises(CommandError, match="no roads"):
            run(path, "--name", "样例区")


@pytest.mark.samples
@pytest.mark.django_db
@pytest.mark.skipif(not SAMPLES, reason="GEZHI_SAMPLES names no folder")
def test_a_real_piece_of_beijing_can_be_reported_on() -> None:
    said = run(Path(SAMPLES) / "osm" / "wudaokou.osm", "--name", "样例区")
    assert "buildings: 521 new" in said
    shapes = queries.grids_of("110199/")
    assert 10 <= len(shapes.ids) <= 40
    assert shapely.coverage_is_valid(shapes.geoms)
    points = np.random.default_rng(4).uniform((116.3085, 39.9906), (116.3319, 40.0122), (500, 2))
    assert np.count_nonzero(queries.locate(points) == 0) == 0
    assert MapFeature.objects.filter(kind="road", name="成府路").exists()
    case, code = report(
        actor=VISITOR,
        at=timezone.now(),
        said=Report(source="resident", description="路灯不亮", lon=116.3205, lat=40.0012, contact=Contact()),
    )
    assert case.area.path.startswith("110199/")
    assert (case.area.kind, case.state, bool(code)) == ("grid", "reported", True)
