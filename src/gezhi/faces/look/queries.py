"""What the look itself reads: the accounts the demo offers on its sign-in page."""

from dataclasses import dataclass
from datetime import datetime

from gezhi.foundation.actors.models import Post


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One person of the demo, for one role."""

    username: str
    name: str
    role: str
    place: str


def demo_accounts(*, at: datetime) -> list[DemoAccount]:
    """For each role the first person on a post of it, by the roles' order; nobody twice if avoidable."""
    held = (
        Post.objects.current(at)
        .filter(user__is_active=True)
        .select_related("user", "role", "area", "agency")
        .order_by("role__order", "role__code", "area__path", "pk")
    )
    first: dict[str, Post] = {}
    taken: set[int] = set()
    for post in held:
        chosen = first.get(post.role_id)
        if chosen is None or (chosen.user_id in taken and post.user_id not in taken):
            first[post.role_id] = post
            taken.add(post.user_id)
    return [_account(post) for post in first.values()]


def _account(post: Post) -> DemoAccount:
    place = post.agency or post.area
    return DemoAccount(post.user.username, post.user.name, post.role.shown, place.shown)
