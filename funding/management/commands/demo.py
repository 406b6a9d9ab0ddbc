import resource
import time
from argparse import ArgumentParser
from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from funding.demo.state import NotEmptyError, load_state
from funding.models import Budget
from pik.models import District

EARLIEST = date(settings.PACT_START.year + 5, 1, 1)


class Command(BaseCommand):
    """Loads the whole state, invented, into an empty database of the local mode."""

    help = "Loads the whole state, invented, into an empty database of the local mode."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=2026, help="the same seed and day give the same rows")
        parser.add_argument("--until", type=_day, help="the last day with entries, as YYYY-MM-DD (default: today)")
        parser.add_argument("--scale", type=float, default=1.0, help="a part of the state, e.g. 0.02 (default: 1)")
        parser.add_argument("--if-empty", action="store_true", help="leave a database that has data, without an error")

    def handle(
        self, *args: object, seed: int, until: date | None, scale: float, if_empty: bool, **options: object
    ) -> None:
        if not settings.LOCAL_MODE:
            raise CommandError("The demo state is for the local mode only: set PIK_LOCAL=1 on your own machine.")
        if not District.objects.exists() or not Budget.objects.exists():
            raise CommandError("The pact is missing: run `manage.py load_pact` first.")
        today = timezone.localdate()
        until = until or today
        if not EARLIEST <= until <= today:
            raise CommandError(f"--until must lie between {EARLIEST} and today, {today}.")
        if not 0.01 <= scale <= 1:
            raise CommandError("--scale must lie between 0.01 and 1.")
        begun = time.monotonic()
        # Without a terminal there is nobody to watch a bar.
        with tqdm(total=100, unit="%", disable=None, bar_format="{desc:28}{bar}{n:3.0f} % {elapsed}") as bar:

            def progress(step: str, behind: float) -> None:
                bar.set_description_str(step, refresh=False)
                bar.update(100 * behind - bar.n)

            try:
                written = load_state(seed=seed, until=until, scale=scale, progress=progress)
            except NotEmptyError:
                bar.leave = False
                if not if_empty:
                    raise CommandError(
                        "The database has data, which is never touched. Use an empty one: stop the server, remove "
                        "the directory var/postgres and start again."
                    ) from None
                written = {}
            progress("done", 1)
        self._report(written, time.monotonic() - begun)

    def _report(self, written: dict[str, int], seconds: float) -> None:
        if not written:
            self.stdout.write("The database has data already; nothing was loaded.")
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            size = cursor.fetchone()[0]
        self.stdout.write("demo state: " + ", ".join(f"{count:,} {noun}" for noun, count in written.items()))
        # Linux counts the peak in KiB.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        self.stdout.write(f"{seconds:.1f} s, {peak / 1e6:.0f} MB of memory at most, {size / 1e6:.0f} MB of database")


def _day(text: str) -> date:
    return date.fromisoformat(text)
