from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from funding.models import Budget, LedgerEntry
from funding.services.ledger import book_award, correct_award
from tests.database import side_by_side
from tests.factories import make_member, make_organisation


@pytest.fixture
def award_of():
    """Books awards out of INTURO's 200,000 EUR for 2026, all by one person to one recipient."""
    budget = Budget.objects.get(measure="inturo", year=2026)
    recipient, booked_by = make_organisation(kind="provider"), make_member("ministry")

    def book(amount: str, **overrides: object) -> LedgerEntry:
        values = {"budget": budget, "recipient": recipient, "reason": "Decision", "booked_by": booked_by}
        return book_award(amount=Decimal(amount), **{**values, **overrides})

    return book


def _correct(award: LedgerEntry, amount: str) -> LedgerEntry:
    return correct_award(entry=award, amount=Decimal(amount), reason="Correction", booked_by=award.booked_by)


@pytest.mark.django_db
def test_book_award_takes_the_last_cent_of_the_budget(award_of):
    award = award_of("200000.00")

    assert (award.kind, award.amount, award.corrects) == ("award", Decimal("200000.00"), None)
    assert award.budget.entries.totals() == {"budget": Decimal("200000.00"), "award": Decimal("200000.00")}


@pytest.mark.django_db
def test_book_award_beyond_the_budget_says_how_much_is_free(award_of):
    award_of("198765.50")

    with pytest.raises(ValidationError) as refusal:
        award_of("1234.51")

    assert list(refusal.value.message_dict) == ["amount"]
    assert "1.234,50" in refusal.value.message_dict["amount"][0]
    assert LedgerEntry.objects.filter(kind="award").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_book_award_refuses_amounts_that_give_nothing(award_of, amount):
    with pytest.raises(ValidationError) as refusal:
        award_of(amount)

    assert list(refusal.value.message_dict) == ["amount"]


@pytest.mark.django_db
def test_book_award_refuses_fractions_of_a_cent(award_of):
    with pytest.raises(ValidationError) as refusal:
        award_of("10.005")

    assert list(refusal.value.message_dict) == ["amount"]


@pytest.mark.django_db
def test_correct_award_gives_back_what_it_takes(award_of):
    award = award_of("200000.00")

    correction = _correct(award, "-50000.00")

    assert (correction.corrects, correction.recipient, correction.budget) == (award, award.recipient, award.budget)
    assert award_of("50000.00").amount == Decimal("50000.00")


@pytest.mark.django_db
def test_correct_award_cannot_take_back_more_than_was_awarded(award_of):
    award = award_of("1000.00")
    _correct(award, "-400.00")

    with pytest.raises(ValidationError) as refusal:
        _correct(award, "-600.01")

    assert "600,00" in refusal.value.message_dict["amount"][0]


@pytest.mark.django_db
def test_correct_award_cannot_add_more_than_is_free(award_of):
    award = award_of("199999.00")

    with pytest.raises(ValidationError) as refusal:
        _correct(award, "1.01")

    assert "1,00" in refusal.value.message_dict["amount"][0]


@pytest.mark.django_db
def test_correct_award_refuses_budget_entries_and_nothing(award_of):
    award = award_of("1.00")
    given = award.budget.entries.get(kind="budget")

    with pytest.raises(ValidationError, match=r"Bewilligung|award"):
        correct_award(entry=given, amount=Decimal("1.00"), reason="Correction", booked_by=award.booked_by)
    with pytest.raises(ValidationError) as refusal:
        _correct(award, "0.00")
    assert list(refusal.value.message_dict) == ["amount"]


@pytest.mark.django_db(transaction=True)
def test_book_award_twice_at_once_books_only_what_the_budget_holds(award_of):
    results = side_by_side(lambda: award_of("150000.00"), lambda: award_of("150000.00"))

    assert sorted(type(result).__name__ for result in results) == ["LedgerEntry", "ValidationError"]
    assert Budget.objects.get(measure="inturo", year=2026).entries.totals()["award"] == Decimal("150000.00")
