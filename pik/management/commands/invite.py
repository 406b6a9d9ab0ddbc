from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from pik.models import Membership, Organisation
from pik.people import register_person


class Command(BaseCommand):
    """Registers the first people of an organisation, for whom no coordinator can do it, and invites them by mail."""

    help = "Registers a person with a role in an organisation and sends the invitation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name", help="first and last name")
        # Managers come with a post: coordinators register them.
        roles = [role.value for role in Membership.Role if role != Membership.Role.MANAGER]
        parser.add_argument("--role", choices=roles, required=True)
        parser.add_argument("--organisation", required=True, help="its name; created when it does not exist")
        parser.add_argument("--kind", choices=Organisation.Kind.values, help="needed to create the organisation")
        parser.add_argument("--district", help="AGS of the Kreis, to create an organisation of a place")

    def handle(self, *args: object, **options: str) -> None:
        try:
            with transaction.atomic():
                register_person(
                    email=options["email"],
                    name=options["name"],
                    organisation=self._organisation(options),
                    role=options["role"],
                    starts_on=timezone.localdate(),
                )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(f"{options['email']} is registered; the worker sends the invitation.")

    def _organisation(self, options: dict[str, str]) -> Organisation:
        found = Organisation.objects.filter(name=options["organisation"]).first()
        if found:
            return found
        if not options["kind"]:
            raise CommandError(f"{options['organisation']} is not known. Add --kind to create it.")
        organisation = Organisation(
            name=options["organisation"], kind=options["kind"], district_id=options["district"] or None
        )
        organisation.full_clean()
        organisation.save()
        return organisation
