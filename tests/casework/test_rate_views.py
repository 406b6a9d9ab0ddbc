from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from casework.models import FundingRate
from casework.services.rates import add_rates, end_rate
from pik.models import Measure
from tests.factories import make_member, make_post
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
LIST, NEW = reverse("casework:rate_list"), reverse("casework:rate_new")


def _entered(**overrides: object) -> dict[str, object]:
    values = {"measure": "im", "qualifications": ["a", "b"], "amount": "70000.00", "starts_on": "2030-01-01"}
    return {**values, "ends_on": "", "source": "decision of the Land", **overrides}


def _rate(**overrides: object) -> FundingRate:
    values = {"qualifications": ["a"], "amount": Decimal(70000), "starts_on": date(2030, 1, 1), "ends_on": None}
    return add_rates(measure=Measure.objects.get(code="im"), source="decision", **{**values, **overrides})[0]


def test_ministry_adds_a_rate_for_several_qualifications_at_once():
    page = Page(client_of(make_member("ministry")).post(NEW, _entered(), follow=True))

    added = FundingRate.objects.filter(starts_on=date(2030, 1, 1)).order_by("qualification")
    assert [(rate.qualification, rate.amount) for rate in added] == [("a", 70000), ("b", 70000)]
    assert page.messages == ["2 rates saved."]
    assert page.rows("rates-caption")[0][2:6] == ["70,000.00", "1 Jan 2030", "no end", "decision of the Land"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("measure", "x"),
        ("qualifications", []),
        ("amount", "0"),
        ("amount", "-1"),
        ("amount", "NaN"),
        ("amount", "1e12"),
        ("starts_on", ""),
        ("starts_on", "2023-06-01"),
        ("ends_on", "2029-12-31"),
        ("source", ""),
        ("source", " "),
    ],
)
def test_wrong_rate_is_explained_and_none_is_kept(field, value):
    number = FundingRate.objects.count()
    sent = _entered(**{field: value})

    page = submit(client_of(make_member("ministry")), NEW, sent)

    assert_refused(page, field, sent)
    assert FundingRate.objects.count() == number


def test_rate_ends_on_a_day_but_not_in_the_time_of_the_next():
    rate = _rate()
    end_rate(rate=rate, ends_on=date(2031, 12, 31))
    client, address = client_of(make_member("ministry")), reverse("casework:rate_end", args=[rate.pk])
    follower = _rate(starts_on=date(2032, 1, 1))

    late = submit(client, address, sent := {"ends_on": "2032-01-01"})
    early = submit(client, address, {"ends_on": "2029-12-31"})
    page = Page(client.post(address, {"ends_on": "2030-12-31"}, follow=True))

    assert_refused(late, "ends_on", sent, error="Another rate for this qualification holds then.")
    assert early.field_error("ends_on") != ""
    assert page.messages == ["The last day of the rate is saved."]
    assert [FundingRate.objects.get(pk=each.pk).ends_on for each in (rate, follower)] == [date(2030, 12, 31), None]


def test_service_refuses_an_end_before_the_beginning():
    rate = _rate()

    with pytest.raises(ValidationError):
        end_rate(rate=rate, ends_on=date(2029, 12, 31))


@pytest.mark.parametrize(("role", "can_change"), [("ministry", True), ("auditor", False), ("coordinator", False)])
def test_only_the_ministry_is_offered_changes(role, can_change):
    page = Page(client_of(make_member(role)).get(LIST))

    heads = page.rows("rates-caption", part="thead")[0]
    assert len(page.main.all("a", href=NEW)) == int(can_change)
    assert ("Action" in heads) is can_change


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_often_for_one_rate_as_for_three(rows, django_assert_num_queries):
    for year in range(rows):
        _rate(starts_on=date(2030 + year, 1, 1), ends_on=date(2030 + year, 12, 31))
    client = client_of(make_member("ministry"))

    with django_assert_num_queries(5):
        response = client.get(LIST)

    assert response.status_code == 200


def test_page_names_the_years_of_running_posts_that_have_no_rate():
    year = timezone.localdate().year
    for starts_on in (date(2023, 1, 1), date(2025, 6, 1)):
        make_post(starts_on=starts_on)
    make_post(starts_on=date(2021, 1, 1), ends_on=date(2021, 12, 31))
    make_post(measure="deutsch")
    _rate(starts_on=date(year, 3, 1))

    page = Page(client_of(make_member("ministry")).get(LIST))

    assert "No rate at all is entered for posts of: Language courses." in page.main.text
    (line,) = [item.text for item in page.main.all("li")]
    assert line == f"Integration management: {', '.join(map(str, range(2025, year)))} (2 posts)"


def test_page_says_nothing_of_years_when_each_has_a_rate():
    make_post(starts_on=date(2025, 6, 1))
    _rate(starts_on=date(2025, 1, 1))

    page = Page(client_of(make_member("ministry")).get(LIST))

    assert "Years without a rate" not in page.main.text
