"""What an integration manager has to have learned, and what the Land pays for it."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pik.choices import known
from pik.models import Measure
from pik.periods import PeriodQuerySet, ends_after_start, once_at_a_time


class Qualification(models.TextChoices):
    """The three ways into the work, the highest first (rules as a council paper of Schwäbisch Hall quotes them)."""

    SOCIAL_DEGREE = "a", _("(a) degree in a listed social subject")
    OTHER_DEGREE = "b", _("(b) other suitable degree")
    VOCATIONAL = "c", _("(c) vocational training with a suitable additional qualification")

    @classmethod
    def suffices(cls, held: str, required: str) -> bool:
        """Whether somebody who has `held` may fill a post that demands `required`; nothing demanded is always met."""
        return not required or (bool(held) and cls.values.index(held) <= cls.values.index(required))


class FundingRateQuerySet(PeriodQuerySet):
    def for_table(self) -> Self:
        return self.select_related("measure").order_by("measure__position", "-starts_on", "qualification")

    def of_measure(self, measure: Measure) -> Self:
        return self.filter(measure=measure)


class FundingRate(models.Model):
    """The fixed amount (Festbetrag) in EUR that the Land pays for one full-time post and year."""

    measure = models.ForeignKey(Measure, verbose_name=_("measure"), on_delete=models.RESTRICT, related_name="+")
    qualification = models.CharField(_("qualification"), max_length=1, choices=Qualification.choices)
    amount = models.DecimalField(_("amount a year"), max_digits=14, decimal_places=2)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    # Where the figure stands, so that an auditor finds it.
    source = models.CharField(_("source"), max_length=200)

    objects = FundingRateQuerySet.as_manager()

    class Meta:
        constraints = [
            known(name="rate_qualification_known", field="qualification", choices=Qualification),
            models.CheckConstraint(name="rate_amount_positive", condition=Q(amount__gt=0, amount__lt=10**9)),
            models.CheckConstraint(name="rate_has_source", condition=~Q(source="")),
            ends_after_start("rate_ends_after_it_starts"),
            once_at_a_time(
                name="rate_once_at_a_time",
                fields=["measure", "qualification"],
                message=_("There is a rate for this qualification in that time already. Choose another period."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.qualification} {self.amount} {self.starts_on}"


def fixed_amount(*, rate: Decimal, fte: Decimal, days: int, days_of_year: int) -> Decimal:
    """EUR for `fte` on `days` of a year of `days_of_year`, to the cent, half a cent up; `rate` is per VZÄ and year."""
    return (rate * fte * days / days_of_year).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
