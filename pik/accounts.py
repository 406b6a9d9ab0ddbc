"""How accounts come into being: by invitation only."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up; people are registered by a coordinator or invited by the operators."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
