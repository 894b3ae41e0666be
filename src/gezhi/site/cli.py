"""The one command line: `gezhi COMMAND`."""

import os
import sys


def main() -> None:
    """Run a management command of the product."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gezhi.site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
