"""Maps: the frame's arithmetic, the server's picture, the base map's data, the config of the live map."""

import json
from xml.etree import ElementTree

import pytest
import shapely
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings

from gezhi.faces.look.maps import map_config, picture_url
from gezhi.faces.look.mapsvg import Frame, Ground, Name, Pin, border_lines, draw
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.registry.housing.services import BuildingFacts, take_buildings
from gezhi.territory.layers.rules import distance_m
from gezhi.territory.layers.services import FeatureShape, replace_features
from tests.town import SIDE, SOUTH, START, WEST, Town

FRAME = Frame(112.505, 30.205, 16, 800, 400)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def furnished(town: Town) -> Town:
    """The town with a street, a river and two buildings on the map."""
    area = town.areas["420599"]
    street = shapely.LineString([(WEST, SOUTH + 0.004), (WEST + 4 * SIDE, SOUTH + 0.004)])
    river = shapely.LineString([(WEST + 0.003, SOUTH), (WEST + 0.003, SOUTH + SIDE)])
    replace_features(
        actor=SYSTEM,
        at=START,
        area=area,
        source="test",
        attribution="© 测试测绘",
        features=[
            FeatureShape(kind="road", cls="arterial", geom=street, name="青禾街"),
            FeatureShape(kind="water", cls="river", geom=river, name="清水河"),
        ],
    )
    houses = [
        BuildingFacts(code=f"B{n}", geom=shapely.box(lon, lat, lon + 0.0004, lat + 0.0002), name=f"{n} 号楼")
        for n, (lon, lat) in enumerate([(WEST + 0.005, SOUTH + 0.005), (WEST + 0.035, SOUTH + 0.005)])
    ]
    take_buildings(actor=SYSTEM, at=START, area=area, source="test", buildings=houses)
    return town


# ---- the frame


def test_a_tap_on_the_picture_means_the_place_drawn_there() -> None:
    for place in [(112.505, 30.205), (112.5, 30.2), (112.511, 30.2069)]:
        assert FRAME.place(*FRAME.pixel(*place)) == pytest.approx(place, abs=1e-9)


def test_a_pixel_is_as_many_metres_east_as_north() -> None:
    here, east, north = FRAME.place(400, 200), FRAME.place(500, 200), FRAME.place(400, 100)
    assert distance_m(*here, *east) == pytest.approx(distance_m(*here, *north), rel=0.005)
    # zoom 16 at this latitude: 40,075 km × cos 30.2° over 512 × 2^16 pixels
    assert distance_m(*here, *east) == pytest.approx(103.2, rel=0.005)


def test_the_frame_around_a_box_holds_it_closely() -> None:
    box = (112.5, 30.2, 112.54, 30.21)
    frame = Frame.around(box, width=860, height=480)
    west, south, east, north = frame.bbox
    assert west < box[0] and south < box[1] and east > box[2] and north > box[3]
    assert (box[2] - box[0]) / (east - west) > 0.9


# ---- the picture


def test_the_picture_is_sound_xml_and_names_itself() -> None:
    root = ElementTree.fromstring(draw(FRAME, Ground(), title="地图 <1>"))
    assert root.findtext(f"{SVG}title") == "地图 <1>"
    assert root.get("viewBox") == "0 0 800 400"


def test_names_avoid_pins_and_each_other_and_stay_inside() -> None:
    names = [
        Name("青禾街", "road", 112.505, 30.205),
        Name("盖住它的名字", "road", 112.50501, 30.205),
        Name("画面外", "road", 112.6, 30.205),
        Name("别处", "road", 112.503, 30.206),
    ]
    root = ElementTree.fromstring(draw(FRAME, Ground(names=names), title="t"))
    assert [text.text for text in root.iter(f"{SVG}text")] == ["青禾街", "别处"]
    pins = [Pin(112.505, 30.205)]
    root = ElementTree.fromstring(draw(FRAME, Ground(names=names, pins=pins), title="t"))
    assert [text.text for text in root.iter(f"{SVG}text")] == ["别处"]


def test_a_border_shared_by_two_grids_is_drawn_once() -> None:
    left, right = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    assert sum(line.length for line in border_lines([left, right])) == pytest.approx(7)
    assert border_lines([]) == []


def test_what_lies_far_outside_is_cut_away() -> None:
    long_road = shapely.LineString([(100, 30.205), (120, 30.205)])
    root = ElementTree.fromstring(draw(FRAME, Ground(roads=[("minor", long_road)]), title="t"))
    drawn = [path.get("d", "") for path in root.iter(f"{SVG}path")]
    numbers = [float(n) for d in drawn for n in d.replace("M", " ").replace("L", " ").split()]
    assert numbers
    assert max(abs(n) for n in numbers) < 1000


def test_the_later_pin_lies_before_the_one_behind_it() -> None:
    pins = [Pin(112.505, 30.205, "g"), Pin(112.505, 30.206, "r")]
    text = draw(FRAME, Ground(pins=pins), title="t")
    assert text.index("#b91c1c") < text.index("#15803d")  # the northern one first, covered by the southern


