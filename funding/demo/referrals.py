"""Referrals made in contacts, and what became of them by now."""

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from funding.demo.period import Period

# What is drawn for a contact hangs on the contact alone, so that it is the same in every run. Hardly anything is still
# open after three months; who was referred last week is expected to be on the way.
FROM_CONTACTS = """
WITH drawn AS (
    SELECT c.*, %(until)s::date - c.date AS age,
           (hashtextextended(concat(k.code, c.date, c.recorded_at), 1) & 1023) * 100 / 1024 AS draw,
           (hashtextextended(concat(k.code, c.date, c.recorded_at), 2) & 1023)::integer AS other
    FROM casework_contact c JOIN casework_case k ON k.id = c.case_id
    WHERE c.referral_target_id IS NOT NULL
), known AS (
    SELECT *, least(date + 5 + other %% 25, %(until)s::date) AS known_on,
           CASE WHEN age >= 84 THEN CASE WHEN draw < 64 THEN 'arrived' WHEN draw < 81 THEN 'not_arrived'
                                         WHEN draw < 90 THEN 'declined' WHEN draw < 97 THEN 'not_needed'
                                         WHEN draw < 99 THEN 'waiting' ELSE '' END
                WHEN age >= 28 THEN CASE WHEN draw < 57 THEN 'arrived' WHEN draw < 70 THEN 'not_arrived'
                                         WHEN draw < 77 THEN 'declined' WHEN draw < 82 THEN 'not_needed'
                                         WHEN draw < 93 THEN 'waiting' ELSE '' END
                WHEN age >= 7 AND draw < 22 THEN 'arrived'
                WHEN age >= 7 AND draw < 30 THEN 'waiting'
                ELSE '' END AS outcome
    FROM drawn
)
INSERT INTO casework_referral (case_id, contact_id, manager_id, organisation_id, municipality_id, target_id,
    referred_on, outcome, outcome_on, ask_on)
SELECT case_id, id, manager_id, organisation_id, municipality_id, referral_target_id, date, outcome,
       CASE WHEN outcome <> '' THEN known_on END,
       CASE outcome WHEN '' THEN date + %(ask)s
                    WHEN 'waiting' THEN greatest(known_on + %(ask)s, %(until)s::date + other %% 30 - 3) END
FROM known
"""


def load_referrals(cursor: CursorWrapper, period: Period) -> int:
    """Writes a referral for every contact that names a service; comes after contacts and cases."""
    cursor.execute(FROM_CONTACTS, {"until": period.until, "ask": settings.REFERRAL_ASK.days})
    return cursor.rowcount
