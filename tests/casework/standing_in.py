"""Colleagues who stand in for each other, in tests of what they see and do."""

from datetime import date

from django.utils import timezone

from casework.models import Deputyship, Manager
from tests.factories import make_manager

TODAY = timezone.localdate()


def colleague_of(manager: Manager) -> Manager:
    return make_manager(organisation=manager.organisation)


def stand_in(manager: Manager, deputy: Manager, starts_on: date = TODAY, ends_on: date = TODAY) -> Deputyship:
    """Lets `deputy` stand in for `manager`, today unless told otherwise."""
    return Deputyship.objects.create(
        manager=manager, deputy=deputy, organisation=manager.organisation, starts_on=starts_on, ends_on=ends_on
    )
