"""Recording what the measures of counts record: numbers, never persons."""

from datetime import date
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from casework.days import check_day, refuse_before_measure, require_open_month
from casework.models import Manager
from casework.models.counts import CountRecord
from casework.services import figures
from pik.conflicts import ChangedMeanwhile
from pik.days import not_yet
from pik.entered_once import entered_once, sent_before
from pik.integrity import refusals
from pik.models import Measure, Municipality


def record_counts(
    *,
    model: type[CountRecord],
    manager: Manager,
    date: date,
    municipality: Municipality | None,
    entry_key: UUID | None = None,
    **values: object,
) -> CountRecord:
    """A new record of `model` with its own fields in `values`; the month's figures follow.

    An `entry_key` that was sent before gives the record stored then, as `entered_once` says.

    Raises ValidationError, naming the field, for a day of a closed month, before the measure began or not
    yet come, or for numbers that contradict each other.
    """
    record = model(manager=manager, organisation_id=manager.organisation_id, entry_key=entry_key or uuid4())
    sent = {"date": date, "municipality_id": municipality and municipality.pk, **values}
    before = model.objects.filter(manager=manager)
    return entered_once(lambda: _save(record, date, municipality, values), before, entry_key, **sent)


def correct_counts(
    *,
    record: CountRecord,
    date: date,
    municipality: Municipality | None,
    version: int | None = None,
    **values: object,
) -> CountRecord:
    """Corrects a record of an open month under the rules of `record_counts`.

    Raises ChangedMeanwhile when it is stored in another version than the one that was shown.
    """
    return _save(record, date, municipality, values, version)


def withdraw_counts(*, record: CountRecord) -> None:
    """Removes a record that should not be there.

    Raises ValidationError when its month is closed.
    """
    require_open_month(record.date)
    with refusals({}):
        record.delete()
        figures.refresh_soon()


def _refused() -> dict[str, tuple[str | None, str]]:
    names = ("course", "screening", "roma_support", "queer_support", "group_offer")
    empty = _("All numbers are 0. Enter at least one, or cancel.")
    once = {f"{name}_entry_once": sent_before() for name in names}
    return {f"{name}_not_in_future": ("date", not_yet()) for name in names} | {
        **once,
        "course_has_units": ("units", _("Enter between 1 and 2000 units.")),
        "course_has_participants": ("participants_begun", _("Nobody began this course. Enter how many did.")),
        "course_finished_among_begun": (
            "participants_finished",
            _("More people finished than began. Correct one of the two numbers."),
        ),
        "course_certified_among_finished": (
            "participants_certified",
            _("More people were certified than finished. Correct one of the two numbers."),
        ),
        "screening_counts_something": ("green", empty),
        "screening_referrals_among_results": (
            "referrals",
            _("More people were referred than had the result orange or red. Correct one of the numbers."),
        ),
        "roma_support_counts_something": ("trainings", empty),
        "roma_support_participants_of_trainings": (
            "trainings",
            _("There are participants, but no training. Enter the number of trainings."),
        ),
        "queer_support_counts_something": ("counselling", empty),
        "queer_support_persons_of_trainings": (
            "trainings",
            _("There are persons trained, but no training. Enter the number of trainings."),
        ),
        "group_offer_has_topics": ("topics", _("Choose at least one topic.")),
    }


def _save(
    record: CountRecord,
    day: date,
    municipality: Municipality | None,
    values: dict[str, object],
    version: int | None = None,
) -> CountRecord:
    measure = Measure.objects.get(code=record.MEASURE)
    if record.pk:
        require_open_month(record.date)
    check_day(day)
    refuse_before_measure(measure, date=day)
    with refusals(_refused()):
        if record.pk:
            record.version = _locked_version(record, version) + 1
        record.date, record.municipality = day, municipality
        for name, value in values.items():
            setattr(record, name, value)
        # What the constraints say is left to the database: its refusals come with a field and a remedy.
        record.full_clean(validate_constraints=False)
        record.save()
        figures.refresh_soon()
    return record


def _locked_version(record: CountRecord, shown: int | None) -> int:
    """The version in which a record is stored now, locked until the end of the transaction."""
    stored = type(record).objects.select_for_update().filter(pk=record.pk).values_list("version", flat=True).first()
    if stored is None:
        raise ValidationError(_("This entry was removed in the meantime. Enter it again as a new one."))
    if shown not in (None, stored):
        raise ChangedMeanwhile(stored)
    return stored
