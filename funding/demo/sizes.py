"""How much of everything: the real size of the state, or a part of it for tests."""

from dataclasses import dataclass
from decimal import Decimal

# Where the manager and the coordinator of the demo logins work.
LOGIN_DISTRICT = "08426"
# As a manager with a full post has them at hand (Kreis Waldshut 2024: 72 active plans).
LOGIN_OPEN_CASES = 72
# The login, somebody absent, somebody about to leave, somebody who left, who came instead, and a colleague of them all.
LOGIN_TEAM = 6
# How far the changes of staff reach back, and how many leave in a year of the whole state.
STAFF_MONTHS, LEAVING_A_YEAR = 36, 36
# Part of the planned VZÄ that nobody fills.
VACANT = Decimal("0.04")


@dataclass(frozen=True)
class Sizes:
    """Numbers that go down with the scale; 1 is the whole state."""

    heads: dict[str, int]
    # Those who left within the time that the changes of staff cover.
    former: int
    fte: Decimal
    cases_open: int
    cases_closed: int
    # On an average weekday.
    contacts_a_day: float


def sizes_for(scale: float) -> Sizes:
    """1,200 managers with 967 VZÄ and 87,000 open cases, times `scale`; at least one manager of every measure.

    58,000,000 EUR at 60,000 EUR a post make 967 VZÄ; 72 active plans each make 87,000.
    """
    small = {"deutsch": 60, "bws": 22, "jbh": 12, "inturo": 6, "queer": 8}
    heads = {measure: max(1, round(count * scale)) for measure, count in small.items()}
    heads["im"] = max(1, round(1200 * scale) - sum(heads.values()))
    return Sizes(
        heads=heads,
        former=max(1, round(LEAVING_A_YEAR * STAFF_MONTHS / 12 * scale)),
        fte=Decimal(967) * sum(heads.values()) / 1200,
        cases_open=round(87_000 * scale),
        cases_closed=round(30_000 * scale),
        contacts_a_day=2040 * scale,
    )
