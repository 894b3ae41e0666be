"""The lists people really look at, as addresses of the API: a hundred rows with the counts beside them."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from gezhi.site.bench.district import ROOT, SIDE, District, key_for, middle_of

STREET = f"{ROOT}003"
COMMUNITY = f"{STREET}004"
PAGE = 100


def views_of(district: District, *, now: datetime) -> list[dict[str, str]]:
    """Each with the key of who looks."""
    lon, lat = middle_of(300)
    box = f"{lon - 2 * SIDE:.4f},{lat - 2 * SIDE:.4f},{lon + 2 * SIDE:.4f},{lat + 2 * SIDE:.4f}"
    often = district.conditions[0].item.key
    month_ago = (now - timedelta(days=75)).isoformat(), (now - timedelta(days=45)).isoformat()
    asked: dict[str, tuple[str, dict[str, str]]] = {
        "dispatcher_to_dispatch": (f"dispatcher{STREET}", {"stage": "dispatch"}),
        "head_own_active": ("headHW", {"stage": "active"}),
        "head_own_all": ("headHW", {"stage": "all", "order": "new"}),
        "inspector_verifications": (f"inspector{STREET}", {"stage": "mine"}),
        "community_item_month": (
            f"clerk{STREET}",
            {
                "stage": "all",
                "order": "new",
                "area": COMMUNITY,
                "item": often,
                "since": month_ago[0],
                "until": month_ago[1],
            },
        ),
        "community_all": (f"clerk{STREET}", {"stage": "all", "order": "new", "area": COMMUNITY}),
        "district_overdue": (f"clerk{ROOT}", {"stage": "overdue"}),
        "map_box": (f"clerk{ROOT}", {"stage": "active", "bbox": box}),
    }
    keys = {username: key_for(district, username, at=now) for username, _query in asked.values()}
    return [
        {
            "name": name,
            "key": keys[username],
            "path": "/cases?" + urlencode({**query, "limit": PAGE, "counts": "true"}),
        }
        for name, (username, query) in asked.items()
    ]
