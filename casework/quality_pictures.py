"""The curve of the quality page, and the sentence that says the same."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from casework.quality import Quality, Value, columns, tenths
from pik.charts import cached_svg, curve
from pik.templatetags.figures import HIDDEN, month_name, ratio


def title_of(quality: Quality) -> str:
    return _("Plans and goals, %(first)s to %(last)s") % {
        "first": month_name(quality.months[0]), "last": month_name(quality.months[-1])
    }  # fmt: skip


def sentence_of(quality: Quality) -> str:
    """What the total says, in words; of what there is nothing, it says so."""
    total = quality.total
    shown = {column.key: column.shown(total) for column in columns()}
    if total.held_back:
        return _(
            "Open cases: %(cases)s. Everything else would tell what one or two managers did and is not shown."
        ) % shown  # fmt: skip
    if not total.cases:
        return _("There are no open cases in these figures yet.")
    parts = [
        _either(
            total.plan_share,
            _("%(plan_share)s %% of %(cases)s open cases have a current plan; %(overdue)s reviews are overdue."),
            _("Open cases: %(cases)s; %(overdue)s reviews are overdue."),
        ),
        _either(
            total.reached_share,
            _("In twelve months %(reached_share)s %% of %(ended)s goals that ended were reached."),
            _("In twelve months %(ended)s goals ended, too few for a share."),
            _("No goal ended in twelve months."),
        ),
        _either(
            total.arrived_share,
            _("Of %(referred)s referrals %(arrived_share)s %% arrived."),
            _("%(referred)s referrals were made, too few for a share."),
            _("No referral was made in twelve months."),
        ),
        _either(
            total.change,
            _(
                "Between first and last assessment self-reliance changed by %(change)s levels on average "
                "(%(reliance_cases)s cases)."
            ),
            _("Too few cases were assessed twice to tell how self-reliance changed."),
            _("No case has been assessed twice yet, so nothing can be said about self-reliance."),
        ),
    ]
    return " ".join(parts) % shown


def _either(value: Value, words: str, too_few: str, nothing: str = "") -> str:
    """`words` for a share that is shown, else why there is none."""
    if value is None:
        return nothing or too_few
    return too_few if value == HIDDEN else words


def curve_sentence_of(quality: Quality) -> str:
    """What the curve says, in words: each share in the first and the last month that can be compared, else in all."""
    months, total = quality.by_month, quality.total
    planned, reached = _("Cases with a current plan"), _("Goals reached")
    last = month_name(quality.months[-1])
    return " ".join(
        [
            _course(planned, [(month, sums.plan_share, sums.cases) for month, sums in months])
            or _alone(_("%(name)s: %(now)s %% in %(last)s."), total.plan_share, name=planned, last=last),
            _course(reached, [(month, sums.reached_share, sums.ended) for month, sums in months])
            or _alone(_("%(name)s: %(now)s %% in twelve months."), total.reached_share, name=reached),
        ]
    )


def _course(name: str, shares: Sequence[tuple[date, Value, int]]) -> str:
    """A share in the first and the last month in which it is one of enough; empty when these are fewer than two."""
    points = [
        (month, number)
        for month, share, base in shares
        if base >= settings.SMALLEST_BASE and (number := _number(share)) is not None
    ]
    if len(points) < 2:
        return ""
    (first, before), (last, now) = points[0], points[-1]
    return _("%(name)s: %(before)s %% in %(first)s, %(now)s %% in %(last)s.") % {
        "name": name, "before": ratio(before), "first": month_name(first), "now": ratio(now), "last": month_name(last)
    }  # fmt: skip


def _alone(words: str, share: Value, *, name: str, last: str = "") -> str:
    if (now := _number(share)) is None:
        return _("%(name)s: no share to show.") % {"name": name}
    return words % {"name": name, "now": ratio(now), "last": last}


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
