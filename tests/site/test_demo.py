"""A small demo: the same lives as in the large one, in six busy days. Which cases are drawn for a call or a
re-check hangs on their ids, so no two demos are the same to the last act."""

from datetime import UTC, datetime

import pytest

from gezhi.site.demo import load
from gezhi.site.demo.load import load_demo
from gezhi.work.cases.models import Case, CaseEvent, Clock
from gezhi.work.cases.replay import differences
from gezhi.work.cases.states import ACTIVE

NOW = datetime(2026, 11, 20, 2, 40, tzinfo=UTC)  # a Friday morning in Shanghai


@pytest.mark.django_db
def test_a_small_demo_lives_through_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "DAYS", 6)
    acts = load_demo(seed=7, cases=160, now=NOW)
    assert Case.objects.count() > 120  # some of the last have not been reported yet
    assert acts > 600
    assert [case.number for case in Case.objects.all() if differences(case)] == []
    assert Case.objects.exclude(open_request="").exists()
    assert {"contact", "sign", "verify", "close"} <= set(CaseEvent.objects.values_list("act", flat=True))
    assert not Clock.objects.filter(ended_at=None).exclude(case__state__in=[*ACTIVE, "closed"]).exists()
