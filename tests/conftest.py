"""What all tests share: a data folder of the run's own, and the town with its people."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

if "GEZHI_DATA" not in os.environ:
    os.environ["GEZHI_DATA"] = tempfile.mkdtemp(prefix="gezhi-test-")

from gezhi.foundation.kept import forget_all
from tests.town import Town, build_town


@pytest.fixture(autouse=True)
def own_files(settings: object, tmp_path: Path) -> Iterator[None]:
    """Every test keeps its files in a folder of its own."""
    settings.FILES_DIR = tmp_path / "files"  # type: ignore[attr-defined]
    forget_all()
    yield


@pytest.fixture
def town(db: None) -> Town:
    """The test town, built anew for the test and rolled back after it."""
    return build_town()