def test_the_picture_shows_streets_houses_grids_and_the_pin(furnished: Town, client: Client) -> None:
    lon, lat = WEST + 0.005, SOUTH + 0.005
    answer = client.get(picture_url(Frame(lon, lat, 15, 800, 480), tone="a"))
    assert answer["Content-Type"] == "image/svg+xml"
    text = answer.text
    assert "青禾街" in text and "清水河" in text
    for colour in ("#fdf3dc", "#cfe4ee", "#dfe3e1", "#0f766e", "#d97706"):
        assert colour in text
    assert "网格边界" in text


@pytest.mark.parametrize(
    "query",
    ["", "lon=1", "lon=x&lat=1", "lon=112&lat=30&width=100000", "lon=112&lat=30&zoom=30", "lon=nan&lat=30",
     "lon=112&lat=30&pin=%3Cscript%3E", "lon=112&lat=99"],
)  # fmt: skip
def test_a_picture_of_nowhere_or_too_large_is_not_there(query: str, client: Client, db: None) -> None:
    assert client.get(f"/map/picture.svg?{query}").status_code == 404


# ---- the base map's data


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("roads", {"青禾街"}),
        ("water", {"清水河"}),
        ("green", set()),
        ("borders", set()),
    ],
)
def test_each_kind_of_the_base_map_is_public_geojson(
    furnished: Town, client: Client, kind: str, names: set[str]
) -> None:
    answer = client.get(f"/map/base/{kind}.geojson")
    assert answer["Content-Type"] == "application/geo+json"
    assert {f["properties"].get("name", "") for f in answer.json()["features"]} - {""} == names


def test_labels_give_one_point_for_each_name(furnished: Town, client: Client) -> None:
    features = client.get("/map/base/labels.geojson").json()["features"]
    kinds = [feature["properties"]["kind"] for feature in features]
    assert [kinds.count(kind) for kind in ("grid", "community", "water")] == [4, 2, 1]
    assert {feature["geometry"]["type"] for feature in features} == {"Point"}


def test_buildings_come_by_squares_of_a_hundredth_of_a_degree(furnished: Town, client: Client) -> None:
    def names(square: str) -> list[str]:
        data = client.get(f"/map/base/buildings.geojson?square={square}").json()
        return [feature["properties"]["name"] for feature in data["features"]]

    assert names("11250,3020") == ["0 号楼"]
    assert names("11253,3020") == ["1 号楼"]
    assert client.get("/map/base/buildings.geojson").status_code == 404
    for nowhere in ("1,2,3", "x,y", "18001,0", "9" * 400 + ",1"):
        assert client.get(f"/map/base/buildings.geojson?square={nowhere}").status_code == 404
    assert client.get("/map/base/secrets.geojson").status_code == 404


def test_a_browser_that_has_it_is_not_sent_it_again_until_it_changes(furnished: Town, client: Client) -> None:
    first = client.get("/map/base/roads.geojson", headers={"accept-encoding": "gzip"})
    assert first["Content-Encoding"] == "gzip"
    again = client.get("/map/base/roads.geojson", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    replace_features(
        actor=SYSTEM, at=START, area=furnished.areas["420599"], source="test", attribution="", features=[]
    )
    changed = client.get("/map/base/roads.geojson", headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed.json()["features"] == []


# ---- the live map's config


def test_a_map_opens_on_its_pin_its_middle_its_box_or_its_area(furnished: Town) -> None:
    area = furnished.areas["420599001001001"]
    assert map_config(path=area.path)["bounds"] == pytest.approx((WEST, SOUTH, WEST + SIDE, SOUTH + SIDE))
    pinned = map_config(path=area.path, pin={"lon": 112.5, "lat": 30.2, "tone": "a"})
    assert "bounds" not in pinned and pinned["picture"]["lon"] == 112.5
    assert "pin=a" in pinned["picture"]["url"]
    assert map_config(center=(112.5, 30.2), zoom=17)["picture"]["zoom"] == 17
    assert map_config()["attribution"] == ["© 测试测绘"]
    with translation.override("en"):
        assert map_config()["lang"] == "en"


def test_every_address_of_the_config_answers(furnished: Town, client: Client) -> None:
    config = map_config(path=furnished.areas["420599"].path)
    for kind, url in config["base"].items():
        asked = f"{url}?square=11250,3020" if kind == "buildings" else url
        assert client.get(asked).status_code == 200
    assert client.get(config["picture"]["url"]).status_code == 200


def test_outside_tiles_come_with_their_coordinate_system(db: None, settings: Settings) -> None:
    assert "tiles" not in map_config()
    settings.TILES_URL = "https://a.example/{z}/{x}/{y} https://b.example/{z}/{x}/{y}"
    settings.TILES_CRS = "gcj02"
    tiles = map_config()["tiles"]
    assert len(tiles["urls"]) == 2 and tiles["crs"] == "gcj02"


def test_the_config_survives_the_page(furnished: Town) -> None:
    from django.template import engines

    config = map_config(points={"type": "FeatureCollection", "features": [{"title": '"><script>'}]})
    page = engines["django"].from_string("{% load look %}{% live_map config %}").render({"config": config})
    assert "<script>" not in page
    held = ElementTree.fromstring(
        page.replace("<noscript>", "<i>").replace("</noscript>", "</i>").replace('"></i>', '"/></i>')
    )
    assert json.loads(held.get("data-map", ""))["points"]["features"][0]["title"] == '"><script>'
