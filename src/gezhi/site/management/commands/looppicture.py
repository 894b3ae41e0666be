"""`gezhi looppicture FOLDER`: draw the case loop from its table into the docs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gezhi.site.loop_picture import svg, table

START, END = "<!-- table: made by gezhi looppicture -->\n", "<!-- end of table -->\n"


class Command(BaseCommand):
    """Writes case-loop.svg and the table in case-loop.md."""

    help = "Draw the case loop from its table into a docs folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        (folder / "case-loop.svg").write_text(svg(), encoding="utf-8")
        page = folder / "case-loop.md"
        text = page.read_text(encoding="utf-8")
        before, rest = text.split(START)
        page.write_text(before + START + table() + END + rest.split(END)[1], encoding="utf-8")
