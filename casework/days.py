"""Which days an entry about a case may have: asked by services, and by forms together with everything else."""

from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.models import Case
from casework.models.contacts import first_open_day
from pik.days import refuse_after, refuse_before, refuse_future
from pik.models import Measure
from pik.months import months_later


def check_day(day: date) -> None:
    """Raises ValidationError for a day in a closed month, or one that has not come."""
    refuse_closed_month(date=day)
    refuse_future(date=day)


def closed_month(day: date) -> str:
    """What is said of an entry of a day whose month is closed; an empty word while it is open."""
    if day >= first_open_day():
        return ""
    message = _("%(month)s is closed: this entry can no longer be changed or removed. Tell your coordinator.")
    return message % {"month": date_format(day, "YEAR_MONTH_FORMAT")}


def require_open_month(day: date) -> None:
    """Raises ValidationError for the day of an entry whose month is closed."""
    if closed := closed_month(day):
        raise ValidationError(closed)


def refuse_closed_month(**days: date | None) -> None:
    """Raises ValidationError at each of the named days whose month is closed for entries."""
    refuse_before(first_open_day(), _("This month is closed for entries. Enter a day from %(day)s on."), **days)


def refuse_before_opening(case: Case, **days: date | None) -> None:
    """Raises ValidationError at each of the named days on which the case was not open yet."""
    refuse_before(case.opened_on, opened_later(), **days)


def opened_later() -> str:
    """What is said of a day before the opening."""
    return _("The case was opened later. Enter the day of the opening or a later one.")


def check_due(case: Case, **days: date | None) -> None:
    """Raises ValidationError at each of the named days before the opening, or further away than a case lasts."""
    refuse_before_opening(case, **days)
    refuse_too_far(**days)


def refuse_too_far(**days: date | None) -> None:
    """Raises ValidationError at each of the named days to come until which no case of today lasts."""
    message = _("This day is too far away: no case lasts until then. Enter %(day)s or an earlier day.")
    refuse_after(months_later(timezone.localdate(), settings.CASE_EXTENDED_MONTHS), message, **days)


def refuse_before_measure(measure: Measure, **days: date | None) -> None:
    """Raises ValidationError at each of the named days on which the measure had not begun."""
    refuse_before(measure.starts_on, _("The measure began on %(day)s. Enter this day or a later one."), **days)
