"""gezhi begin: set up an empty installation."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from gezhi.foundation.areas.models import AreaKind
from gezhi.foundation.audit.errors import GezhiError
from gezhi.site.beginning import begin
from gezhi.site.management.commands.pack import folder_of


class Command(BaseCommand):
    help = "Set up an empty database: the area at the top, roles, rules, catalogue, three administrators."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--code", required=True, help="division code of the area, such as 420599")
        parser.add_argument("--name", required=True, help="its name, such as 云泽区")
        parser.add_argument("--kind", default="district", choices=[kind.value for kind in AreaKind])
        parser.add_argument(
            "--rules", default="district_centre", choices=["street_office", "district_centre"]
        )
        parser.add_argument(
            "--packs", nargs="*", default=["city_management", "community_demands"], metavar="FOLDER|NAME"
        )

    def handle(self, *args: Any, code: str, name: str, kind: str, rules: str, **options: Any) -> None:
        packs = [folder_of(pack) for pack in options["packs"]]
        try:
            accounts = begin(at=timezone.now(), code=code, name=name, kind=kind, preset=rules, packs=packs)
        except GezhiError as error:
            wrong = [f"{field}: {text}" for field, text in error.fields.items()]
            raise CommandError("\n".join([str(error.message), *wrong])) from error
        self.stdout.write("Accounts (each password works once, then a new one is asked for):")
        for account in accounts:
            self.stdout.write(f"  {account.username:<10} {account.password}")
