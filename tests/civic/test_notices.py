"""Notices: who still sees them."""

from datetime import timedelta

from tests.town import START, Town

from gezhi.civic.notices.queries import latest, unread_count
from gezhi.civic.notices.services import mark_read
from gezhi.foundation.actors.models import Post
from gezhi.foundation.actors.services import end_post
from gezhi.foundation.outbox.services import drain
from gezhi.site.subscriptions import SUBSCRIPTIONS

LATER = START + timedelta(hours=2)


def test_a_notice_is_seen_as_long_as_its_case_is(town: Town) -> None:
    case = town.drive(town.report(), "dispatch")
    while drain(subscriptions=SUBSCRIPTIONS, at=LATER):
        pass
    handler = town.actor("handler")
    assert [notice.case for notice in latest(handler)] == [case]
    assert unread_count(handler) == 1
    end_post(actor=town.actor("admin"), at=LATER, post_id=Post.objects.get(user=town.users["handler"]).pk)
    gone = town.actor("handler", at=LATER)
    assert (latest(gone), unread_count(gone)) == ([], 0)


def test_notices_are_read_one_by_one_or_all_at_once(town: Town) -> None:
    for _n in range(3):
        town.report()
    while drain(subscriptions=SUBSCRIPTIONS, at=LATER):
        pass
    clerk = town.actor("clerk")
    first = latest(clerk)[0]
    assert mark_read(actor=clerk, ids=[first.pk], at=LATER) == 1
    assert mark_read(actor=town.actor("worker"), ids=None, at=LATER) == 0
    assert unread_count(clerk) == 2
    assert mark_read(actor=clerk, ids=None, at=LATER) == 2
