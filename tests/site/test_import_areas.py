"""gezhi import areas: lists as offices keep them, taken whole or not at all."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from gezhi.foundation.areas.models import Area

HEADINGS = "code,name,name_en,kind,parent_code,lon,lat\n"
ROWS = (
    "420599,云泽区,Yunze District,district,,112.5,30.2\n"
    "420599001,望江街道,Wangjiang Subdistrict,street,420599,,\n"
    "\n"
    "420599001001,望江社区,,community,420599001,,\n"
)
pytestmark = pytest.mark.django_db


def run(path: Path) -> str:
    out = StringIO()
    with translation.override("en"):
        call_command("import", "areas", str(path), stdout=out)
    return out.getvalue()


def refused(path: Path) -> str:
    with pytest.raises(CommandError) as problem:
        run(path)
    assert not Area.objects.exists()
    return str(problem.value)


def write(folder: Path, text: str, *, name: str = "areas.csv", encoding: str = "utf-8-sig") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def test_a_csv_list_becomes_the_tree_and_again_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, HEADINGS + ROWS)
    assert run(path) == "3 areas: 3 new, 0 changed.\n"
    assert Area.objects.get(name="望江社区").path == "420599/420599001/420599001001/"
    assert Area.objects.get(code="420599").lat == 30.2
    assert run(path) == "3 areas: 0 new, 0 changed.\n"


def test_chinese_headings_kinds_and_encoding_are_understood(tmp_path: Path) -> None:
    text = "代码,名称,类型,上级代码,经度,纬度\n420599,云泽区,区县,,112.5,30.2\n420599001,望江街道,街道,420599,,\n"
    run(write(tmp_path, text, encoding="gb18030"))
    assert list(Area.objects.values_list("kind", flat=True)) == ["district", "street"]


def test_json_holds_a_list_of_objects(tmp_path: Path) -> None:
    rows = [{"code": "420599", "name": "云泽区", "kind": "district", "lon": 112.5, "lat": 30.2}]
    run(write(tmp_path, json.dumps(rows), name="areas.json", encoding="utf-8"))
    assert Area.objects.get().lon == 112.5


def test_every_wrong_row_is_named_and_nothing_taken(tmp_path: Path) -> None:
    wrong = "420599002,海棠街道,,stret,420599,,\n420599003,云杉街道,,street,999999,,\n"
    message = refused(write(tmp_path, HEADINGS + ROWS + wrong))
    assert "Row 6: “stret” is no kind of area" in message
    assert "Row 7: There is no area with the code 999999" in message
    assert message.endswith("Nothing was taken over.")


def test_a_place_that_is_no_number_is_named_by_row(tmp_path: Path) -> None:
    message = refused(write(tmp_path, HEADINGS + "420599,云泽区,,district,,东经,30\n"))
    assert message.startswith("Row 2: Longitude and latitude are numbers")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "code,kind\n1,district\n", "columns are missing: name"),
        ("a.csv", HEADINGS, "no rows"),
        ("a.csv", "", "columns are missing: code, name, kind"),
        ("a.csv", HEADINGS + '420599,"云泽区\n', "cannot be read as CSV"),
        ("a.json", "{", "is not JSON"),
        ("a.json", '{"code": "1"}', "list of objects"),
    ],
)
def test_a_file_that_is_no_list_of_areas_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    assert said in refused(write(tmp_path, text, name=name))


def test_a_file_in_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "areas.csv"
    path.write_bytes(b"code,name,kind\n1,\xff\xff,district\n")
    assert "neither UTF-8 nor GB18030" in refused(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "There is no file" in refused(tmp_path / "none.csv")
