"""Logins of nobody: managers, a coordinator for each of their organisations, and the five of the demo."""

from collections.abc import Iterable, Iterator
from datetime import date
from random import Random

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db.backends.utils import CursorWrapper

from funding.demo.copying import copy_instances, copy_rows, reserve_ids
from funding.demo.names import names_of_nobody
from funding.demo.organisations import Land
from funding.demo.period import Period, months_before
from funding.demo.sizes import LOGIN_DISTRICT, STAFF_MONTHS
from funding.demo.staff import Staff
from pik.models import Membership, Organisation, User

PASSWORD = "pik-demo-2026"  # noqa: S105 - known to everybody, and only ever loaded in the local mode
LOGINS = {
    "manager": "Mira Meise",
    "coordinator": "Cosmo Kornblume",
    "ministry": "Benno Buchfink",
    "ministry2": "Greta Goldregen",
    "auditor": "Rafael Reiher",
}
Role = Membership.Role


def make_people(rng: Random, land: Land, staff: list[Staff], period: Period) -> list[Membership]:
    """A membership, and in it a user, for everybody; sets the user of each of the staff.

    Employments end when the cases have been passed on (`handovers`).
    """
    invented = names_of_nobody(rng)
    long_ago = months_before(period.until, STAFF_MONTHS)
    demo = _demo_logins(rng)
    people = []
    for each in staff:
        each.user = demo["manager"] if each.is_login else _stranger(rng, invented)
        people.append(_member(each.user, each.body, Role.MANAGER, each.first_day))
    for body in dict.fromkeys(each.body for each in staff):
        mine = body is land.of_district[LOGIN_DISTRICT]
        user = demo["coordinator"] if mine else _stranger(rng, invented)
        people.append(_member(user, body, Role.COORDINATOR, long_ago))
    people.append(_member(demo["ministry"], land.ministry, Role.MINISTRY, long_ago))
    people.append(_member(demo["ministry2"], land.authority, Role.MINISTRY, long_ago))
    people.append(_member(demo["auditor"], land.audit, Role.AUDITOR, long_ago))
    for person in people:
        person.user.created_at = period.moment(person.starts_on, 8)
    return people


def coordinators(people: Iterable[Membership]) -> dict[Organisation, User]:
    """Who answers for the staff of an organisation."""
    return {each.organisation: each.user for each in people if each.role == Role.COORDINATOR}


def load_people(cursor: CursorWrapper, people: list[Membership]) -> int:
    """Writes users and memberships."""
    users = [person.user for person in people]
    for user, pk in zip(users, reserve_ids(cursor, User, len(users)), strict=True):
        user.pk = pk
    count = copy_instances(cursor, users, "id", "password", "email", "name", "is_active", "created_at")
    held = ((each.user.pk, each.organisation.pk, each.role, each.starts_on) for each in people)
    return count + copy_rows(cursor, Membership, ("user_id", "organisation_id", "role", "starts_on"), held)


def _demo_logins(rng: Random) -> dict[str, User]:
    """The five whose password is known; one hash for all, because a hash takes as long as it must."""
    password = make_password(PASSWORD, salt=_text(rng, 22))
    return {login: User(email=f"{login}@pik.example", name=name, password=password) for login, name in LOGINS.items()}


def _stranger(rng: Random, invented: Iterator[tuple[str, str]]) -> User:
    """Somebody who cannot log in: no text has this hash."""
    name, email = next(invented)
    return User(email=email, name=name, password=UNUSABLE_PASSWORD_PREFIX + _text(rng, 40))


def _member(user: User, body: Organisation, role: Membership.Role, starts_on: date) -> Membership:
    return Membership(user=user, organisation=body, role=role, starts_on=starts_on)


def _text(rng: Random, length: int) -> str:
    return "".join(rng.choices("abcdefghijkmnpqrstuvwxyz23456789", k=length))
