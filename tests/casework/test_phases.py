from datetime import timedelta
from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from casework.models import Case, CasePhase
from casework.models.phases import NEXT_PHASES, Phase
from casework.services.absences import name_deputy
from casework.services.case_file import record_consent
from casework.services.cases import change_case, close_case
from casework.services.phases import move_case, take_phase_back
from pik.models import AccessRecord
from tests.database import refused_by, run_sql
from tests.factories import make_case, make_manager
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)
ROUND = (Phase.ASSESSMENT, Phase.PLANNING, Phase.LINKING, Phase.EVALUATION)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def _agreed(**overrides: object) -> Case:
    case = make_case(**overrides)
    return record_consent(case=case, consent_on=case.opened_on)


def _brought_to(phase: Phase) -> Case:
    """A case that went through the phases one day after the other, up to `phase`."""
    case = _agreed()
    for count, each in enumerate(ROUND[: ROUND.index(phase) + 1] if phase in ROUND else (), start=1):
        move_case(case=case, phase=each, starts_on=case.opened_on + count * DAY, user=case.opened_by.user)
    return case


def _phases(case: Case) -> list[tuple]:
    return list(case.phases.order_by("starts_on").values_list("phase", "starts_on"))


def _address(name: str, case: Case) -> str:
    return reverse(f"casework:{name}", args=[case.code])


def test_new_case_begins_in_intake_on_its_first_day():
    case = make_case()

    assert _phases(case) == [("intake", case.opened_on)]


def test_history_has_the_last_day_of_each_phase():
    case = _brought_to(Phase.PLANNING)

    history = CasePhase.objects.history(case)

    first = case.opened_on
    assert [(each.row.phase, each.last_day) for each in history] == [
        ("planning", None),
        ("assessment", first + DAY),
        ("intake", first),
    ]


@pytest.mark.parametrize(("present", "following"), list(product(Phase, Phase)))
def test_service_and_database_know_the_same_steps(present, following):
    case = _brought_to(present)
    day = case.opened_on + 20 * DAY
    allowed = following in NEXT_PHASES[present]

    if allowed:
        move_case(case=case, phase=following, starts_on=day, user=case.opened_by.user)
    else:
        with pytest.raises(ValidationError) as caught:
            move_case(case=case, phase=following, starts_on=day, user=case.opened_by.user)
        assert list(caught.value.message_dict) == ["phase"]
        with refused_by("phase_transition_allowed"):
            CasePhase.objects.create(case=case, phase=following, starts_on=day)

    assert _phases(case)[-1][0] == (following if allowed else present)


@pytest.mark.parametrize(
    ("consent", "works"),
    [
        ({}, False),
        ({"consent_on": TODAY - 5 * DAY}, True),
        ({"consent_on": TODAY}, False),
        ({"consent_on": TODAY - 9 * DAY, "withdrawn_on": TODAY - 4 * DAY}, False),
        ({"consent_on": TODAY - 9 * DAY, "consent_until": TODAY - 5 * DAY}, False),
    ],
    ids=["none", "given", "given later", "withdrawn", "over"],
)
def test_case_does_not_leave_the_intake_without_consent(consent, works):
    case = make_case()
    if consent:
        record_consent(case=case, **consent)
    step = {"case": case, "phase": Phase.ASSESSMENT, "starts_on": TODAY - 3 * DAY}

    if works:
        move_case(**step, user=case.opened_by.user)
    else:
        with pytest.raises(ValidationError, match="consent"):
            move_case(**step, user=case.opened_by.user)
        with refused_by("phase_needs_consent"):
            CasePhase.objects.create(**step)

    assert len(_phases(case)) == 1 + works


@pytest.mark.parametrize("offset", [-1, 0, 91], ids=["before the case", "on its first day", "tomorrow"])
def test_impossible_day_is_named_and_nothing_is_kept(offset):
    case = _agreed()

    with pytest.raises(ValidationError) as caught:
        move_case(
            case=case,
            phase=Phase.ASSESSMENT,
            starts_on=case.opened_on + offset * DAY,
            user=case.opened_by.user,
        )

    assert list(caught.value.message_dict) == ["starts_on"]
    assert len(_phases(case)) == 1


def test_two_phases_never_share_a_day():
    case = _brought_to(Phase.ASSESSMENT)

    with refused_by("phase_one_a_day"):
        CasePhase.objects.create(case=case, phase=Phase.PLANNING, starts_on=case.opened_on + DAY)


