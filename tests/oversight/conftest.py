"""A case that stuck at every place there is, for the tests of responsibility."""

from datetime import timedelta
from typing import Any

import pytest

from gezhi.foundation.actors.models import Agency
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from tests.town import START, Town


class Way:
    """One case on its way, moved on by the minute."""

    def __init__(self, town: Town) -> None:
        self.town, self.at = town, START
        self.case = town.report()

    def do(self, act: str, who: str, *, after: timedelta = timedelta(minutes=1), **told: Any) -> Case:
        """So much later, this person does this."""
        self.at += after
        perform(act, self.case.pk, actor=self.town.actor(who), at=self.at, data=told)
        self.case = Case.objects.get(pk=self.case.pk)
        return self.case

    def photo(self) -> int:
        return self.town.photo(7).pk

    def dispatched(self) -> None:
        """Filed and with the sanitation station, two minutes after the report."""
        self.do("file", "clerk", condition=self.town.conditions["rubbish"].pk)
        self.do("dispatch", "clerk", agency=self.town.agencies["SAN"].pk)


@pytest.fixture
def way(town: Town) -> Way:
    return Way(town)


@pytest.fixture
def bureau(town: Town) -> Agency:
    """An agency above the sanitation station, before anything happens."""
    above = Agency.objects.create(
        code="BUR", path="BUR/", kind="department", name="测试城管局", area=town.areas["420599"]
    )
    station = town.agencies["SAN"]
    station.parent, station.path = above, "BUR/SAN/"
    station.save()
    return above


@pytest.fixture
def second_leader(town: Town) -> Town:
    """Another approver of the district, who has not decided what the first one did."""
    town.give_post("appraiser", "approver", "420599")
    return town
