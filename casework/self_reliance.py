"""Change in self-reliance between the first and the last assessment of a case, as table, picture and sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from casework.domains import HIGHEST, LOWEST, NOT_APPLICABLE, Domain
from casework.models import Assessment
from pik.charts import Change, cached_svg, changes
from pik.charts.wording import number


@dataclass(frozen=True)
class Course:
    """All assessments of a case, the first on top."""

    assessments: Sequence[Assessment]

    @property
    def first(self) -> Assessment:
        return self.assessments[0]

    @property
    def last(self) -> Assessment:
        return self.assessments[-1]

    @property
    def in_both(self) -> list[Domain]:
        """The domains that were answered in the first and in the last of at least two assessments."""
        if self.first.pk == self.last.pk:
            return []
        return [domain for domain in Domain if domain in self.first.levels and domain in self.last.levels]

    def change(self, domain: Domain) -> int:
        return self.last.levels[domain] - self.first.levels[domain]

    @property
    def mean(self) -> Decimal | None:
        """The mean change in levels over the domains answered in both; None without any."""
        found = [self.change(domain) for domain in self.in_both]
        return Decimal(sum(found)) / len(found) if found else None


def head_of(course: Course) -> list[str]:
    """The heads of the table: one column for each assessment, and the change."""
    days = [date_format(each.assessed_on, "SHORT_DATE_FORMAT") for each in course.assessments]
    return [_("Domain"), *days, _("Change in levels")]


def rows_of(course: Course) -> list[list[str]]:
    """One row per domain with the levels as numbers and words."""
    return [
        [str(domain.label), *(_written(domain, each) for each in course.assessments), _signed(course, domain)]
        for domain in Domain
    ]


def _written(domain: Domain, assessment: Assessment) -> str:
    level = getattr(assessment, domain)
    if level is None:
        return _("not asked")
    return _("does not apply") if level == NOT_APPLICABLE else f"{level} – {domain.levels[level]}"


def _signed(course: Course, domain: Domain) -> str:
    if domain not in course.in_both:
        return "–"
    change = course.change(domain)
    return signed(Decimal(change), decimals=0)


def signed(value: Decimal, *, decimals: int) -> str:
    """A change with its sign."""
    return f"+{number(value, decimals=decimals)}" if value > 0 else number(value, decimals=decimals)


def title_of(course: Course) -> str:
    if course.first.pk == course.last.pk:
        return _("Self-reliance on %(day)s") % {"day": date_format(course.last.assessed_on, "SHORT_DATE_FORMAT")}
    return _("Self-reliance, %(first)s to %(last)s") % {
        "first": date_format(course.first.assessed_on, "SHORT_DATE_FORMAT"),
        "last": date_format(course.last.assessed_on, "SHORT_DATE_FORMAT"),
    }


def sentence_of(course: Course) -> str:
    """What the picture shows."""
    if course.mean is None:
        return _("There is one assessment so far; the change is seen with the next one.")
    found = [course.change(domain) for domain in course.in_both]
    return _(
        "Of %(domains)d domains asked about both times, %(better)d are better, %(same)d the same and %(worse)d worse; "
        "on average %(mean)s levels."
    ) % {
        "domains": len(found),
        "better": sum(change > 0 for change in found),
        "same": sum(change == 0 for change in found),
        "worse": sum(change < 0 for change in found),
        "mean": signed(course.mean, decimals=1),
    }


def picture_of(course: Course) -> str:
    """The first and the last level of every domain that was asked about."""
    language, title = get_language(), title_of(course)
    alone = course.first.pk == course.last.pk
    rows = [
        Change(str(domain.label), None if alone else course.first.levels.get(domain), course.last.levels.get(domain))
        for domain in Domain
        if domain in course.first.levels or domain in course.last.levels
    ]
    days = [date_format(each.assessed_on, "SHORT_DATE_FORMAT") for each in (course.first, course.last)]

    def build() -> str:
        return changes(
            rows=rows,
            levels=(LOWEST, HIGHEST),
            then="" if alone else _("first: %(day)s") % {"day": days[0]},
            now="" if alone else _("last: %(day)s") % {"day": days[1]},
            language=language,
            title=title,
        )

    return cached_svg(key_parts=("self-reliance", language, title, tuple(rows)), build=build)
