"""Reads of one's own notices."""

from gezhi.civic.notices.models import Notice
from gezhi.foundation.actors.scope import Actor


def unread_count(actor: Actor | None) -> int:
    """How many notices wait to be read."""
    return Notice.objects.visible_to(actor).filter(read_at=None).count()


def latest(actor: Actor | None, *, limit: int = 50) -> list[Notice]:
    """The newest notices with their cases."""
    return list(Notice.objects.visible_to(actor).select_related("case__item")[:limit])
