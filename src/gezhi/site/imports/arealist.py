"""Reads a list of areas from CSV or JSON as offices keep them: Chinese headings and GB18030 are fine."""

import csv
import json
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from gezhi.foundation.areas.imports import AreaFacts
from gezhi.foundation.areas.models import AreaKind
from gezhi.foundation.audit.errors import Invalid, Refused

COLUMNS = {
    "code": "code", "代码": "code", "编码": "code",
    "name": "name", "名称": "name",
    "name_en": "name_en", "英文名": "name_en", "英文名称": "name_en",
    "kind": "kind", "类型": "kind", "级别": "kind",
    "parent_code": "parent_code", "上级代码": "parent_code", "上级编码": "parent_code",
    "lon": "lon", "经度": "lon",
    "lat": "lat", "纬度": "lat",
}  # fmt: skip
NEEDED = ("code", "name", "kind")
KINDS = {
    AreaKind.PROVINCE: "省 自治区 直辖市",
    AreaKind.CITY: "市 地级市 自治州",
    AreaKind.DISTRICT: "区 县 区县 县级市",
    AreaKind.STREET: "街道 镇 乡 乡镇 街镇",
    AreaKind.COMMUNITY: "社区 村 行政村",
    AreaKind.GRID: "网格",
    AreaKind.MICRO_GRID: "微网格 小区 片",
    AreaKind.BUILDING: "楼栋 楼",
    AreaKind.HOUSEHOLD: "户 住户",
}


def read_areas(path: Path) -> list[AreaFacts]:
    """The rows of a file. Refused: it is no list of areas; Invalid: by row number what cannot be read."""
    if path.suffix.lower() == ".json":
        return _facts(enumerate(_json_rows(path), start=1))
    return _facts(_csv_rows(path))


def _csv_rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The rows with their line numbers, by which an office finds them again; the headings are line 1."""
    reader = csv.DictReader(StringIO(_text(path)), restkey="", strict=True)
    try:
        headings = reader.fieldnames or []
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as problem:
        raise Refused(
            "areas_csv", _("Line %s cannot be read as CSV. Check its quotation marks.") % reader.line_num
        ) from problem
    missing = [c for c in NEEDED if c not in {COLUMNS.get((h or "").strip().lower()) for h in headings}]
    if missing:
        raise Refused(
            "areas_columns",
            _("These columns are missing: %s. The first line must name the columns.") % ", ".join(missing),
        )
    return rows


def _text(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("areas_encoding", _("The file is neither UTF-8 nor GB18030. Save it as CSV UTF-8."))


def _json_rows(path: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(_text(path))
    except json.JSONDecodeError as problem:
        raise Refused(
            "areas_json",
            _("Line %(line)s, column %(column)s is not JSON.")
            % {"line": problem.lineno, "column": problem.colno},
        ) from problem
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused("areas_json", _("The file must hold a list of objects, one for each area."))
    return rows


def _facts(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> list[AreaFacts]:
    facts, wrong = [], {}
    for number, row in rows:
        told = {COLUMNS[k]: v for key, v in row.items() if (k := str(key).strip().lower()) in COLUMNS}
        cells = {key: "" if value is None else str(value).strip() for key, value in told.items()}
        if not any(cells.values()):
            continue
        try:
            facts.append(_one(number, cells))
        except ValueError:
            wrong[str(number)] = _("Longitude and latitude are numbers such as 112.5.")
    if wrong:
        raise Invalid(wrong)
    if not facts:
        raise Refused("areas_empty", _("There are no rows in this file."))
    return facts


def _one(number: int, cells: Mapping[str, str]) -> AreaFacts:
    kind = cells.get("kind", "")
    return AreaFacts(
        row=number,
        code=cells.get("code", ""),
        name=cells.get("name", ""),
        kind=next((k for k, words in KINDS.items() if kind in words.split()), kind.lower()),
        parent_code=cells.get("parent_code", ""),
        name_en=cells.get("name_en", ""),
        lon=float(cells["lon"]) if cells.get("lon") else None,
        lat=float(cells["lat"]) if cells.get("lat") else None,
    )
