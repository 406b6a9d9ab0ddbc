"""Loads the words of casework from the data files that come with the application."""

from pathlib import Path

from django.db import transaction

from casework.models import FundingRate, ReferralTarget, Topic
from pik.load import rows

DATA = Path(__file__).parent / "data"


@transaction.atomic
def load_vocabulary() -> int:
    """Adds and updates topics and referral targets by code; rows that an admin added stay. Returns what changed."""
    changed = 0
    for model, name in ((Topic, "topics.csv"), (ReferralTarget, "referral_targets.csv")):
        present = {row.code: row for row in model.objects.all()}
        for position, row in enumerate(rows(DATA / name), start=1):
            wanted = {"name_de": row["name_de"], "name_en": row["name_en"], "position": position * 10}
            known = present.get(row["code"])
            if known and all(getattr(known, field) == value for field, value in wanted.items()):
                continue
            model.objects.update_or_create(code=row["code"], defaults=wanted)
            changed += 1
    return changed


@transaction.atomic
def load_funding_rates() -> int:
    """Adds the fixed amounts that were found, once: rates that the ministry has entered or ended stay as they are."""
    if FundingRate.objects.exists():
        return 0
    found = [FundingRate(measure_id=row.pop("measure"), **row) for row in rows(DATA / "funding_rates.csv")]
    return len(FundingRate.objects.bulk_create(found))
