from datetime import date
from decimal import Decimal

import pytest
from django.template import engines
from django.utils import translation

from pik.templatetags.figures import amount, euro, fte, month_name, ratio, whole

DASH = "–"


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [
        ("de", Decimal(58_000_000), "58.000.000,00\N{NO-BREAK SPACE}€"),
        ("en", Decimal(58_000_000), "€58,000,000.00"),
        ("de", Decimal("-0.5"), "−0,50\N{NO-BREAK SPACE}€"),
        ("en", Decimal("-1234.5"), "−€1,234.50"),
        ("de", Decimal(0), "0,00\N{NO-BREAK SPACE}€"),
        ("de", None, DASH),
    ],
)
def test_euro_is_written_to_the_cent_with_its_sign(language, value, written):
    with translation.override(language):
        assert euro(value) == written


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [("de", Decimal("1234.5"), "1.234,50"), ("en", Decimal("-1234.5"), "−1,234.50"), ("de", None, DASH)],
)
def test_amount_leaves_the_unit_to_the_head(language, value, written):
    with translation.override(language):
        assert amount(value) == written


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [
        ("de", Decimal("967.25"), "967,25"),
        ("de", Decimal("1234.5"), "1.234,50"),
        ("de", Decimal("1.005"), "1,01"),
        ("de", Decimal("-1.005"), "-1,01"),
        ("en", Decimal(0), "0.00"),
        ("de", None, DASH),
    ],
)
def test_full_time_equivalents_have_two_decimals(language, value, written):
    with translation.override(language):
        assert fte(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("93.75"), "93,8"),
        (Decimal("93.749"), "93,7"),
        (Decimal("99.95"), "100,0"),
        (Decimal(1250), "1.250,0"),
        (7, "7,0"),
        (None, DASH),
    ],
)
def test_ratios_have_one_decimal_and_are_rounded_half_up(value, written):
    with translation.override("de"):
        assert ratio(value) == written


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [("de", 540_000, "540.000"), ("en", 540_000, "540,000"), ("de", 0, "0"), ("de", None, DASH)],
)
def test_whole_numbers_are_grouped(language, value, written):
    with translation.override(language):
        assert whole(value) == written


def test_months_are_words():
    with translation.override("de"):
        german = month_name(date(2026, 3, 1))
    with translation.override("en"):
        english = month_name(date(2026, 3, 1))

    assert (german, english) == ("März 2026", "March 2026")


def test_filters_are_known_to_templates():
    template = engines["django"].from_string("{% load figures %}{{ value|whole }} {{ value|fte }}")

    with translation.override("en"):
        assert template.render({"value": 1200}) == "1,200 1,200.00"
