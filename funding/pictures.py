"""Pictures of an overview, and the sentences and tables that say the same."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from casework.withheld import held_back
from funding.overview import Line, Overview
from pik.charts import cached_svg, curve, district_map, municipality_map
from pik.models import District
from pik.templatetags.figures import amount, fte, month_name, whole, work

WRITTEN = {"contacts": work, "cases": whole, "fte": fte, "awarded": amount}
UNIT = {"awarded": "€", "fte": _lazy("FTE")}


@dataclass(frozen=True)
class Words:
    """Title, alternative text and sentence of a picture, and its table."""

    title: str
    alt: str
    sentence: str
    table: dict[str, object]


def _values(lines: list[Line], shown: str) -> dict[str, object]:
    return {line.key: getattr(line, shown) for line in lines if line.key}


def map_words(overview: Overview, shown: str, label: str) -> Words:
    """What the map of Kreise or municipalities shows, in words."""
    lines = [line for line in (overview.places or overview.lines) if line.key]
    write = WRITTEN[shown]
    title = _("%(what)s %(year)s, %(measure)s") % {
        "what": label, "year": str(overview.period.year), "measure": overview.measure_name
    }  # fmt: skip
    known = [line for line in lines if getattr(line, shown)]
    without = [line for line in lines if getattr(line, shown) == 0]
    hidden = len(lines) - len(known) - len(without)
    if not known:
        sentence = held_back() if hidden else _("There are no figures for this choice yet.")
    else:
        most = max(known, key=lambda line: getattr(line, shown))
        sentence = _("Most: %(place)s with %(value)s.") % {
            "place": most.name,
            "value": _with_unit(write(getattr(most, shown)), shown),
        }
        if len(known) > 1:
            least = min(known, key=lambda line: getattr(line, shown))
            sentence += " " + _("Least: %(place)s with %(value)s.") % {
                "place": least.name,
                "value": _with_unit(write(getattr(least, shown)), shown),
            }
        if without:
            counts = {"none": whole(len(without)), "all": whole(len(lines))}
            sentence += " " + _("Without any: %(none)s of %(all)s.") % counts
        if hidden:
            words = {"hidden": whole(hidden)}
            sentence += " " + _("Not shown, because fewer than three people did it: %(hidden)s.") % words
    table = {
        "head": [{"label": _("Place")}, {"label": label, "unit": str(UNIT.get(shown, ""))}],
        "rows": [[line.name, write(getattr(line, shown))] for line in lines],
    }
    return Words(title, _("Map: %(title)s. %(sentence)s") % {"title": title, "sentence": sentence}, sentence, table)


def _with_unit(text: str, shown: str) -> str:
    return f"{text} {UNIT[shown]}" if shown in UNIT else text


def lines_table(overview: Overview, *, query: str, district: District | None, opens: bool) -> dict[str, object]:
    """The table of Kreise, or of the organisations of one; with `opens` each leads to its own page."""
    what = _("Organisations") if district else _("Districts")
    if district:
        target = "casework:staffing_organisation"
        query = urlencode({"district": district.pk} | ({"measure": overview.measure.pk} if overview.measure else {}))
    else:
        target = "funding:district"
    return {
        "lines": overview.lines,
        "total": overview.total,
        "caption": f"{what}, {overview.measure_name}, {overview.period.year}",
        "head": _("Organisation") if district else _("District"),
        "target": target if opens else "",
        "query": query,
    }


def curve_words(overview: Overview) -> Words:
    """What the curve of contacts over 13 months shows, in words."""
    title = _("Contacts by month, %(measure)s") % {"measure": overview.measure_name}
    shown = [(month, value) for month, value in overview.months if value is not None]
    closed = [(month, value) for month, value in shown if month != overview.period.open_month]
    if not closed or not any(value for _month, value in shown):
        some_hidden = len(shown) < len(overview.months)
        sentence = held_back() if some_hidden else _("There are no figures for this choice yet.")
    else:
        month, value = closed[-1]
        best_month, best = max(closed, key=lambda pair: pair[1])
        sentence = _("%(month)s: %(value)s contacts. Highest month: %(best_month)s with %(best)s.") % {
            "month": month_name(month), "value": whole(value),
            "best_month": month_name(best_month), "best": whole(best),
        }  # fmt: skip
        if overview.period.open_month:
            sentence += " " + _("The running month is not complete.")
    table = {
        "head": [{"label": _("Month")}, {"label": _("Contacts")}],
        "rows": [[month_name(month), work(value)] for month, value in overview.months],
    }
    return Words(title, _("Curve: %(title)s. %(sentence)s") % {"title": title, "sentence": sentence}, sentence, table)


def map_svg(overview: Overview, shown: str, label: str, district: District | None = None) -> str:
    """The map of the Land by Kreis, or of one Kreis by municipality."""
    lines = overview.places or overview.lines
    words = map_words(overview, shown, label)
    inside = district.pk if district else "08"
    values = {key: value for key, value in _values(lines, shown).items() if key.startswith(inside)}
    common = {
        "values": values, "legend": label, "language": get_language(), "title": words.title,
        "unit": str(UNIT.get(shown, "")),
    }  # fmt: skip

    def build() -> str:
        return municipality_map(district=district.pk, **common) if district else district_map(**common)

    return cached_svg(key_parts=("map", inside, tuple(sorted(common.items(), key=str))), build=build)


def curve_svg(overview: Overview) -> str:
    """The curve of contacts over 13 months."""
    words = curve_words(overview)
    months: list[date] = [month for month, _value in overview.months]
    values = [value for _month, value in overview.months]
    language, open_month = get_language(), overview.period.open_month

    def build() -> str:
        return curve(
            months=months, series=[(_("Contacts"), values)], y_title=_("Contacts"), language=language,
            title=words.title, open_month=open_month,
        )  # fmt: skip

    return cached_svg(key_parts=("curve", words.title, tuple(overview.months), open_month, language), build=build)
