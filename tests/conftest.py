"""What all tests share: a data folder of the run's own, its settings, and the town with its people."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings as django_settings
from django.utils import translation

from gezhi.site.messages import compile_catalogues

# Before the settings are read: pyproject.toml names none, so that this file comes first.
RUN_FOLDER = tempfile.mkdtemp(prefix="gezhi-test-")
os.environ["GEZHI_DATA"] = RUN_FOLDER
os.environ["DJANGO_SETTINGS_MODULE"] = "gezhi.site.settings"
compile_catalogues()  # before Django reads them
django.setup()  # now: what follows, and the conftest files of the folders, import models

from gezhi.foundation.clocks.queries import forget_calendar  # noqa: E402
from gezhi.foundation.kept import forget_all  # noqa: E402
from tests.town import Town, build_town  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database-only", action="store_true", help="leave out tests that touch no database")


def pytest_configure(config: pytest.Config) -> None:
    # The real one is slow, as it should be.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(RUN_FOLDER, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database-only"):
        config.hook.pytest_deselected(items=[item for item in items if not _touches_database(item)])
        items[:] = [item for item in items if _touches_database(item)]


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & {"db", "transactional_db"}) or item.get_closest_marker("django_db") is not None


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Every test keeps its files in a folder of its own, and starts in Chinese with nothing remembered."""
    settings.FILES_DIR = tmp_path / "files"
    translation.activate(settings.LANGUAGE_CODE)
    forget_all()
    forget_calendar()


@pytest.fixture
def town(db: None) -> Town:
    """The test town, built anew for the test and rolled back after it."""
    return build_town()
