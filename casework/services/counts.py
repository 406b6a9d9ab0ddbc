"""Recording what the measures of counts record: numbers, never persons."""

from datetime import date

from django.utils.translation import gettext as _

from casework.models import Manager
from casework.models.counts import CountRecord
from casework.services import figures
from pik.integrity import refusals
from pik.models import Municipality


def record_counts(
    *, model: type[CountRecord], manager: Manager, date: date, municipality: Municipality | None, **values: object
) -> CountRecord:
    """A new record of `model` with its own fields in `values`; the month's figures follow.

    Raises ValidationError, naming the field, for a day not yet come or numbers that contradict each other.
    """
    record = model(manager=manager, organisation_id=manager.organisation_id)
    return _save(record, date, municipality, values)


def correct_counts(
    *, record: CountRecord, date: date, municipality: Municipality | None, **values: object
) -> CountRecord:
    """Corrects a record under the rules of `record_counts`."""
    return _save(record, date, municipality, values)


def withdraw_counts(*, record: CountRecord) -> None:
    """Removes a record that should not be there."""
    with refusals({}):
        record.delete()
        figures.refresh_soon()


def _save(record: CountRecord, day: date, municipality: Municipality | None, values: dict[str, object]) -> CountRecord:
    not_yet = ("date", _("This day has not come yet. Enter today or an earlier day."))
    names = ("course", "screening", "roma_support", "queer_support")
    with refusals({f"{name}_not_in_future": not_yet for name in names}):
        record.date, record.municipality = day, municipality
        for name, value in values.items():
            setattr(record, name, value)
        record.full_clean()
        record.save()
        figures.refresh_soon()
    return record
