"""What tests of pages share."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.town import START


@pytest.fixture
def an_hour_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' now is an hour after the town's beginning."""
    monkeypatch.setattr(timezone, "now", lambda: START + timedelta(hours=1))
