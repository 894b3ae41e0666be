"""What a face hands to the base templates for its main navigation."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the rail (console) or of the tab bar (field).

    `count` 0 shows nothing; `foot` puts it at the end.
    """

    key: str
    label: str | Promise
    url: str
    icon: str
    count: int = 0
    foot: bool = False
