"""Posts, bookings and absences of an organisation, written as they are, without a service in between."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from casework.models import Absence, Assignment, Manager, Post
from pik.models import Measure, Organisation
from tests.factories import make_manager, make_organisation

DAY = timedelta(days=1)


def add_post(organisation: Organisation, fte: str, starts_on: date, ends_on: date | None = None) -> Post:
    return Post.objects.create(
        organisation=organisation,
        district=organisation.district,
        measure=Measure.objects.get(code="im"),
        fte=Decimal(fte),
        starts_on=starts_on,
        ends_on=ends_on,
    )


def only_people(organisation: Organisation, number: int) -> list[Manager]:
    """People whose own first post is gone, so that only what the test books counts."""
    people = [make_manager(organisation=organisation) for _ in range(number)]
    Assignment.objects.filter(manager__in=people).delete()
    Post.objects.filter(organisation=organisation).delete()
    return people


def book(post: Post, manager: Manager, fte: str, starts_on: date, ends_on: date | None = None) -> Assignment:
    return Assignment.objects.create(post=post, manager=manager, fte=Decimal(fte), starts_on=starts_on, ends_on=ends_on)


def random_history(seed: int) -> Organisation:
    """Posts, bookings and absences that begin and end on any day of three years."""
    rng, organisation = Random(seed), make_organisation()
    people = only_people(organisation, 5)
    for person in people:
        day = date(2025, 1, 1) + DAY * rng.randrange(200)
        while day < date(2027, 6, 1):
            post = add_post(
                organisation, "1.00", day, None if rng.random() < 0.3 else day + DAY * rng.randrange(20, 500)
            )
            last = post.ends_on or (None if rng.random() < 0.4 else day + DAY * rng.randrange(10, 300))
            book(post, person, rng.choice(["0.25", "0.33", "0.50", "1.00"]), day, last)
            if last is None:
                break
            day = last + DAY * rng.randrange(1, 60)
        first = date(2025, 6, 1) + DAY * rng.randrange(400)
        Absence.objects.create(
            manager=person,
            kind="other",
            starts_on=first,
            ends_on=None if rng.random() < 0.2 else first + DAY * rng.randrange(90),
        )
    return organisation
