from django.core.management.base import BaseCommand
from django.db import transaction

from casework.load import load_funding_rates, load_vocabulary
from funding.load import load_budgets
from pik.load import load_places_and_measures


class Command(BaseCommand):
    """Loads places, measures, words and budgets of the pact; run twice, nothing changes."""

    help = "Loads places, measures, words and budgets of the pact; run twice, nothing changes."

    @transaction.atomic
    def handle(self, *args: object, **options: object) -> None:
        changed = load_places_and_measures() + load_vocabulary() + load_funding_rates() + load_budgets()
        self.stdout.write(f"pact loaded, {changed} rows new or changed")
