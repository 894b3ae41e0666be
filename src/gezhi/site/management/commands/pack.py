"""`gezhi pack`: list, check and install business packs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gezhi import packs
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.audit.errors import GezhiError
from gezhi.work.matters import services
from gezhi.work.matters.pack import read_pack

BUNDLED = Path(packs.__file__).parent


def folder_of(name: str) -> Path:
    """A bundled pack by its name, or any folder by its path."""
    bundled = BUNDLED / name
    if (bundled / "pack.toml").is_file():
        return bundled
    return Path(name)


class Command(BaseCommand):
    help = "List, check or install business packs. Bundled packs are found by name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="name the bundled packs")
        check = acts.add_parser("check", help="read packs and report every problem by file, row and column")
        check.add_argument("packs", nargs="+", metavar="FOLDER|NAME")
        install = acts.add_parser("install", help="put packs into the draft of the catalogue")
        install.add_argument("packs", nargs="+", metavar="FOLDER|NAME")
        install.add_argument("--publish", action="store_true", help="publish the draft at once")

    def handle(self, *args: Any, **options: Any) -> None:
        match options["act"]:
            case "list":
                for manifest in sorted(BUNDLED.glob("*/pack.toml")):
                    self.stdout.write(manifest.parent.name)
            case "check":
                self._check(options["packs"])
            case "install":
                self._install(options["packs"], publish=options["publish"])

    def _check(self, names: list[str]) -> None:
        wrong = 0
        for name in names:
            pack = read_pack(folder=folder_of(name))
            for problem in pack.problems:
                self.stderr.write(f"{name}: {problem}")
            wrong += len(pack.problems)
            if not pack.problems:
                self.stdout.write(
                    _("%(pack)s: in order, %(count)s conditions.") % {"pack": name, "count": len(pack.rows)}
                )
        if wrong:
            raise CommandError(_("Problems found: %s.") % wrong)

    def _install(self, names: list[str], *, publish: bool) -> None:
        now = timezone.now()
        try:
            with transaction.atomic():
                for name in names:
                    version = services.install_pack(actor=SYSTEM, folder=folder_of(name), at=now)
                if publish:
                    version = services.publish_version(actor=SYSTEM, version_id=version.pk, at=now)
        except GezhiError as error:
            for place, message in error.fields.items():
                self.stderr.write(f"{place}: {message}")
            count = len(error.fields)
            raise CommandError(_("Problems found: %s.") % count if count else str(error.message)) from error
        if publish:
            self.stdout.write(_("Version %s of the catalogue is published.") % version.number)
        else:
            self.stdout.write(
                _("Draft %s of the catalogue is ready to be looked at and published.") % version.number
            )
