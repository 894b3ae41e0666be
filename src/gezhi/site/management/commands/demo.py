"""`gezhi demo`: build the demo district once, and print the accounts."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from gezhi.foundation.actors.models import Post, Role
from gezhi.foundation.areas.models import Area
from gezhi.site.demo.load import load_demo
from gezhi.site.demo.staff import PASSWORD


class Command(BaseCommand):
    """Refuses to touch a database that holds anything else."""

    help = "Build the demo district with a year of cases, and print its accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=20)
        parser.add_argument("--cases", type=int, default=3000)

    def handle(self, *args: Any, seed: int, cases: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo runs only with GEZHI_DEMO=1, so that no real installation gets it.")
        if Area.objects.exists():
            self.stdout.write("The demo district is there already.")
        else:
            self._build(seed, cases)
        self._accounts()

    def _build(self, seed: int, cases: int) -> None:
        self.stdout.write(f"Building the demo district with {cases} cases; this takes a minute or two.")
        began = time.monotonic()
        with translation.override("zh-hans"):
            acts = load_demo(seed=seed, cases=cases, now=timezone.now())
        self.stdout.write(f"{acts} acts done in {time.monotonic() - began:.0f} s.")

    def _accounts(self) -> None:
        self.stdout.write(f"\nAccounts (password {PASSWORD} for all):")
        for role in Role.objects.all():
            post = Post.objects.filter(role=role).select_related("user", "area", "agency").first()
            if post:
                place = post.agency or post.area
                self.stdout.write(f"  {post.user.username:<12} {role.name} · {place} · {post.user.name}")
