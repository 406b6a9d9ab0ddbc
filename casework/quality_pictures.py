"""The curve of the quality page, and the sentence that says the same."""

from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from casework.quality import Quality, Value, columns, tenths
from pik.charts import cached_svg, curve
from pik.templatetags.figures import month_name


def title_of(quality: Quality) -> str:
    return _("Plans and goals, %(first)s to %(last)s") % {
        "first": month_name(quality.months[0]), "last": month_name(quality.months[-1])
    }  # fmt: skip


def sentence_of(quality: Quality) -> str:
    """What the total says, in words."""
    shown = {column.key: column.shown(quality.total) for column in columns()}
    if not quality.total.cases:
        return _("There are no open cases in these figures yet.")
    words = _(
        "%(plan_share)s %% of %(cases)s open cases have a current plan; %(overdue)s reviews are overdue. In twelve "
        "months %(reached_share)s %% of %(ended)s goals that ended were reached, and %(arrived_share)s %% of "
        "%(referred)s referrals arrived. Between first and last assessment self-reliance changed by %(change)s levels "
        "on average (%(reliance_cases)s cases)."
    )
    return words % shown


def curve_svg(quality: Quality) -> str:
    """The share of cases with a current plan, and of goals reached, month by month."""
    language, title = get_language(), title_of(quality)
    points = [(month, _number(sums.plan_share), _number(sums.reached_share)) for month, sums in quality.by_month]

    def build() -> str:
        return curve(
            months=[month for month, *_values in points],
            series=[
                (_("Cases with a current plan"), [planned for _month, planned, _reached in points]),
                (_("Goals reached"), [reached for _month, _planned, reached in points]),
            ],
            y_title=_("Share (%)"),
            language=language,
            title=title,
            open_month=points[-1][0],
            decimals=1,
        )

    return cached_svg(key_parts=("quality curve", language, title, tuple(points)), build=build)


def _number(value: Value) -> Decimal | None:
    """What a curve can show: what is held back is a gap."""
    return tenths(value) if isinstance(value, Decimal) else None
