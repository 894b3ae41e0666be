"""Reading and checking the matters of a pack folder: pack.toml, functions.csv, matters.csv. No database.

Every problem found is reported with its file, row and column, so that a district can mend its sheet
in one go. A sheet saved by a Chinese Excel (GB 18030) and codes that Excel has shortened ("1" for
"01") are understood.
"""

import csv
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from io import StringIO
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from gezhi.foundation.clocks.rules import LimitKind
from gezhi.work.matters.rules import EVIDENCE_STEPS, MOST_PHOTOS, RESPONSIBLE_LEVELS, has_han

KINDS = ("component", "event", "demand")
CLASS_COLUMNS = ("class_name", "class_name_en")
ITEM_COLUMNS = ("item_name", "item_name_en", "aliases", "solve_on_spot", "direct_answer", "public", "sealed")
COLUMNS = (
    *("kind", "class_code", *CLASS_COLUMNS, "item_code", *ITEM_COLUMNS),
    *("condition_no", "text_zh", "text_en", "limit_kind", "limit_amount", "until_stopped", "emergency"),
    *("closing_zh", "closing_en", *(f"evidence_{step}" for step in EVIDENCE_STEPS)),
    *(f"responsible_{level}" for level in RESPONSIBLE_LEVELS),
)
DUTY_COLUMNS = ("code", "name", "name_en")
LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True)
class Problem:
    """Something wrong in a pack. `row` counts as a spreadsheet does (the header is row 1); 0 = whole file."""

    file: str
    row: int
    column: str
    message: str

    @property
    def place(self) -> str:
        parts = [self.file]
        if self.row:
            parts.append(_("row %(row)s") % {"row": self.row})
        if self.column:
            parts.append(self.column)
        return " · ".join(parts)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True)
class Manifest:
    """What pack.toml says of the pack."""

    name: str
    version: str
    title_zh: str
    title_en: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class DutyRow:
    code: str
    name: str
    name_en: str


Row = dict[str, Any]  # one line of matters.csv with its values parsed, by column


@dataclass
class Pack:
    """The matters of a pack as read; usable only when `problems` is empty."""

    manifest: Manifest | None = None
    duties: list[DutyRow] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, file: str, row: int, column: str, message: str) -> None:
        self.problems.append(Problem(file, row, column, message))


def read_pack(*, folder: Path, known_duties: Iterable[str] = ()) -> Pack:
    """Read a pack folder and check every line of it. `known_duties` are those installed already."""
    pack = Pack()
    if not folder.is_dir():
        pack.add(folder.name, 0, "", _("There is no such pack folder."))
        return pack
    _read_manifest(pack, folder / "pack.toml")
    _read_duties(pack, folder / "functions.csv")
    _read_matters(pack, folder / "matters.csv", {duty.code for duty in pack.duties} | set(known_duties))
    return pack


def _read_manifest(pack: Pack, path: Path) -> None:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        pack.add(path.name, 0, "", _("The file is missing."))
        return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        pack.add(path.name, 0, "", _("The file cannot be read: %(error)s") % {"error": error})
        return
    title = data.get("title")
    title = title if isinstance(title, dict) else {}
    manifest = Manifest(
        name=str(data.get("name", "")),
        version=str(data.get("version", "")),
        title_zh=str(title.get("zh", "")),
        title_en=str(title.get("en", "")),
        needs=tuple(map(str, data.get("needs", []))),
    )
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,59}", manifest.name):
        pack.add(path.name, 0, "name", _("Give a name of small letters, digits and underscores."))
    for key, value in (
        ("version", manifest.version),
        ("title.zh", manifest.title_zh),
        ("title.en", manifest.title_en),
    ):
        if not value:
            pack.add(path.name, 0, key, _("Fill this in."))
    if sorted(data.get("languages", [])) != sorted(LANGUAGES):
        pack.add(path.name, 0, "languages", _("A pack comes in these languages: %s.") % ", ".join(LANGUAGES))
    pack.manifest = manifest


def _read_duties(pack: Pack, path: Path) -> None:
    seen: set[str] = set()
    for number, cells in _sheet(pack, path, DUTY_COLUMNS):
        for column in DUTY_COLUMNS:
            if not cells[column]:
                pack.add(path.name, number, column, _("Fill this in."))
        code = cells["code"]
        if code and not re.fullmatch(r"[a-z][a-z0-9_]{1,29}", code):
            pack.add(path.name, number, "code", _("Give a code of small letters, digits and underscores."))
        if code in seen:
            pack.add(path.name, number, "code", _("This code appears twice."))
        seen.add(code)
        pack.duties.append(DutyRow(code, cells["name"], cells["name_en"]))


def _read_matters(pack: Pack, path: Path, duties: set[str]) -> None:
    parsers = _parsers(duties)
    for number, cells in _sheet(pack, path, COLUMNS):
        row: Row = {"row": number}
        for column in COLUMNS:
            try:
                row[column] = parsers[column](cells[column])
            except ValueError as error:
                pack.add(path.name, number, column, str(error))
        if not any(cells[f"responsible_{level}"] for level in RESPONSIBLE_LEVELS):
            pack.add(path.name, number, "responsible_street", _("Name who answers on at least one level."))
        if set(COLUMNS) <= row.keys():
            pack.rows.append(row)
    if not pack.problems:
        _check_together(pack, path.name)


