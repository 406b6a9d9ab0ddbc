"""Whose posts a board shows, and as of when."""

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.conf import settings
from django.db import models
from django.utils import timezone

from casework.models import Post
from casework.models.posts import PostQuerySet, employers_open_to
from pik.models import District, Measure, Organisation, User
from pik.months import add_months, last_months, month_of


@dataclass(frozen=True)
class Scope:
    """A reader's choice: the whole Land, a Kreis or an organisation, one measure or all, on a day."""

    reader: User
    day: date
    district: District | None = None
    organisation: Organisation | None = None
    measure: Measure | None = None

    @property
    def is_state(self) -> bool:
        return self.district is None and self.organisation is None

    @property
    def by(self) -> str:
        """What the lines of the board are: Kreise for the Land, organisations else."""
        return "district" if self.is_state else "organisation"

    @property
    def own_key(self) -> int | None:
        """The line whose numbers of people are the reader's own and so exact."""
        return None if self.is_state else self.reader.membership.organisation_id

    @property
    def place(self) -> dict[str, object]:
        """The Kreis and the organisation of the whole choice; a Kreis sees of others only what lies in it."""
        membership = self.reader.membership
        if self.organisation is None:
            return {"district": self.district.pk} if self.district else {}
        if self.own_key == self.organisation.pk or membership.sees_whole_state:
            return {"organisation": self.organisation.pk}
        return {"district": membership.organisation.district_id, "organisation": self.organisation.pk}

    def place_of(self, key: str | int | None) -> dict[str, object]:
        """The Kreis and the organisation of one line."""
        return {"district": key} if self.is_state else {**self.place, "organisation": key}

    @property
    def sees_names(self) -> bool:
        """Coordinators know their people by name; the Land counts heads."""
        return not self.reader.membership.sees_whole_state

    @cached_property
    def lies_ahead(self) -> bool:
        """Whether the day is still to come."""
        return self.day > timezone.localdate()

    @cached_property
    def month(self) -> date:
        """The month whose figures stand beside the staff of the day: for a day to come, the running one."""
        return min(month_of(self.day), month_of(timezone.localdate()))

    @cached_property
    def months(self) -> list[date]:
        """The months of the figures, 13 that end with `month`."""
        return last_months(settings.CURVE_MONTHS, until=self.month)

    @property
    def first_day(self) -> date:
        """The first day on which anything that the board counts can have happened."""
        return min(self.months[0], date(self.day.year, 1, 1))

    @property
    def window(self) -> tuple[date, date]:
        """The first and the last day of the months of the figures, as far as the day of the board."""
        return self.months[0], min(self.day, add_months(self.month, 1) - timedelta(days=1))

    @property
    def days_of_year(self) -> int:
        return 366 if isleap(self.day.year) else 365

    @property
    def curve_days(self) -> list[date]:
        """The last days of the months of three years, and the day itself for its own month."""
        first = add_months(month_of(self.day), -settings.STAFFING_MONTHS)
        ends = [add_months(first, count + 1) - timedelta(days=1) for count in range(settings.STAFFING_MONTHS)]
        return [*ends, self.day]

    def posts(self) -> PostQuerySet:
        """All posts of the choice, whenever they run."""
        posts = Post.objects.visible_to(self.reader).of_measure(self.measure)
        if self.organisation:
            return posts.filter(organisation=self.organisation)
        return posts.of_district(self.district) if self.district else posts


def organisations_to_open(reader: User) -> models.QuerySet[Organisation]:
    """The employers whose board a reader may open."""
    return employers_open_to(reader).select_related("district")
