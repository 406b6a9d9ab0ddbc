"""Loads the pact's places and measures from the data files that come with the application."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from django.db import models, transaction

from pik.models import District, Measure, Municipality

DATA = Path(__file__).parent / "data"


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file with a head, as text: an AGS keeps its leading zero."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def synchronise(model: type[models.Model], wanted: Mapping[str, Mapping[str, object]]) -> int:
    """Creates and updates rows of `model` by primary key and returns how many changed; none is ever deleted."""
    present = {row["pk"]: row for row in model.objects.values("pk", *next(iter(wanted.values())))}
    new = [model(pk=key, **fields) for key, fields in wanted.items() if key not in present]
    changed = [
        model(pk=key, **fields)
        for key, fields in wanted.items()
        if key in present and present[key] != {"pk": key, **fields}
    ]
    model.objects.bulk_create(new)
    if changed:
        model.objects.bulk_update(changed, list(next(iter(wanted.values()))))
    return len(new) + len(changed)


@transaction.atomic
def load_places_and_measures() -> int:
    """Brings 44 Kreise, 1,101 Gemeinden and the measures up to date; returns how many rows changed."""
    districts = {
        row["ags5"]: {
            "name": row["name"],
            "name_full": row["name_full"],
            "kind": row["kind"],
            "government_region": row["regierungsbezirk"],
            "population": int(row["population"]),
        }
        for row in rows(DATA / "districts.csv")
    }
    municipalities = {
        row["ags"]: {
            "district_id": row["kreis_ags"],
            "name": row["name"],
            "kind": row["type"],
            "population": int(row["population"]),
            "postcode": row["plz"],
        }
        for row in rows(DATA / "municipalities.csv")
    }
    return (
        synchronise(District, districts)
        + synchronise(Municipality, municipalities)
        + synchronise(Measure, {row["code"]: _measure(row) for row in rows(DATA / "measures.csv")})
    )


def _measure(row: dict[str, str]) -> dict[str, object]:
    return {
        "name_de": row["name_de"],
        "name_en": row["name_en"],
        "profile": row["profile"],
        "sensitive": row["sensitive"] == "yes",
        "place_level": row["place_level"],
        "records_origin": row["records_origin"] == "yes",
        "position": int(row["position"]),
        "starts_on": date.fromisoformat(row["starts_on"]),
        "ends_on": date.fromisoformat(row["ends_on"]) if row["ends_on"] else None,
    }
