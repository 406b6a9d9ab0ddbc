"""The ten domains of life in which self-reliance is assessed, and the words of their levels.

A level says how far a person manages alone, from 1 (cannot, in distress) to 5 (alone, in the regular services). The
domains are those of the Integrationsmanagement (topics of counselling, DOMAIN §3); each level is named by what can be
seen, so that two managers choose the same one. The words of a level may be sharpened; its meaning stays, or older
assessments would say something else.
"""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LOWEST, HIGHEST = 1, 5
# Stands for "does not apply" where that can be.
NOT_APPLICABLE = 0


class Domain(models.TextChoices):
    LANGUAGE = "language", _("Language")
    HOUSING = "housing", _("Housing")
    WORK = "work", _("Work")
    EDUCATION = "education", _("Education and training")
    CHILDREN = "children", _("Children")
    HEALTH = "health", _("Health")
    STRAIN = "strain", _("Mental strain")
    RESIDENCE = "residence", _("Residence")
    LIVELIHOOD = "livelihood", _("Livelihood and authorities")
    PARTICIPATION = "participation", _("Taking part")

    @property
    def may_not_apply(self) -> bool:
        """Not every household has children; everything else concerns everybody."""
        return self == Domain.CHILDREN

    @property
    def levels(self) -> dict[int, Promise]:
        """The words of the levels, by number."""
        return dict(enumerate(_LEVELS[self], LOWEST))


_LEVELS: dict[str, tuple[Promise, ...]] = {
    Domain.LANGUAGE: (
        _("no German"),
        _("single words"),
        _("simple talks (A2)"),
        _("everyday life without help (B1)"),
        _("work or training in German (B2)"),
    ),
    Domain.HOUSING: (
        _("without a home, or about to lose it"),
        _("shared accommodation"),
        _("own rooms in follow-up accommodation"),
        _("own flat for a limited time"),
        _("own flat, secure"),
    ),
    Domain.WORK: (
        _("not looking, or not allowed to work"),
        _("looking, with much help"),
        _("in a measure or work placement"),
        _("in work, temporary or below qualification"),
        _("in work that lasts and fits"),
    ),
    Domain.EDUCATION: (
        _("no schooling, no plan"),
        _("in a literacy or first course"),
        _("in school or an integration course"),
        _("in training, or recognition under way"),
        _("degree or qualification recognised"),
    ),
    Domain.CHILDREN: (
        _("children without day care or school"),
        _("registered, place still missing"),
        _("attend, with many problems"),
        _("attend, parents need some help"),
        _("attend, parents manage alone"),
    ),
    Domain.HEALTH: (
        _("acute need, no access to care"),
        _("goes only in an emergency"),
        _("has a doctor, goes only when accompanied"),
        _("goes alone, needs help with forms"),
        _("manages doctors and insurance alone"),
    ),
    Domain.STRAIN: (
        _("acute crisis"),
        _("heavy strain, no help yet"),
        _("heavy strain, help has begun"),
        _("some strain, copes with support"),
        _("copes well"),
    ),
    Domain.RESIDENCE: (
        _("obliged to leave, or status unclear"),
        _("procedure under way, much unclear"),
        _("status for now, deadlines only with help"),
        _("status for years, meets most deadlines"),
        _("secure, settles everything alone"),
    ),
    Domain.LIVELIHOOD: (
        _("no income, debts threaten"),
        _("benefits applied for, all letters with help"),
        _("benefits run, most letters with help"),
        _("benefits or wage, some letters with help"),
        _("settles money and letters alone"),
    ),
    Domain.PARTICIPATION: (
        _("alone, knows nobody here"),
        _("knows people of the same origin only"),
        _("sometimes at offers nearby"),
        _("regularly in a club or group"),
        _("well connected, helps others"),
    ),
}
