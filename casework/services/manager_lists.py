"""Registering many integration managers from a list: checked first, saved when the person says so."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from casework.forms.manager_lists import ListedManagerForm
from casework.manager_list_columns import EXAMPLE_EMAIL, is_remedy, positions_of
from casework.manager_lists import ListReader
from casework.models import ManagerList
from casework.models.manager_lists import Fault, ListedPerson
from casework.services.managers import register_manager
from pik.imports import Row, Table
from pik.models import User
from pik.templatetags.figures import fte as written_fte


@transaction.atomic
def take_in(*, table: Table, kind: str, coordinator: User) -> ManagerList:
    """The checked list of a coordinator, which waits for a decision; nobody is registered and no mail leaves.

    Each row is really registered and taken back, so that what the check calls good can be saved. Raises ValidationError
    when columns are missing or there are too many rows.
    """
    limit = settings.MANAGER_LIST_ROWS
    if len(table.rows) > limit:
        raise ValidationError(_("The list has more than %(limit)d people. Divide it into several.") % {"limit": limit})
    table = _without_remedies(table)
    positions_of(table.head)
    waiting = ManagerList(
        organisation=coordinator.membership.organisation,
        uploaded_by=coordinator,
        kind=kind,
        language=get_language(),
        head=table.head,
    )
    waiting.hold(_Check(table.head, coordinator).of_rows(table.rows))
    waiting.save()
    return waiting


@transaction.atomic
def register_good_rows(*, waiting: ManagerList, coordinator: User) -> ManagerList:
    """Registers everybody on the list in whose row nothing is wrong, and invites them.

    Each row is checked once more, and all of it is kept or nothing; one that no longer fits stays on the list with
    what is wrong. Of two calls the second changes nothing.
    """
    waiting = ManagerList.objects.select_for_update().get(pk=waiting.pk)
    if waiting.saved_at:
        return waiting
    check, refused = _Check(waiting.head, coordinator), {}
    # In the order of the addresses, so that two lists which share some of them cannot wait for each other.
    for person in sorted(waiting.good, key=lambda person: check.email_of(person.cells)):
        after = check.of_row(Row(person.line, person.cells), keep=True)
        if after.faults:
            refused[after.line] = after
    waiting.registered = len(waiting.good) - len(refused)
    waiting.saved_at = timezone.now()
    waiting.hold([refused.get(p.line, p) for p in waiting.people if p.faults or p.line in refused])
    waiting.save()
    return waiting


def discard(*, waiting: ManagerList) -> None:
    """Deletes a list; whoever was registered from it stays registered."""
    waiting.delete()


def purge_outlived_lists() -> int:
    """Deletes the lists of yesterday and before, which name members of staff; returns how many."""
    deleted, _by_model = ManagerList.objects.outlived().delete()
    return deleted


def rows_to_correct(waiting: ManagerList) -> Iterable[list[str]]:
    """The faulty rows as they were written, each with what to do in one cell more."""
    for person in waiting.faulty:
        remedy = " ".join(f"{column}: {sentence}" if column else sentence for column, _cell, sentence in person.faults)
        # No longer than a cell may be that is read in again.
        yield [*person.cells, remedy[: settings.IMPORT_CELL - 1]]


def _without_remedies(table: Table) -> Table:
    """The table as its author wrote it, without what a file of rows to correct said about it."""
    kept = [position for position, name in enumerate(table.head) if not is_remedy(name)]
    rows = [Row(row.line, [row.cells[position] for position in kept]) for row in table.rows]
    return Table([table.head[position] for position in kept], rows)


class _Check:
    """Holds rows to the form for one person, then to all that the services and the database know."""

    def __init__(self, head: Sequence[str], coordinator: User) -> None:
        self.head = head
        self.positions = positions_of(head)
        self.coordinator = coordinator
        self.reader = ListReader(coordinator)

    def email_of(self, cells: Sequence[str]) -> str:
        return cells[self.positions["email"]].casefold()

    def of_rows(self, rows: Sequence[Row]) -> list[ListedPerson]:
        """All rows of a list; nothing is kept, and an address that stands on several lines is wrong on each."""
        lines: dict[str, list[int]] = {}
        for row in rows:
            lines.setdefault(self.email_of(row.cells), []).append(row.line)
        return [self._beside(self.of_row(row, keep=False), lines[self.email_of(row.cells)]) for row in rows]

    def of_row(self, row: Row, *, keep: bool) -> ListedPerson:
        """One row; `keep` registers the person, else even what was possible is taken back."""
        written = {field: row.cells[position] for field, position in self.positions.items()}
        entries, wrong = self.reader.read(written)
        if not any(field == "" for field, _sentence in wrong):
            form = self._form(entries)
            told = {field for field, _sentence in wrong}
            wrong += [
                (field, sentence)
                for field, sentences in form.errors.items()
                if field not in told
                for sentence in sentences
            ]
        if not wrong:
            wrong = self._refusals(form, keep)
        faults = [self._fault(row, field, sentence) for field, sentence in wrong]
        faults.sort(key=lambda fault: self.head.index(fault.column) if fault.column else -1)
        return ListedPerson(row.line, row.cells, faults, [] if faults else _reading(form))

    def _form(self, entries: dict[str, object]) -> ListedManagerForm:
        reader = self.reader
        return ListedManagerForm(
            entries,
            organisations=reader.organisations,
            measures=reader.measures,
            places=reader.places,
            own=reader.own,
        )

    def _refusals(self, form: ListedManagerForm, keep: bool) -> list[tuple[str, str]]:
        try:
            with transaction.atomic():
                register_manager(**form.cleaned_data, booked_by=self.coordinator)
                transaction.set_rollback(not keep)
        except ValidationError as error:
            by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            return [(field, sentence) for field, sentences in by_field.items() for sentence in sentences]
        return []

    def _fault(self, row: Row, field: str, sentence: str) -> Fault:
        position = self.positions.get(field)
        if position is None:
            return Fault("", "", sentence)
        return Fault(self.head[position], row.cells[position], sentence)

    def _beside(self, person: ListedPerson, lines: Sequence[int]) -> ListedPerson:
        email = self.email_of(person.cells)
        if len(lines) == 1 or email in ("", EXAMPLE_EMAIL):
            return person
        others = ", ".join(str(line) for line in lines if line != person.line)
        message = _(
            "Line %(lines)s has the same address. Keep one line for each person; further posts are booked later."
        )
        position = self.positions["email"]
        fault = Fault(self.head[position], person.cells[position], message % {"lines": others})
        return person._replace(faults=[*person.faults, fault], reading=[])


def _reading(form: ListedManagerForm) -> list[str]:
    """How a row is understood, in the words of the reader."""
    data = form.cleaned_data
    days = [
        date_format(day, "SHORT_DATE_FORMAT") if day else _("no end") for day in (data["starts_on"], data["ends_on"])
    ]
    places = ", ".join(place.name for place in data["municipalities"])
    whole = [data["name"], data["email"].lower(), data["organisation"].name, data["measure"].name]
    return [*whole, written_fte(data["fte"]), *days, places]
