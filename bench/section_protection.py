"""Section protection: what the guard of free texts misses, and what it refuses for nothing."""

import csv
from collections.abc import Iterator
from pathlib import Path

from bench.application import Loaded
from bench.measurements import Measurement

TESTS = Path(__file__).resolve().parent.parent / "tests" / "casework"
# Also of sentences that nothing was tuned to, which show what to expect.
CAUGHT, FALSE_ALARMS = 95, 5


def measure(_loaded: Loaded | None) -> Iterator[Measurement]:
    """All measurements of this section."""
    yield from _shares("guard", TESTS / "guard_sentences.csv", CAUGHT, FALSE_ALARMS)
    yield from _shares("guard, held-out", TESTS / "guard_held_out.csv", CAUGHT, FALSE_ALARMS)


def _shares(name: str, path: Path, caught: float, false_alarms: float) -> Iterator[Measurement]:
    from casework.guard import personal_data_in

    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    personal, harmless = ([row["sentence"] for row in rows if row["personal"] == answer] for answer in ("yes", "no"))
    missed, refused = (
        100 * sum(bool(personal_data_in(sentence)) == wrong for sentence in group) / len(group)
        for group, wrong in ((personal, False), (harmless, True))
    )
    yield Measurement(f"{name}, {len(personal)} personal: missed", missed, "%", 100 - caught, inclusive=True)
    yield Measurement(f"{name}, {len(harmless)} harmless: refused", refused, "%", false_alarms, inclusive=True)