def test_phase_of_a_closed_case_lies_inside_it():
    case = _agreed()
    close_case(case=case, closed_on=TODAY - 5 * DAY, reason="moved")

    with pytest.raises(ValidationError, match="closed"):
        move_case(case=case, phase=Phase.ASSESSMENT, starts_on=TODAY, user=case.opened_by.user)
    with refused_by("phase_within_case"):
        CasePhase.objects.create(case=case, phase=Phase.ASSESSMENT, starts_on=TODAY)


def test_case_is_not_closed_before_its_present_phase():
    case = _agreed()
    move_case(case=case, phase=Phase.ASSESSMENT, starts_on=TODAY, user=case.opened_by.user)

    with pytest.raises(ValidationError) as caught:
        close_case(case=case, closed_on=TODAY - DAY, reason="moved")

    assert list(caught.value.message_dict) == ["closed_on"]


@pytest.mark.parametrize(("days", "moves"), [(-3, True), (3, True), (4, False)])
def test_intake_moves_with_the_opening_but_not_beyond_the_next_phase(days, moves):
    case = _agreed()
    move_case(case=case, phase=Phase.ASSESSMENT, starts_on=case.opened_on + 4 * DAY, user=case.opened_by.user)
    opened_on = case.opened_on + days * DAY
    bands = {name: getattr(case, name) for name in ("municipality", "age_band", "household_band", "origin_group")}
    bands["residence_group"] = case.residence_group

    if moves:
        change_case(case=case, opened_on=opened_on, **bands)
    else:
        with pytest.raises(ValidationError) as caught:
            change_case(case=case, opened_on=opened_on, **bands)
        assert list(caught.value.message_dict) == ["opened_on"]

    assert _phases(case)[0] == ("intake", opened_on if moves else case.opened_on)


def test_history_is_neither_altered_nor_shortened_in_the_middle():
    case = _brought_to(Phase.PLANNING)

    with refused_by("phase_history_is_kept"):
        run_sql("UPDATE casework_casephase SET phase = 'linking' WHERE case_id = %s AND phase = 'planning'", case.pk)
    with refused_by("phase_history_is_kept"):
        run_sql("DELETE FROM casework_casephase WHERE case_id = %s AND phase = 'assessment'", case.pk)
    with refused_by("phase_not_before_opening"):
        CasePhase.objects.create(case=case, phase=Phase.INTAKE, starts_on=case.opened_on - DAY)


def test_last_phase_of_an_open_case_is_kept_after_its_day():
    case = _agreed()
    phase = {"case": case, "phase": Phase.ASSESSMENT, "recorded_by": case.opened_by.user}
    CasePhase.objects.create(**phase, starts_on=case.opened_on + DAY, recorded_at=timezone.now() - DAY)

    with refused_by("case_history_is_kept"):
        run_sql("DELETE FROM casework_casephase WHERE case_id = %s AND phase = 'assessment'", case.pk)


def test_step_is_taken_back_on_its_day_only():
    case = _brought_to(Phase.PLANNING)

    back = take_phase_back(case=case)
    with pytest.raises(ValidationError, match="taken back"):
        take_phase_back(case=make_case())

    assert back == Phase.ASSESSMENT
    assert [phase for phase, _day in _phases(case)] == ["intake", "assessment"]


def test_page_moves_the_case_and_takes_it_back():
    case = _agreed()
    client = client_of(case.opened_by.user)

    moved = client.post(_address("case_phase", case), {"phase": "assessment", "starts_on": TODAY}, follow=True)
    back = client.post(_address("case_phase_withdraw", case), follow=True)

    assert Page(moved).messages == [f"Phase of case {case.code}: Assessment."]
    assert Page(back).messages == [f"Case {case.code} is in phase Intake again."]


def test_page_explains_a_wrong_step_and_keeps_what_was_entered():
    case = _agreed()
    sent = {"phase": "assessment", "starts_on": (TODAY + DAY).isoformat()}

    page = submit(client_of(case.opened_by.user), _address("case_phase", case), sent)

    assert_refused(page, "starts_on", sent, error="not come yet")


def test_deputy_moves_the_case_and_leaves_a_line_in_the_log():
    case = _agreed()
    deputy = make_manager(organisation=case.organisation)
    name_deputy(manager=case.opened_by, deputy=deputy, starts_on=TODAY, ends_on=TODAY)

    response = client_of(deputy.user).post(
        _address("case_phase", case), {"phase": "assessment", "starts_on": TODAY.isoformat()}
    )

    assert response.status_code == 302
    assert CasePhase.objects.get(case=case, phase="assessment").recorded_by == deputy.user
    assert list(AccessRecord.objects.values_list("user", "subject")) == [(deputy.user.pk, case.code)]
