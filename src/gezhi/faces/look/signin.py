"""Sign-in rules on top of allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the people who manage posts; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
