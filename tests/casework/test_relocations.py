from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from casework.models import Case, Relocation
from casework.services.cases import close_case
from casework.services.figures import reconcile, refresh_changed_figures
from casework.services.transfers import relocate_case
from pik.models import Municipality
from pik.months import add_months, month_of
from tests.casework.slow_count import counted_slowly, stored
from tests.database import refused_by, refused_by_trigger
from tests.factories import make_case, make_contact, make_manager, make_organisation, places_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
THIS = month_of(TODAY)
LAST, BEFORE_LAST = add_months(THIS, -1), add_months(THIS, -2)


def _refusal(act: Callable[[], object]) -> dict[str, list[str]]:
    with translation.override("en"), pytest.raises(ValidationError) as caught:
        act()
    return caught.value.message_dict if hasattr(caught.value, "error_dict") else {"": caught.value.messages}


def _case(**overrides: object) -> Case:
    """A case in a Kreis of several municipalities."""
    return make_case(manager=make_manager(organisation=make_organisation(district="08115")), **overrides)


def _other_place(case: Case) -> Municipality:
    return places_of(case.organisation, 2)[1]


def test_relocated_case_has_the_new_place_and_keeps_the_old_one_for_the_past():
    case = _case()
    old, new = case.municipality, _other_place(case)

    relocate_case(case=case, municipality=new, starts_on=TODAY - 5 * DAY)

    assert Case.objects.get().municipality == new
    assert list(Relocation.objects.values_list("left", "starts_on")) == [(old.pk, TODAY - 5 * DAY)]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (TODAY + DAY, "This day has not come yet."),
        (TODAY - 90 * DAY, "Enter a day after"),
        (TODAY - 20 * DAY, "Enter a day after"),
    ],
    ids=["tomorrow", "opening", "last move"],
)
def test_relocation_on_an_impossible_day_is_refused(day, sentence):
    case = _case()
    old, new = case.municipality, _other_place(case)
    relocate_case(case=case, municipality=new, starts_on=TODAY - 20 * DAY)

    refusal = _refusal(lambda: relocate_case(case=case, municipality=old, starts_on=day))

    assert list(refusal) == ["starts_on"]
    assert refusal["starts_on"][0].startswith(sentence)
    assert Case.objects.get().municipality == new


def test_relocation_to_where_the_case_is_or_of_a_closed_case_is_refused():
    case, closed = _case(), make_case()
    close_case(case=closed, closed_on=TODAY, reason="moved")

    same = _refusal(lambda: relocate_case(case=case, municipality=case.municipality, starts_on=TODAY))
    late = _refusal(lambda: relocate_case(case=closed, municipality=_other_place(case), starts_on=TODAY))

    assert list(same) == ["municipality"]
    assert late == {"": ["This case was closed in the meantime. Reopen it first."]}


def test_figures_of_the_past_stay_in_the_old_place():
    case = _case(opened_on=BEFORE_LAST)
    make_contact(case=case, date=LAST)
    refresh_changed_figures()
    past = {key: row for key, row in stored().items() if key[4] < THIS}

    relocate_case(case=case, municipality=_other_place(case), starts_on=max(THIS, LAST + DAY))
    refresh_changed_figures()

    assert {key: row for key, row in stored().items() if key[4] < THIS} == past
    assert {key[2] for key in stored() if key[4] == THIS} == {_other_place(case).pk}
    assert stored() == counted_slowly()
    assert reconcile() == 0


def test_database_refuses_two_moves_on_a_day_and_one_to_come():
    case = _case()
    relocate_case(case=case, municipality=_other_place(case), starts_on=TODAY)

    with refused_by("relocation_once_a_day"):
        Relocation.objects.create(case=case, left=case.municipality, starts_on=TODAY)
    with refused_by("relocation_not_in_future"):
        Relocation.objects.create(case=case, left=case.municipality, starts_on=TODAY + DAY)


def test_database_keeps_where_a_case_was_and_until_when():
    case = _case()
    other = _other_place(case)
    relocate_case(case=case, municipality=other, starts_on=TODAY - 5 * DAY)

    for values in ({"starts_on": TODAY}, {"left": other}, {"case": make_case()}):
        with refused_by_trigger("Cannot update rows from casework_relocation"):
            Relocation.objects.update(**values)
