import pytest
from django.urls import reverse

from pik.models import AccessRecord, Organisation, User
from tests.factories import make_member
from tests.funding.land import ALB_DONAU, YEAR, Land, make_land
from tests.pages import client_of

pytestmark = pytest.mark.django_db
CHOSEN = {"year": str(YEAR)}


@pytest.fixture(name="land")
def _land() -> Land:
    return make_land()


def _coordinator(organisation: Organisation) -> User:
    return make_member("coordinator", organisation)


@pytest.mark.parametrize(
    ("reader", "name", "subject", "concerned"),
    [
        ("ministry", "state_districts_csv", f"districts baden-wuerttemberg {YEAR}", ""),
        ("auditor", "state_months_csv", f"months baden-wuerttemberg {YEAR}", ""),
        ("ministry", "district_places_csv", f"municipalities {ALB_DONAU} {YEAR}", "kreis"),
        ("coordinator", "district_months_csv", f"months {ALB_DONAU} {YEAR}", "kreis"),
        ("body", "organisation_places_csv", "municipalities organisation-{body} {year}", "body"),
        ("body", "organisation_months_csv", "months organisation-{body} {year}", "body"),
    ],
)
def test_every_download_is_logged_for_the_organisation_concerned(land, reader, name, subject, concerned):
    organisation = {"coordinator": land.kreis, "body": land.body}.get(reader)
    user = _coordinator(organisation) if organisation else make_member(reader)
    address = reverse(f"funding:{name}", args=[ALB_DONAU] if name.startswith("district") else [])

    response = client_of(user).get(address, CHOSEN)

    record = AccessRecord.objects.get()
    assert (record.user, record.action) == (user, "export")
    assert record.subject == subject.format(body=land.body.pk, year=YEAR)
    assert record.organisation == (getattr(land, concerned) if concerned else None)
    assert response["Content-Disposition"].startswith('attachment; filename="pik-')


@pytest.mark.parametrize("name", ["state_map", "state_curve"])
def test_pictures_are_private_and_log_nothing(land, name):
    response = client_of(make_member("ministry")).get(reverse(f"funding:{name}"), CHOSEN)

    assert (response["Content-Type"], response["Cache-Control"]) == ("image/svg+xml", "private, max-age=60")
    assert response.content.startswith(b"<svg")
    assert AccessRecord.objects.count() == 0
