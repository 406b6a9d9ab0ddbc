"""Reads the arguments, measures, prints the table; exit code 1 when a target was missed."""

import os
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path

# Servers and health check are scripts of the application.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "script"))

from bench import section_casework, section_main, section_protection, section_staffing
from bench.application import application
from bench.measurements import table, write_json

SECTIONS = ("main", "staffing", "casework", "funding", "summaries", "protection", "connect")
MEASURED = {
    "main": section_main.measure,
    "staffing": section_staffing.measure,
    "casework": section_casework.measure,
    "protection": section_protection.measure,
}


def main() -> int:
    parser = ArgumentParser(prog="script/bench", description="Measures the application on the demo state.")
    parser.add_argument("--only", choices=SECTIONS, metavar="SECTION", help=f"one of {', '.join(SECTIONS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements to this file as well")
    wanted = parser.parse_args()
    if wanted.only and wanted.only not in MEASURED:
        print(f"Section {wanted.only} has no measurements yet. There are: {', '.join(MEASURED)}.", file=sys.stderr)
        return 2
    # Either way the servers are stopped in good order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    measurements = []
    with application() as loaded:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "pik.settings"
        django.setup()
        for section in [wanted.only] if wanted.only else MEASURED:
            measurements += MEASURED[section](loaded)
        django.db.connections.close_all()
    print(table(measurements))
    if wanted.json:
        write_json(wanted.json, measurements)
    return 0 if all(each.passed for each in measurements) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
