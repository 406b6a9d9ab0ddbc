"""Rows of the list of what is due, of one shape, so that several tables are read at once."""

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast

NO_WORD = Value("", output_field=models.CharField())
NO_NUMBER = Value(0, output_field=models.IntegerField())
NO_DAY = Cast(Value(None), models.DateField())


def due_rows(
    rows: models.QuerySet,
    kind: str,
    *,
    case: str,
    day: str,
    word: models.Expression | F = NO_WORD,
    number: models.Expression | F = NO_NUMBER,
    since: models.Expression | F = NO_DAY,
    code: models.Expression | F = NO_WORD,
) -> models.QuerySet:
    """Kind, case (id), day, word, number, an earlier day and a code of each row, to be joined by `union`."""
    columns = {"due_kind": Value(kind, output_field=models.CharField()), "due_day": F(day), "due_word": word}
    columns |= {"due_number": number, "due_since": since, "due_code": code}
    return (
        rows.order_by()
        .annotate(due_case=F(case), **columns)
        .values_list("due_kind", "due_case", "due_day", "due_word", "due_number", "due_since", "due_code")
    )
