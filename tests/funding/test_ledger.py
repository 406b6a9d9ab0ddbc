import threading
from decimal import Decimal

import psycopg
import pytest
from django.db import IntegrityError, transaction

from funding.models import Budget, LedgerEntry
from funding.money import award_sums
from funding.services.ledger import correct_award
from pik.models import Organisation
from tests.database import (
    app_session,
    owner_session,
    refused_by,
    refused_by_trigger,
    run_sql,
    side_by_side,
    wait_until_waited_for,
)
from tests.factories import make_award, make_budget, make_member, make_organisation
from tests.scene import make_scene

# The role of the tests has no right to; the owner, who has, meets the trigger.
KEPT = r"permission denied for table funding_ledgerentry|Cannot update or delete rows from funding_ledgerentry"


def _entry(budget: Budget, **overrides: object) -> LedgerEntry:
    """An award straight into the table, with no service in between."""
    values = {"kind": "award", "amount": Decimal("100.00"), "reason": "raw", **overrides}
    if values["kind"] == "award":
        values.setdefault("recipient", None)
        values["recipient"] = values["recipient"] or make_organisation()
        values.setdefault("booked_by", make_member("ministry"))
    return LedgerEntry.objects.create(budget=budget, **values)


def _award(budget: Budget, amount: str, recipient: Organisation | None = None) -> LedgerEntry:
    return make_award(budget=budget, amount=amount, recipient=recipient)


# Nothing is changed and nothing goes.


@pytest.mark.django_db
def test_entry_cannot_be_changed():
    _award(make_budget(), "100.00")

    with refused_by_trigger(KEPT):
        LedgerEntry.objects.update(reason="other")
    with refused_by_trigger(KEPT):
        run_sql("UPDATE funding_ledgerentry SET amount = amount")
    with refused_by_trigger(KEPT):
        LedgerEntry.objects.bulk_update([LedgerEntry(pk=LedgerEntry.objects.first().pk, amount=1)], ["amount"])


@pytest.mark.django_db
def test_entry_saved_again_is_refused():
    entry = _award(make_budget(), "100.00")
    entry.amount = Decimal("1.00")

    with refused_by_trigger(KEPT):
        entry.save()

    assert LedgerEntry.objects.get(pk=entry.pk).amount == Decimal("100.00")


@pytest.mark.django_db
def test_entry_cannot_be_deleted():
    entry = _award(make_budget(), "100.00")

    with refused_by_trigger(KEPT):
        entry.delete()
    with refused_by_trigger(KEPT):
        LedgerEntry.objects.all().delete()
    with refused_by_trigger(KEPT):
        run_sql("DELETE FROM funding_ledgerentry")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["UPDATE funding_ledgerentry SET amount = 1", "DELETE FROM funding_ledgerentry"])
def test_entry_cannot_be_changed_or_deleted_by_the_owner_either(statement):
    before = list(LedgerEntry.objects.values().order_by("pk"))

    with owner_session() as owner, pytest.raises(psycopg.errors.RaiseException, match=KEPT):
        owner.execute(statement)

    assert list(LedgerEntry.objects.values().order_by("pk")) == before != []


# What the database refuses, with no service in between.


@pytest.mark.django_db
def test_award_up_to_the_budget_is_kept_and_one_cent_more_refused():
    budget = make_budget(amount="1000.00")
    _entry(budget, amount=Decimal("999.99"))

    with refused_by("ledger_award_within_budget"):
        _entry(budget, amount=Decimal("0.02"))
    _entry(budget, amount=Decimal("0.01"))

    assert LedgerEntry.objects.filter(budget=budget).totals()["award"] == Decimal("1000.00")


@pytest.mark.django_db
def test_award_beyond_the_budget_is_refused_in_bulk_too():
    budget, booked_by = make_budget(amount="1000.00"), make_member("ministry")
    awards = [
        LedgerEntry(
            kind="award", budget=budget, recipient=make_organisation(), amount=400, reason="bulk", booked_by=booked_by
        )
        for _ in range(3)
    ]

    with refused_by("ledger_award_within_budget"):
        LedgerEntry.objects.bulk_create(awards)

    assert LedgerEntry.objects.filter(budget=budget, kind="award").count() == 0


@pytest.mark.django_db
def test_award_out_of_a_budget_without_entry_is_refused():
    budget = make_budget(amount=0)

    with refused_by("ledger_award_within_budget"):
        _entry(budget, amount=Decimal("0.01"))


