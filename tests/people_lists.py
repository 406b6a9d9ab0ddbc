"""Lists of managers as people hand them in."""

import csv
import io

from casework.models import ManagerList
from casework.services.manager_lists import take_in
from pik.imports import read_table
from pik.models import User

HEAD = ("Name", "E-Mail", "Arbeitgeber", "Maßnahme", "VZÄ", "Von", "Bis", "AGS", "Qualifikation", "Nachweis vom")
MISSING = (
    "These columns are missing: E-mail address at work, From, AGS of the municipalities served. Add them to the head, "
    "or begin with the template."
)
FIELDS = ("name", "email", "employer", "measure", "fte", "starts_on", "ends_on", "ags", "qualification", "proven_on")


def line(**overrides: object) -> list[object]:
    """A good row for a coordinator of the Alb-Donau-Kreis (08425)."""
    good = dict.fromkeys(FIELDS, "") | {
        "name": "Ottilie Neu",
        "email": "ottilie@pik.example",
        "fte": "0,5",
        "starts_on": "01.03.2026",
        "ags": "08425002",
    }
    return list((good | overrides).values())


def people(number: int) -> list[list[object]]:
    """As many good rows, each with an address of its own."""
    return [line(name=f"Person {each}", email=f"person{each}@list.example") for each in range(number)]


def csv_of(*rows: list[object], head: tuple[str, ...] = HEAD, separator: str = ";") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([head, *rows])
    return text.getvalue()


def taken_in(coordinator: User, *rows: list[object], head: tuple[str, ...] = HEAD) -> ManagerList:
    """The list after its check, as it waits for the decision."""
    content = csv_of(*rows, head=head).encode()
    return take_in(table=read_table(io.BytesIO(content), "list.csv"), kind="csv", coordinator=coordinator)


def faults_of(waiting: ManagerList) -> list[tuple[int, str, str, str]]:
    """Line, column, what is written and the sentence of everything that is wrong."""
    return [(person.line, *fault) for person in waiting.faulty for fault in person.faults]


def from_bytes(coordinator: User, content: bytes, name: str = "list.csv") -> ManagerList:
    """The list in a file as the coordinator hands it in."""
    return take_in(table=read_table(io.BytesIO(content), name), kind=name[-4:].strip("."), coordinator=coordinator)
