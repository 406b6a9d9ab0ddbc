from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Count, Sum

from casework.load import load_vocabulary
from casework.models import ReferralTarget, Topic
from funding.load import load_budgets
from funding.models import LedgerEntry
from pik.load import load_places_and_measures
from pik.models import District, Measure, Municipality

pytestmark = pytest.mark.django_db


def test_pact_has_44_districts_and_1101_municipalities():
    kinds = dict(District.objects.values_list("kind").annotate(number=Count("pk")))

    assert kinds == {"Landkreis": 35, "Stadtkreis": 9}
    assert Municipality.objects.count() == 1101


def test_pact_has_six_measures_with_their_recording_profiles():
    measures = Measure.objects.values_list("code", "profile", "sensitive", "place_level", "records_origin")

    assert list(measures) == [
        ("im", "cases", False, "municipality", True),
        ("deutsch", "counts", False, "municipality", False),
        ("bws", "counts", True, "municipality", False),
        ("inturo", "counts", True, "municipality", False),
        ("queer", "counts", True, "state", False),
        ("jbh", "cases", False, "municipality", False),
    ]


def test_pact_has_the_budgets_of_both_years_with_their_source():
    entries = LedgerEntry.objects.filter(kind="budget", booked_by=None)

    sums = dict(entries.values_list("budget__year").annotate(total=Sum("amount")).order_by())

    assert sums == {2025: Decimal("61920000.00"), 2026: Decimal("62220000.00")}
    assert not entries.filter(budget__source="").exists()


def test_pact_has_topics_and_referral_targets():
    assert (Topic.objects.count(), ReferralTarget.objects.count()) == (13, 16)


def test_stuttgart_keeps_the_leading_zero_of_its_key():
    assert Municipality.objects.get(ags="08111000").district == District.objects.get(ags="08111")


def test_load_pact_run_again_changes_nothing():
    output = StringIO()

    call_command("load_pact", stdout=output)

    assert output.getvalue() == "pact loaded, 0 rows new or changed\n"


def test_load_corrects_what_was_changed_by_hand():
    Municipality.objects.filter(ags="08111000").update(population=1, name="Benztown")
    Measure.objects.filter(code="queer").update(name_de="Bunt", ends_on=date(2026, 1, 1))

    changed = load_places_and_measures()

    stuttgart = Municipality.objects.get(ags="08111000")
    assert changed == 2
    assert (stuttgart.name, stuttgart.population) == ("Stuttgart", 612663)
    assert Measure.objects.values_list("name_de", "ends_on").get(code="queer") == ("Queere Geflüchtete", None)


def test_load_keeps_topics_that_an_admin_added():
    Topic.objects.create(code="klima", name_de="Klima", name_en="Climate", position=999)

    changed = load_vocabulary()

    assert changed == 0
    assert Topic.objects.filter(code="klima").exists()


def test_load_corrects_the_words_of_a_topic_under_its_old_id():
    before = Topic.objects.get(code="wohnen")
    Topic.objects.filter(pk=before.pk).update(name_de="Hausen")

    changed = load_vocabulary()

    assert changed == 1
    assert Topic.objects.get(code="wohnen") == before
    assert Topic.objects.get(code="wohnen").name_de == "Wohnen"


def test_load_never_touches_later_decisions_on_a_budget():
    budget = LedgerEntry.objects.get(budget__measure="im", budget__year=2026, kind="budget").budget
    LedgerEntry.objects.create(kind="budget", budget=budget, amount=Decimal("1.00"), reason="supplement")

    booked = load_budgets()

    assert booked == 0
    assert budget.entries.aggregate(total=Sum("amount"))["total"] == Decimal("58000001.00")