@pytest.mark.django_db
def test_award_is_held_against_its_own_budget_only():
    make_budget(measure="im", amount="5000.00")
    small = make_budget(measure="jbh", amount="10.00")

    with refused_by("ledger_award_within_budget"):
        _entry(small, amount=Decimal("10.01"))


@pytest.mark.django_db
def test_budget_cut_below_its_awards_is_refused():
    budget = make_budget(amount="1000.00")
    first = budget.entries.get()
    _entry(budget, amount=Decimal("600.00"))

    with refused_by("ledger_award_within_budget"):
        _entry(budget, kind="budget", amount=Decimal("-400.01"), corrects=first)
    _entry(budget, kind="budget", amount=Decimal("-400.00"), corrects=first)

    assert LedgerEntry.objects.filter(budget=budget).totals() == {"budget": Decimal(600), "award": Decimal(600)}


@pytest.mark.django_db
def test_correction_beyond_what_the_recipient_has_is_refused():
    budget, recipient = make_budget(), make_organisation()
    award = _entry(budget, amount=Decimal("100.00"), recipient=recipient)
    _entry(budget, amount=Decimal("500.00"))

    with refused_by("ledger_correction_within_award"):
        _entry(budget, amount=Decimal("-100.01"), recipient=recipient, corrects=award)
    _entry(budget, amount=Decimal("-100.00"), recipient=recipient, corrects=award)

    assert LedgerEntry.objects.filter(recipient=recipient).totals()["award"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["budget", "award"])
def test_amount_of_zero_is_refused(kind):
    with refused_by("ledger_amount_not_zero"):
        _entry(make_budget(), kind=kind, amount=Decimal("0.00"))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["budget", "award"])
def test_negative_amount_that_corrects_nothing_is_refused(kind):
    budget, recipient = make_budget(), make_organisation()
    _entry(budget, amount=Decimal("100.00"), recipient=recipient)

    with refused_by("ledger_negative_only_as_correction"):
        _entry(budget, kind=kind, amount=Decimal("-1.00"), **({"recipient": recipient} if kind == "award" else {}))


@pytest.mark.django_db
def test_amount_that_is_no_number_is_refused():
    budget = make_budget()

    with refused_by("ledger_amount_is_a_number"):
        run_sql(
            "INSERT INTO funding_ledgerentry (kind, budget_id, amount, reason, booked_at) "
            "VALUES ('budget', %s, 'NaN', 'raw', now())",
            budget.pk,
        )


@pytest.mark.django_db
def test_correction_of_another_recipient_is_refused():
    budget, one, other = make_budget(), make_organisation(), make_organisation()
    award = _entry(budget, amount=Decimal("100.00"), recipient=one)
    _entry(budget, amount=Decimal("100.00"), recipient=other)

    with refused_by("ledger_correction_fits_its_entry"):
        _entry(budget, amount=Decimal("-1.00"), recipient=other, corrects=award)


@pytest.mark.django_db
def test_correction_of_an_entry_of_another_kind_is_refused():
    budget, recipient = make_budget(), make_organisation()
    _entry(budget, amount=Decimal("100.00"), recipient=recipient)

    with refused_by("ledger_correction_fits_its_entry"):
        _entry(budget, amount=Decimal("-1.00"), recipient=recipient, corrects=budget.entries.get(kind="budget"))


@pytest.mark.django_db
def test_correction_of_an_entry_of_another_budget_is_refused():
    recipient, budget = make_organisation(), make_budget()
    award = _entry(make_budget(measure="jbh"), amount=Decimal("100.00"), recipient=recipient)
    _entry(budget, amount=Decimal("100.00"), recipient=recipient)

    with refused_by("ledger_correction_fits_its_entry"):
        _entry(budget, amount=Decimal("-1.00"), recipient=recipient, corrects=award)


@pytest.mark.django_db
def test_entry_of_unknown_kind_is_refused():
    with pytest.raises(IntegrityError, match=r"ledger_kind_known|ledger_award_has_recipient"), transaction.atomic():
        _entry(make_budget(), kind="gift", recipient=None)


