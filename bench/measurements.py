"""What was measured, what it should be, and how both are shown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measurement:
    """A value with its unit and target; `limit` is the first value that is too much, None when there was no value."""

    name: str
    value: float | None
    unit: str
    limit: float
    # True when the limit itself is still good ("at most"), False for "less than".
    inclusive: bool = False

    @property
    def passed(self) -> bool:
        if self.value is None:
            return False
        return self.value <= self.limit if self.inclusive else self.value < self.limit

    @property
    def target(self) -> str:
        return f"{'≤' if self.inclusive else '<'} {self.limit:g}"


def table(measurements: Sequence[Measurement]) -> str:
    """The measurements as lines of text: name, value, unit, target, verdict."""
    rows = [("name", "value", "unit", "target", "verdict")]
    rows += [
        (
            each.name,
            "none" if each.value is None else f"{each.value:.1f}".removesuffix(".0"),
            each.unit,
            each.target,
            "ok" if each.passed else "FAILED",
        )
        for each in measurements
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        f"{name:{widths[0]}}  {value:>{widths[1]}}  {unit:{widths[2]}}  {target:>{widths[3]}}  {verdict}"
        for name, value, unit, target, verdict in rows
    )


def write_json(path: Path, measurements: Sequence[Measurement]) -> None:
    """Writes the measurements for a machine to compare."""
    rows = [
        {"name": each.name, "value": each.value, "unit": each.unit, "target": each.target, "passed": each.passed}
        for each in measurements
    ]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
