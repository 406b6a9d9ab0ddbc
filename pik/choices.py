"""Choices enforced in the database."""

from django.db.models import CheckConstraint, Choices, Q


def known(*, name: str, field: str, choices: type[Choices], blank: bool = False) -> CheckConstraint:
    """A constraint that lets `field` hold only the values of `choices` (and the empty text, with `blank`)."""
    return CheckConstraint(name=name, condition=Q(**{f"{field}__in": [*choices.values, *([""] if blank else [])]}))