@pytest.mark.django_db
def test_award_names_recipient_and_person_and_a_budget_no_recipient():
    budget, ministry = make_budget(), make_member("ministry")

    with refused_by("ledger_award_has_recipient"):
        LedgerEntry.objects.create(kind="award", budget=budget, amount=1, reason="raw", booked_by=ministry)
    with refused_by("ledger_award_has_recipient"):
        _entry(budget, kind="budget", recipient=make_organisation())
    with refused_by("ledger_award_names_who_booked"):
        _entry(budget, booked_by=None)


# Two at once.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_database_alone_refuses_the_second_of_two_awards_at_once(isolation):
    budget, booked_by, recipient = make_budget(amount="1000.00"), make_member("ministry"), make_organisation()
    statement = (
        "INSERT INTO funding_ledgerentry (kind, budget_id, recipient_id, amount, reason, booked_by_id, booked_at) "
        "VALUES ('award', %s, %s, 600, 'race', %s, now())"
    )
    values, booked = [budget.pk, recipient.pk, booked_by.pk], threading.Event()

    def insert_late() -> None:
        with app_session() as session:
            session.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
            # Sees the ledger as it was before the other award.
            session.execute("SELECT sum(amount) FROM funding_ledgerentry")
            assert booked.wait(timeout=10)
            session.execute(statement, values)

    def insert_and_wait() -> None:
        with transaction.atomic():
            run_sql(statement, *values)
            booked.set()
            wait_until_waited_for()

    late, early = side_by_side(insert_late, insert_and_wait)

    assert early is None
    assert isinstance(late, psycopg.errors.CheckViolation | psycopg.errors.SerializationFailure)
    assert LedgerEntry.objects.filter(budget=budget).totals()["award"] == Decimal("600.00")


@pytest.mark.django_db(transaction=True)
def test_award_and_cut_of_the_budget_at_once_never_overdraw():
    budget = make_budget(amount="1000.00")
    first, award = budget.entries.get(), {"recipient": make_organisation(), "booked_by": make_member("ministry")}

    side_by_side(
        lambda: _entry(budget, amount=Decimal("600.00"), **award),
        lambda: _entry(budget, kind="budget", amount=Decimal("-600.00"), corrects=first),
    )

    totals = LedgerEntry.objects.filter(budget=budget).totals()
    assert totals in ({"budget": Decimal(1000), "award": Decimal(600)}, {"budget": Decimal(400), "award": Decimal(0)})


@pytest.mark.django_db(transaction=True)
def test_awards_out_of_two_budgets_do_not_wait_for_each_other():
    one, other = make_budget(), make_budget(measure="jbh")
    award = {"recipient": make_organisation(), "booked_by": make_member("ministry"), "amount": Decimal("100.00")}

    with transaction.atomic():
        _entry(one, **award)
        (booked,) = side_by_side(lambda: _entry(other, **award))

    assert isinstance(booked, LedgerEntry)


# Who sees an entry.


@pytest.mark.django_db
def test_entry_visible_to_recipient_kreis_and_overseers():
    scene = make_scene()
    budget = make_budget()
    bodies = {"own": scene.own, "neighbour": scene.neighbour, "foreign": scene.foreign}
    rows = {name: _award(budget, "100.00", body) for name, body in bodies.items()}
    rows["budget"] = budget.entries.get(kind="budget")

    every = set(rows)
    seen = {
        "nobody": set(),
        "expired": set(),
        "unknown role": set(),
        "manager": set(),
        "foreign manager": set(),
        "coordinator": {"own"},
        "Kreis coordinator": {"own", "neighbour"},
        "foreign coordinator": {"foreign"},
        "ministry": every,
        "auditor": every,
    }
    sums = {
        name: {row.recipient for row in award_sums(reader=user, year=budget.year)}
        for name, user in scene.readers.items()
    }
    assert scene.seen(rows) == seen
    assert sums == {name: {bodies[row].pk for row in found if row != "budget"} for name, found in seen.items()}


@pytest.mark.django_db
def test_award_sums_include_corrections():
    recipient = make_organisation()
    award = _award(make_budget(year=2030), "600.00", recipient)
    ministry = make_member("ministry")

    correct_award(entry=award, amount=Decimal("-100.00"), reason="less", booked_by=ministry)

    (found,) = award_sums(reader=ministry, year=2030)
    assert (found.recipient, found.district, found.measure, found.amount) == (
        recipient.pk,
        recipient.district_id,
        "im",
        Decimal("500.00"),
    )
