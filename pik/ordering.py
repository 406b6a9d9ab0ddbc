"""German sort order that does not depend on the locale of the database."""

from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Lower, Replace

_ACCENTED = "ÄÖÜäöüÀÁÂÃÅàáâãåÇçĆćČčÈÉÊËèéêëĞğÌÍÎÏìíîïİıŁłÑñŃńÒÓÔÕØòóôõøŚśŠšŞşȘșÙÚÛùúûÝýŹźŻżŽžȚțŤťŘřŐőŰűĐđĎďŇňĚěŮů"
_PLAIN = "AOUaouAAAAAaaaaaCcCcCcEEEEeeeeGgIIIIiiiiIiLlNnNnOOOOOoooooSsSsSsSsUUUuuuYyZzZzZzTtTtRrOoUuDdDdNnEeUu"


def sort_key_field(source: str) -> models.GeneratedField:
    """A stored column that sorts `source` as German dictionaries do (DIN 5007-1: ä as a, ß as ss, case ignored).

    The database computes it, so bulk loads and raw SQL are covered; it compares byte by byte (collation "C").
    """
    without_accents = Func(
        Replace(F(source), Value("ß"), Value("ss")), Value(_ACCENTED), Value(_PLAIN), function="translate"
    )
    return models.GeneratedField(
        expression=Lower(without_accents),
        output_field=models.CharField(max_length=300, db_collation="C"),
        db_persist=True,
        editable=False,
    )
