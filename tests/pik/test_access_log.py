import psycopg
import pytest
from django.urls import reverse

from pik.access import log_export
from pik.models import AccessRecord
from tests.database import owner_session, refused_by_trigger, run_sql
from tests.factories import make_member, make_organisation
from tests.pages import Page, client_of
from tests.scene import make_scene

# The role of the tests has no right to; the owner, who has, meets the trigger.
KEPT = r"permission denied for table pik_accessrecord|Cannot update or delete rows from pik_accessrecord"


@pytest.mark.django_db
def test_export_is_logged_with_person_and_organisation():
    organisation = make_organisation()
    user = make_member("ministry")

    log_export(user=user, subject="managers.csv", organisation_id=organisation.pk)

    record = AccessRecord.objects.get()
    assert (record.user, record.organisation, record.action, record.subject) == (
        user,
        organisation,
        "export",
        "managers.csv",
    )


@pytest.mark.django_db
def test_access_record_cannot_be_changed():
    log_export(user=make_member("auditor"), subject="ledger.csv", organisation_id=None)

    with refused_by_trigger(KEPT):
        AccessRecord.objects.update(subject="other.csv")
    with refused_by_trigger(KEPT):
        run_sql("UPDATE pik_accessrecord SET at = now()")
    assert AccessRecord.objects.get().subject == "ledger.csv"


@pytest.mark.django_db
def test_access_record_cannot_be_deleted():
    log_export(user=make_member("auditor"), subject="ledger.csv", organisation_id=None)

    with refused_by_trigger(KEPT):
        AccessRecord.objects.all().delete()
    with refused_by_trigger(KEPT):
        run_sql("DELETE FROM pik_accessrecord")
    assert AccessRecord.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_access_record_cannot_be_changed_by_the_owner_either():
    log_export(user=make_member("auditor"), subject="ledger.csv", organisation_id=None)

    with owner_session() as owner:
        for statement in ("UPDATE pik_accessrecord SET subject = 'x'", "DELETE FROM pik_accessrecord"):
            with pytest.raises(psycopg.errors.RaiseException, match=KEPT):
                owner.execute(statement)

    assert AccessRecord.objects.get().subject == "ledger.csv"


@pytest.mark.django_db
def test_access_record_visible_to_coordinators_concerned_and_auditors():
    scene = make_scene()
    exporter = scene.readers["ministry"]
    rows = {
        "own": log_export(user=exporter, subject="figures.csv", organisation_id=scene.own.pk),
        "Kreis": log_export(user=exporter, subject="figures.csv", organisation_id=scene.neighbour.pk),
        "foreign": log_export(user=exporter, subject="figures.csv", organisation_id=scene.foreign.pk),
        "state": log_export(user=exporter, subject="figures.csv", organisation_id=None),
    }

    assert scene.seen(rows) == {
        "nobody": set(),
        "expired": set(),
        "unknown role": set(),
        "manager": set(),
        "foreign manager": set(),
        "coordinator": {"own"},
        "Kreis coordinator": {"Kreis"},
        "foreign coordinator": {"foreign"},
        "ministry": set(),
        "auditor": {"own", "Kreis", "foreign", "state"},
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("months 08425 2026", "Months, Alb-Donau-Kreis, 2026"),
        ("districts baden-wuerttemberg 2026", "Districts, Baden-Württemberg, 2026"),
        ("staffing-posts organisation-17", "Staffing by post"),
        ("quality-lines 2026-11", "Quality at a glance, November 2026"),
        ("proof of use 2026", "For the proof of use, 2026"),
        ("K7M3-P9QX", "K7M3-P9QX"),
    ],
)
def test_log_says_in_words_what_was_drawn(subject, words):
    log_export(user=make_member("ministry"), subject=subject, organisation_id=None)

    page = Page(client_of(make_member("auditor")).get(reverse("access_log")))

    assert page.rows("log-caption")[0][3] == words
