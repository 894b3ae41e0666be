"""gezhi import osm FILE | areas FILE: bring in a map, or a list of areas."""  # noqa: N999

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.areas.imports import take_areas
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import GezhiError, Invalid
from gezhi.site.imports.arealist import read_areas
from gezhi.site.imports.load import District, load_osm
from gezhi.site.imports.osm import read_osm

OPERATOR = SYSTEM.titled("command line")


class Command(BaseCommand):
    help = "Bring in an OpenStreetMap extract (osm) or a list of areas (areas)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="what", required=True)
        osm = kinds.add_parser("osm", help="Roads, water, greenery and buildings of an extract (XML or PBF).")
        osm.add_argument("file", type=Path)
        osm.add_argument("--district-code", required=True, help="The 6 digits of the district it belongs to.")
        osm.add_argument("--name", default="", help="The district's name, if it is new.")
        osm.add_argument("--name-en", default="")
        osm.add_argument("--parent", default="", help="The code of the area above a new district.")
        areas = kinds.add_parser("areas", help="CSV or JSON: code,name,name_en,kind,parent_code,lon,lat.")
        areas.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"].is_file():
            raise CommandError(_("There is no file %s.") % options["file"])
        try:
            if options["what"] == "osm":
                self._osm(options)
            else:
                self._areas(options["file"])
        except Invalid as problem:
            lines = [_("Row %(row)s: %(text)s") % {"row": r, "text": t} for r, t in problem.fields.items()]
            raise CommandError("\n".join([*lines, _("Nothing was taken over.")])) from problem
        except GezhiError as problem:
            raise CommandError(str(problem.message)) from problem

    def _osm(self, options: dict[str, Any]) -> None:
        code, name = options["district_code"], options["name"]
        if len(code) != 6 or not (code.isascii() and code.isdigit()):
            raise CommandError(_("A district's code has 6 digits, such as 110108."))
        if not name and not Area.objects.filter(code=code).exists():
            raise CommandError(_("District %s is new: name it with --name.") % code)
        try:
            extract = read_osm(options["file"])
        except RuntimeError as problem:  # osmium says what it could not read
            text = _("%(file)s is no OpenStreetMap file that can be read: %(problem)s")
            raise CommandError(text % {"file": options["file"].name, "problem": problem}) from problem
        loaded = load_osm(
            actor=OPERATOR,
            at=timezone.now(),
            extract=extract,
            district=District(code, name, options["name_en"], options["parent"]),
        )
        text = _(
            "%(features)s roads, waters and parks; buildings: %(new)s new, %(again)s known, %(gone)s gone."
        )
        counts = {"new": loaded.buildings.new, "again": loaded.buildings.again, "gone": loaded.buildings.gone}
        self.stdout.write(text % {"features": loaded.features, **counts})
        if loaded.grids:
            self.stdout.write(_("A first layer of %s grids was laid between the main roads.") % loaded.grids)
        else:
            self.stdout.write(_("The grids in force were kept."))

    def _areas(self, file: Path) -> None:
        taken = take_areas(actor=OPERATOR, at=timezone.now(), rows=read_areas(file))
        text = _("%(all)s areas: %(new)s new, %(changed)s changed.")
        self.stdout.write(text % {"all": len(taken.areas), "new": taken.new, "changed": taken.changed})
