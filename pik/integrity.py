"""Turns the database's refusals into sentences that say what to do."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, connection, transaction

Message = str | Callable[[], str]


@contextmanager
def refusals(messages: Mapping[str, tuple[str | None, Message]]) -> Iterator[None]:
    """Runs a block in a transaction; a broken constraint named in `messages` becomes a ValidationError.

    `messages` maps the constraint's name to the field it belongs to (None for the whole form) and a sentence with
    the remedy; a sentence that depends on what others have done meanwhile is given as a function and made after the
    block was taken back. Nothing of the block is kept then. Any other error passes unchanged.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        found = next((messages[name] for name in _names(error) if name in messages), None)
        if found is None:
            raise
        field, message = found
        sentence = message() if callable(message) else message
        raise ValidationError({field or NON_FIELD_ERRORS: [sentence]}) from error


def _names(error: IntegrityError) -> Iterator[str]:
    """The broken constraint's name, then the one it has on the partitioned table: partitions name keys themselves."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None or diagnosis.constraint_name is None:
        return
    yield diagnosis.constraint_name
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT whole.conname FROM pg_constraint part JOIN pg_constraint whole ON whole.oid = part.conparentid "
            "JOIN pg_class partition ON partition.oid = part.conrelid "
            "WHERE part.conname = %s AND partition.relname = %s",
            [diagnosis.constraint_name, diagnosis.table_name],
        )
        yield from (name for (name,) in cursor.fetchall())
