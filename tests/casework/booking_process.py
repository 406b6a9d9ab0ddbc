"""One coordinator in a process of its own: `python -m tests.casework.booking_process DATABASE POST MANAGER BY`.

Says `ready`, waits for a line, books half of the post from today on, and says `booked` or the refusal as JSON.
"""

import json
import sys
from decimal import Decimal

import django


def main(database: str, post: str, manager: str, booked_by: str) -> None:
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from django.core.exceptions import ValidationError
    from django.db import connection
    from django.utils import timezone, translation

    from casework.models import Manager, Post
    from casework.services.bookings import assign_manager
    from pik.models import User

    rows = {
        "post": Post.objects.get(pk=post),
        "manager": Manager.objects.get(pk=manager),
        "booked_by": User.objects.get(pk=booked_by),
    }
    assert connection.settings_dict["NAME"] == database
    _say("ready")
    sys.stdin.readline()
    with translation.override("en"):
        try:
            assign_manager(**rows, fte=Decimal("0.50"), starts_on=timezone.localdate(), ends_on=None)
        except ValidationError as error:
            _say(json.dumps(error.message_dict))
        else:
            _say("booked")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
