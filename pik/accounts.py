"""How accounts come into being: by invitation only."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_noop

# allauth's own German says "Du" here. Named once more, they stand in our catalogue, whose words go first.
REWORDED = (
    gettext_noop("Please type your current password."),
    gettext_noop("You must type the same password each time."),
    gettext_noop("The email address and/or password you specified are not correct."),
    gettext_noop("Too many failed login attempts. Try again later."),
    gettext_noop("Be patient, you are sending too many requests."),
    gettext_noop("You have signed out."),
)


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up; people are registered by a coordinator or invited by the operators."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
