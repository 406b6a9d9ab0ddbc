"""Bulk loading through COPY."""

from collections.abc import Iterable, Sequence

from django.db import models
from django.db.backends.utils import CursorWrapper


def reserve_ids(cursor: CursorWrapper, model: type[models.Model], count: int) -> list[int]:
    """`count` fresh ids out of the table's own sequence, so that later inserts go on behind them."""
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [model._meta.db_table, count]
    )
    return [row[0] for row in cursor.fetchall()]


def copy_rows(
    cursor: CursorWrapper, model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> int:
    """Writes rows of Python values; returns how many."""
    count = 0
    with cursor.copy(_statement(model, columns)) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def copy_instances(cursor: CursorWrapper, instances: Sequence[models.Model], *columns: str) -> int:
    """Writes these columns of unsaved instances of one model."""
    if not instances:
        return 0
    return copy_rows(
        cursor, type(instances[0]), columns, ([getattr(each, column) for column in columns] for each in instances)
    )


def copy_lines(
    cursor: CursorWrapper, model: type[models.Model], columns: Sequence[str], blocks: Iterable[list[str]]
) -> int:
    """Writes blocks of lines that are in COPY's text form already, which halves the time of the largest table."""
    count = 0
    with cursor.copy(_statement(model, columns)) as copy:
        for lines in blocks:
            copy.write("".join(lines))
            count += len(lines)
    return count


def _statement(model: type[models.Model], columns: Sequence[str]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