def _check_together(pack: Pack, file: str) -> None:
    """What only shows across lines: one name per code, conditions numbered 1, 2, 3 … within an item."""
    if not pack.rows:
        pack.add(file, 0, "", _("The sheet has no lines."))
    first: dict[tuple[str, ...], Row] = {}
    conditions: dict[tuple[str, ...], int] = {}
    for row in pack.rows:
        class_key = (row["kind"], row["class_code"])
        item_key = (*class_key, row["item_code"])
        for key, columns in ((class_key, CLASS_COLUMNS), (item_key, ITEM_COLUMNS)):
            earlier = first.setdefault(key, row)
            for column in columns:
                if row[column] != earlier[column]:
                    pack.add(
                        file,
                        row["row"],
                        column,
                        _("Row %(row)s has another value for the same code.") % {"row": earlier["row"]},
                    )
        expected = conditions.get(item_key, 0) + 1
        if row["condition_no"] != expected:
            pack.add(file, row["row"], "condition_no", _("The next condition here is number %s.") % expected)
        conditions[item_key] = row["condition_no"]


def _sheet(pack: Pack, path: Path, columns: Sequence[str]) -> Iterable[tuple[int, dict[str, str]]]:
    """The lines of a CSV file with their row numbers; empty lines are passed over."""
    try:
        text = _decoded(path.read_bytes())
    except FileNotFoundError:
        pack.add(path.name, 0, "", _("The file is missing."))
        return
    except UnicodeDecodeError:
        pack.add(path.name, 0, "", _("Save the sheet as “CSV UTF-8”."))
        return
    reader = csv.reader(StringIO(text, newline=""))
    header = [cell.strip() for cell in next(reader, [])]
    missing = [column for column in columns if column not in header]
    unknown = [column for column in header if column not in columns]
    for column in missing:
        pack.add(path.name, 1, column, _("This column is missing."))
    for column in unknown:
        pack.add(path.name, 1, column, _("There is no such column; remove it or correct its name."))
    if missing or unknown:
        return
    for number, cells in enumerate(reader, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            pack.add(path.name, number, "", _("The row has too many or too few cells."))
            continue
        yield number, dict(zip(header, (cell.strip() for cell in cells), strict=True))


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _parsers(duties: set[str]) -> dict[str, Callable[[str], Any]]:
    return {
        "kind": _one_of(KINDS),
        "class_code": _two_digits,
        "class_name": _words(40, han=True),
        "class_name_en": _words(80, han=False),
        "item_code": _two_digits,
        "item_name": _words(60, han=True),
        "item_name_en": _words(120, han=False),
        "aliases": _spaced(200),
        "condition_no": _whole(1, 99),
        "text_zh": _words(200, han=True),
        "text_en": _words(300, han=False),
        "limit_kind": _one_of(tuple(str(kind) for kind in LimitKind)),
        "limit_amount": _amount,
        "closing_zh": _words(200, han=True),
        "closing_en": _words(300, han=False),
        **{f"evidence_{step}": _whole(0, MOST_PHOTOS) for step in EVIDENCE_STEPS},
        **dict.fromkeys(
            ("until_stopped", "emergency", "solve_on_spot", "direct_answer", "public", "sealed"), _yes_no
        ),
        **{f"responsible_{level}": _one_of(("", *sorted(duties))) for level in RESPONSIBLE_LEVELS},
    }


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def parse(cell: str) -> str:
        if cell not in allowed:
            raise ValueError(
                _("“%(value)s” is not known; use one of: %(allowed)s.")
                % {"value": cell, "allowed": ", ".join(filter(None, allowed))}
            )
        return cell

    return parse


def _two_digits(cell: str) -> str:
    if not re.fullmatch(r"[0-9]{1,2}", cell):
        raise ValueError(_("A code is two digits."))
    return cell.zfill(2)


def _words(longest: int, *, han: bool) -> Callable[[str], str]:
    def parse(cell: str) -> str:
        if not cell:
            raise ValueError(_("Fill this in."))
        if len(cell) > longest:
            raise ValueError(_("At most %s characters.") % longest)
        if han and not has_han(cell):
            raise ValueError(_("Write this in Chinese."))
        if not han and has_han(cell):
            raise ValueError(_("Write this in English."))
        return cell

    return parse


def _spaced(longest: int) -> Callable[[str], str]:
    def parse(cell: str) -> str:
        joined = " ".join(cell.split())
        if len(joined) > longest:
            raise ValueError(_("At most %s characters.") % longest)
        return joined

    return parse


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(cell: str) -> int:
        if not re.fullmatch(r"[0-9]{1,3}", cell) or not least <= int(cell) <= most:
            raise ValueError(
                _("Give a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
            )
        return int(cell)

    return parse


def _amount(cell: str) -> Decimal:
    wrong = ValueError(_("Give a number above 0, such as 2 or 0.5."))
    try:
        amount = Decimal(cell)
    except InvalidOperation:
        raise wrong from None
    if not amount.is_finite() or not 0 < amount < 10_000 or amount != round(amount, 2):
        raise wrong
    return amount


def _yes_no(cell: str) -> bool:
    match cell.lower():
        case "yes" | "true" | "1" | "是":
            return True
        case "no" | "false" | "0" | "否" | "":
            return False
    raise ValueError(_("Write yes or no."))
