"""What people write into a list of managers, and what the form for one person makes of it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal, DecimalException
from difflib import get_close_matches

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.manager_list_columns import EXAMPLE_EMAIL, folded
from casework.models import Qualification
from casework.models.posts import employers_open_to, measures_open_to
from pik.models import Municipality, Organisation, User

# The measure of nearly all people, when the cell is empty.
USUAL_MEASURE = "im"
# What a spreadsheet takes for a formula; a negative number is none.
_FORMULA = re.compile(r"[=+@]|-(?=[^\d\s.,])")
# Day 0 of Excel, and the numbers that five digits and a day of the pact's years have in common.
_EXCEL_ZERO = date(1899, 12, 30)
_EXCEL_DAY = re.compile(r"[45]\d{4}")
_DAY_WITH_TIME = re.compile(r"(\d{4}-\d\d-\d\d|\d\d?\.\d\d?\.\d{4})[ T]\d\d:\d\d.*")


class ListReader:
    """Turns cells into what the form for one person takes, within what a coordinator may choose; few queries in all."""

    def __init__(self, coordinator: User) -> None:
        self.own: Organisation = coordinator.membership.organisation
        self.organisations = employers_open_to(coordinator)
        self.measures = measures_open_to(self.own)
        self.places = Municipality.objects.reached_by(self.own).for_choice()
        self._employers = _by_name(self.organisations)
        self._measures = {
            folded(name): measure
            for measure in self.measures
            for name in (measure.name_de, measure.name_en, measure.pk)
        }
        self._land = {place.pk: place for place in Municipality.objects.for_choice()}
        reached = self.own.district_id if self.own.works_in_one_district else None
        self._reached = {ags: place for ags, place in self._land.items() if reached in (None, place.district_id)}
        self._readers: dict[str, Callable[[str], object]] = {
            "organisation": self._organisation,
            "measure": self._measure,
            "fte": _share,
            "starts_on": _day,
            "ends_on": _day,
            "municipalities": self._municipalities,
            "qualification": _qualification,
            "qualification_proven_on": _day,
        }

    def read(self, written: Mapping[str, str]) -> tuple[dict[str, object], list[tuple[str, str]]]:
        """The entries by field, and what is wrong with cells that give none: field and sentence."""
        if written["email"].casefold() == EXAMPLE_EMAIL:
            return {}, [("", _("This is the example of the template. Delete the line."))]
        entries: dict[str, object] = {"organisation": self.own.pk, "measure": USUAL_MEASURE}
        wrong: list[tuple[str, str]] = []
        for field, cell in written.items():
            text = without_shield(cell)
            try:
                _refuse_formula(text)
                if text:
                    entries[field] = self._readers.get(field, str)(text)
            except ValidationError as error:
                wrong += [(field, sentence) for sentence in error.messages]
        return entries, wrong

    def _organisation(self, text: str) -> int:
        employer = next((each for each in self.organisations if each.name == text), self._employers.get(folded(text)))
        if employer:
            return employer.pk
        near = get_close_matches(folded(text), self._employers, n=1)
        name = self._employers[near[0]].name if near else self.own.name
        message = _(
            "No employer of this name is among yours. Write “%(name)s”, for example, or leave the cell empty for your "
            "own organisation."
        )
        raise ValidationError(message % {"name": name})

    def _measure(self, text: str) -> str:
        measure = self._measures.get(folded(text))
        if measure:
            return measure.pk
        names = ", ".join(measure.name for measure in self.measures)
        raise ValidationError(
            _("No measure of this name is open to you. Write one of these: %(names)s.") % {"names": names}
        )

    def _municipalities(self, text: str) -> list[str]:
        """The AGS in a cell; a name, a lost zero or a place of another Kreis is answered by what to write instead."""
        if any(letter.isalpha() for letter in text):
            parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
        else:
            parts = re.split(r"[,;\s]+", text.strip(",; "))
            # As the statistical offices print it: 08 4 25 002.
            joined = re.sub(r"\D", "", text)
            if joined in self._land and len(parts) > 1:
                parts = [text]
        wrong = [sentence for part in parts for sentence in self._wrong_place(part)]
        if wrong:
            raise ValidationError(wrong)
        return list(dict.fromkeys(parts))

    def _wrong_place(self, part: str) -> Iterator[str]:
        if part in self._reached:
            return
        likely = self._likely(part)
        place = self._land.get(part)
        if place:
            message = _("%(ags)s (%(name)s) belongs to %(district)s. Write municipalities of %(own)s.")
            words = {"ags": part, "name": place.name, "district": place.district, "own": self.own.district}
            yield message % words
        elif likely and part.isdigit():
            message = _("%(written)s has lost a zero. Write %(ags)s and format the column as text, so that it stays.")
            yield message % {"written": part, "ags": likely}
        elif likely:
            yield _("Write the AGS instead of “%(written)s”: %(ags)s.") % {"written": part, "ags": likely}
        elif not any(letter.isdigit() for letter in part):
            message = _("“%(written)s” is not the name of one municipality of yours. Write its AGS of eight digits.")
            yield message % {"written": part}
        else:
            message = _(
                "“%(written)s” is the AGS of no municipality. Write eight digits that begin with 08; the statistical "
                "office of the Land lists them."
            )
            yield message % {"written": part}

    def _likely(self, part: str) -> str | None:
        """The AGS that was meant; None when there is no or more than one municipality of this name."""
        digits = re.sub(r"\D", "", part)
        if digits:
            return next((ags for ags in (digits, f"0{digits}") if ags in self._land), None)
        named = [ags for ags, place in self._reached.items() if folded(place.name) == folded(part)]
        return named[0] if len(named) == 1 else None


def _by_name(organisations: Iterable[Organisation]) -> dict[str, Organisation]:
    """Those whose name no other one has when case, blanks and umlauts do not count."""
    times = Counter(folded(organisation.name) for organisation in organisations)
    return {folded(each.name): each for each in organisations if times[folded(each.name)] == 1}


def without_shield(cell: str) -> str:
    """A cell of a CSV file that we gave out, without the mark that keeps spreadsheets from calculating it."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def _refuse_formula(text: str) -> None:
    if _FORMULA.match(text):
        message = _("The cell begins with “%(start)s”, as a formula does. Write the value itself.")
        raise ValidationError(message % {"start": text[0]})


def _share(text: str) -> Decimal | str:
    """A number with a decimal comma or point; what is none is left to the form."""
    try:
        return Decimal(text.replace(",", ".")).normalize()
    except DecimalException:
        return text


def _day(text: str) -> str:
    if _EXCEL_DAY.fullmatch(text):
        day = date_format(_EXCEL_ZERO + timedelta(days=int(text)), "SHORT_DATE_FORMAT")
        message = _("%(written)s is how spreadsheets count days. Write %(day)s.")
        raise ValidationError(message % {"written": text, "day": day})
    with_time = _DAY_WITH_TIME.fullmatch(text)
    return with_time[1] if with_time else text


def _qualification(text: str) -> str:
    letter = folded(text)
    if letter not in ("a", "b", "c"):
        message = _("Write a, b or c, or leave the cell empty: %(meanings)s.")
        raise ValidationError(message % {"meanings": "; ".join(str(label) for label in Qualification.labels)})
    return letter
