"""Reads of the area tree. Area names are public: they stand on every sign-board."""

from gezhi.foundation.areas.fields import ancestors
from gezhi.foundation.areas.models import Area
from gezhi.foundation.kept import kept


@kept
def lineage(path: str) -> tuple[Area, ...]:
    """The area of `path` and all above it, from the root down."""
    return tuple(Area.objects.filter(path__in=ancestors(path)).order_by("path"))


def ancestor_of_kind(path: str, kind: str) -> Area | None:
    """The area of this kind on the way from `path` to the root, itself included."""
    return Area.objects.filter(path__in=ancestors(path), kind=kind).first()
