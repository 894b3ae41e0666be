"""A case as a point of a live map."""

from datetime import datetime
from typing import Any

from gezhi.faces.look.cases.rows import title_of
from gezhi.work.cases.models import Case
from gezhi.work.cases.states import ACTIVE, State


def tone_of(case: Case, *, at: datetime) -> str:
    """Overdue, due soon, in time; neither once nobody owes an act."""
    if case.state not in ACTIVE:
        return "n"
    if case.due_at and case.due_at < at:
        return "r"
    return "a" if case.warn_at and case.warn_at <= at else "g"


def feature_of(case: Case, *, at: datetime, url: str, **more: Any) -> dict[str, Any]:
    """The GeoJSON of one case, its item loaded; `url` is its page on this face."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(case.lon, 6), round(case.lat, 6)]},
        "properties": {
            "id": case.number,
            "title": title_of(case),
            "sub": f"{case.address} · {State(case.state).label}",
            "tone": tone_of(case, at=at),
            "url": url,
            **more,
        },
    }
