"""Turns the database's refusals into sentences that say what to do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction


@contextmanager
def refusals(messages: Mapping[str, tuple[str | None, str]]) -> Iterator[None]:
    """Runs a block in a transaction; a broken constraint named in `messages` becomes a ValidationError.

    `messages` maps the constraint's name to the field it belongs to (None for the whole form) and a sentence with
    the remedy. Nothing of the block is kept then. Any other error passes unchanged.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        found = messages.get(getattr(diagnosis, "constraint_name", None) or "")
        if found is None:
            raise
        field, message = found
        raise ValidationError({field or NON_FIELD_ERRORS: [message]}) from error
