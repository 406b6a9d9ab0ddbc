from datetime import date

import pytest
from django.db import connection, transaction

from funding.demo import state
from funding.demo.state import NotEmptyError, load_state
from funding.models import LedgerEntry
from pik.models import Organisation, User

pytestmark = pytest.mark.django_db
UNTIL = date(2026, 3, 2)

# Everything that the seed decides, without ids.
ROWS = {
    "people": """SELECT u.email, u.name, u.password, m.role, m.starts_on, m.ends_on, o.name
        FROM pik_membership m JOIN pik_user u ON u.id = m.user_id
        JOIN pik_organisation o ON o.id = m.organisation_id""",
    "managers": """SELECT u.email, m.qualification, m.qualification_proven_on, s.email AS successor
        FROM casework_manager m JOIN pik_user u ON u.id = m.user_id
        LEFT JOIN casework_manager n ON n.id = m.successor_id LEFT JOIN pik_user s ON s.id = n.user_id""",
    "posts": """SELECT o.name, p.measure_id, p.district_id, p.reference, p.fte, p.starts_on, p.ends_on,
        p.required_qualification, s.municipality_id
        FROM casework_post p JOIN pik_organisation o ON o.id = p.organisation_id
        LEFT JOIN casework_post_municipalities s ON s.post_id = p.id""",
    "assignments": """SELECT u.email, p.reference, a.fte, a.starts_on, a.ends_on, a.booked_at, b.email AS booked_by
        FROM casework_assignment a JOIN casework_post p ON p.id = a.post_id
        JOIN casework_manager m ON m.id = a.manager_id JOIN pik_user u ON u.id = m.user_id
        LEFT JOIN pik_user b ON b.id = a.booked_by_id""",
    "absences": """SELECT u.email, a.kind, a.starts_on, a.ends_on
        FROM casework_absence a JOIN casework_manager m ON m.id = a.manager_id JOIN pik_user u ON u.id = m.user_id""",
    "deputies": """SELECT u.email, e.email AS deputy, d.starts_on, d.ends_on FROM casework_deputyship d
        JOIN casework_manager m ON m.id = d.manager_id JOIN pik_user u ON u.id = m.user_id
        JOIN casework_manager n ON n.id = d.deputy_id JOIN pik_user e ON e.id = n.user_id""",
    "cases": """SELECT u.email, c.code, c.measure_id, c.municipality_id, c.opened_on, c.closed_on, c.closing_reason,
        c.age_band, c.household_band, c.origin_group, c.residence_group, c.arrival_year, c.last_used_at
        FROM casework_case c JOIN casework_manager m ON m.id = c.opened_by_id JOIN pik_user u ON u.id = m.user_id""",
    "responsibilities": """SELECT c.code, u.email, r.starts_on, h.starts_on AS handed_over_on, h.decided_at, s.cases
        FROM casework_responsibility r JOIN casework_case c ON c.id = r.case_id
        JOIN casework_manager m ON m.id = r.manager_id JOIN pik_user u ON u.id = m.user_id
        LEFT JOIN casework_handover h ON h.id = r.handover_id
        LEFT JOIN casework_handovershare s ON s.handover_id = h.id AND s.manager_id = r.manager_id""",
    "plans": "SELECT c.code, p.starts_on, p.ends_on FROM casework_plan p JOIN casework_case c ON c.id = p.case_id",
    "contacts": """SELECT c.code, k.date, k.kind, k.channel, k.minutes, k.topics, k.mediation, k.referral_target_id,
        k.recorded_at FROM casework_contact k JOIN casework_case c ON c.id = k.case_id""",
    "courses": "SELECT date, municipality_id, format, level, units, participants_begun FROM casework_languagecourse",
    "reviews": """SELECT u.email, m.role, r.quarter, r.due_on, l.decision, l.decided_at, d.email
        FROM pik_accessline l JOIN pik_accessreview r ON r.id = l.review_id
        JOIN pik_membership m ON m.id = l.membership_id JOIN pik_user u ON u.id = m.user_id
        LEFT JOIN pik_user d ON d.id = l.decided_by_id""",
    "ledger": """SELECT o.name, l.amount, l.booked_at, l.reason FROM funding_ledgerentry l
        JOIN pik_organisation o ON o.id = l.recipient_id""",
}


def _digests() -> dict[str, str]:
    with connection.cursor() as cursor:
        digests = {}
        for noun, rows in ROWS.items():
            cursor.execute(f"SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM ({rows}) r")
            digests[noun] = cursor.fetchone()[0]
    return digests


def _loaded(**options: object) -> dict[str, str]:
    """The digests of a small state that is taken back at once."""
    with transaction.atomic():
        load_state(**{"seed": 7, "until": UNTIL, "scale": 0.01, "progress": lambda step, behind: None, **options})
        digests = _digests()
        transaction.set_rollback(True)
    return digests


def test_load_state_gives_the_same_rows_for_the_same_seed_and_day():
    assert _loaded() == _loaded()


def test_load_state_gives_other_rows_for_another_seed():
    first, second = _loaded(), _loaded(seed=8)

    # Nothing about the awards is random.
    assert [noun for noun in first if first[noun] == second[noun]] == ["ledger"]


def test_load_state_leaves_nothing_behind_when_it_does_not_come_to_its_end(monkeypatch):
    def killed(month: date) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(state.summaries, "summarise_month", killed)

    with pytest.raises(KeyboardInterrupt):
        _loaded()

    assert not Organisation.objects.exists()
    assert not LedgerEntry.objects.filter(kind="award").exists()


def test_load_state_never_touches_what_is_there():
    User.objects.create_user(email="first@pik.example", name="First Person")

    with pytest.raises(NotEmptyError):
        _loaded()

    assert User.objects.get().email == "first@pik.example"
