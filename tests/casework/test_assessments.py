from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from casework.domains import Domain
from casework.models import Assessment, Case
from casework.self_reliance import Course, sentence_of
from casework.services.assessments import assess, correct_assessment
from casework.services.case_file import record_consent
from casework.services.cases import close_case
from casework.services.phases import move_case
from pik.models import AccessRecord
from tests.database import refused_by
from tests.factories import make_assessment, make_case
from tests.forms import submit
from tests.pages import Page, client_of, csv_rows

pytestmark = pytest.mark.django_db
TODAY, DAY = timezone.localdate(), timedelta(days=1)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def _address(name: str, case: Case, *more: object) -> str:
    return reverse(f"casework:{name}", args=[case.code, *more])


def _agreed() -> Case:
    case = make_case()
    return record_consent(case=case, consent_on=case.opened_on)


def _recorded_yesterday(**levels: int) -> Assessment:
    case = _agreed()
    return Assessment.objects.create(
        case=case,
        occasion="start",
        assessed_on=TODAY,
        recorded_by=case.opened_by,
        recorded_at=timezone.now() - DAY,
        **levels,
    )


def test_domains_have_five_levels_each_in_other_words():
    for domain in Domain:
        words = [str(words) for words in domain.levels.values()]

        assert len(set(words)) == 5, domain
    assert [domain for domain in Domain if domain.may_not_apply] == [Domain.CHILDREN]


def test_first_assessment_is_at_the_start_and_those_in_the_last_phase_at_the_end():
    case = _agreed()
    for count, phase in enumerate(("assessment", "planning", "linking"), start=1):
        move_case(case=case, phase=phase, starts_on=case.opened_on + count * DAY, user=case.opened_by.user)

    first = make_assessment(case=case, assessed_on=TODAY - 3 * DAY)
    second = make_assessment(case=case, assessed_on=TODAY - 2 * DAY)
    move_case(case=case, phase="evaluation", starts_on=TODAY - DAY, user=case.opened_by.user)
    third = make_assessment(case=case, assessed_on=TODAY)

    assert [each.occasion for each in (first, second, third)] == ["start", "review", "end"]


def test_what_was_not_asked_stays_empty_and_children_may_not_apply():
    assessment = make_assessment(children=0, work=3)

    stored = Assessment.objects.get(pk=assessment.pk)
    assert stored.levels == {Domain.WORK: 3}
    assert (stored.children, stored.health) == (0, None)


@pytest.mark.parametrize(
    ("levels", "constraint"),
    [
        ({"work": 6}, "assessment_levels_known"),
        ({"work": 0, "health": 1}, "assessment_levels_known"),
        ({"children": 0}, "assessment_has_an_answer"),
        ({}, "assessment_has_an_answer"),
    ],
)
def test_database_refuses_unknown_levels_and_empty_assessments(levels, constraint):
    case = _agreed()

    with refused_by(constraint):
        Assessment.objects.create(case=case, occasion="start", assessed_on=TODAY, recorded_by=case.opened_by, **levels)


@pytest.mark.parametrize("offset", [-1, 91], ids=["before the case", "tomorrow"])
def test_assessment_on_an_impossible_day_names_the_field(offset):
    case = _agreed()

    with pytest.raises(ValidationError) as caught:
        assess(case=case, manager=case.opened_by, assessed_on=case.opened_on + offset * DAY, levels={"work": 2})

    assert list(caught.value.message_dict) == ["assessed_on"]
    assert Assessment.objects.count() == 0


def test_assessment_without_consent_is_refused_by_service_and_database():
    case = make_case()

    with pytest.raises(ValidationError, match="consent"):
        assess(case=case, manager=case.opened_by, assessed_on=TODAY, levels={"work": 2})
    with refused_by("assessment_needs_consent"):
        Assessment.objects.create(case=case, occasion="start", assessed_on=TODAY, recorded_by=case.opened_by, work=2)


def test_second_assessment_on_a_day_is_refused():
    case = make_assessment().case

    with pytest.raises(ValidationError, match="of this day already"):
        make_assessment(case=case)

    assert case.assessments.count() == 1


def test_closed_case_takes_no_assessment_and_does_not_end_before_one():
    case = make_assessment().case

    with pytest.raises(ValidationError) as caught:
        close_case(case=case, closed_on=TODAY - DAY, reason="moved")
    close_case(case=case, closed_on=TODAY, reason="moved")
    with pytest.raises(ValidationError, match="closed in the meantime"):
        make_assessment(case=case, assessed_on=TODAY - DAY)

    assert list(caught.value.message_dict) == ["closed_on"]


def test_correction_within_the_day_replaces_the_levels_and_counts_the_version():
    assessment = make_assessment(work=2, health=1)

    correct_assessment(assessment=assessment, assessed_on=TODAY, levels={"work": 3})

    after = Assessment.objects.get()
    assert (after.levels, after.version) == ({Domain.WORK: 3}, 2)


def test_assessment_of_another_day_stays_as_it_was():
    assessment = _recorded_yesterday(work=2)

    with pytest.raises(ValidationError, match="another day"):
        correct_assessment(assessment=assessment, assessed_on=TODAY, levels={"work": 5})
    with refused_by("assessment_corrected_within_the_day"):
        Assessment.objects.filter(pk=assessment.pk).update(work=5)

    assert Assessment.objects.get().work == 2


def test_change_is_the_mean_over_domains_answered_both_times():
    first = make_assessment(assessed_on=TODAY - DAY, work=1, health=3, language=4)
    last = make_assessment(case=first.case, work=3, health=2, housing=5, language=4)

    course = Course([first, last])

    assert course.in_both == [Domain.LANGUAGE, Domain.WORK, Domain.HEALTH]
    assert course.mean == Decimal(1) / 3
    assert sentence_of(course) == (
        "Of 3 domains asked about both times, 1 are better, 1 the same and 1 worse; on average +0.3 levels."
    )


def test_form_saves_from_the_radio_buttons_and_nothing_chosen_is_explained():
    case = _agreed()
    client = client_of(case.opened_by.user)
    address = _address("assessment_new", case)

    chosen = Page(client.get(address)).main.all("input", type="radio", where=lambda node: "checked" in node.attrs)
    empty = submit(client, address, {"assessed_on": TODAY.isoformat(), "work": ""})
    saved = client.post(address, {"assessed_on": TODAY.isoformat(), "work": "4", "children": "0"}, follow=True)

    assert {(radio["name"], radio["value"]) for radio in chosen} == {(name, "") for name in Domain.values}
    assert empty.errors == [("", "Choose a level in at least one domain.")]
    assert Page(saved).messages == ["Assessment saved. It can be corrected today."]
    assert Assessment.objects.get().levels == {Domain.WORK: 4}


def test_page_and_download_show_the_levels_side_by_side():
    first = make_assessment(assessed_on=TODAY - DAY, work=1, children=0)
    make_assessment(case=first.case, work=3)
    client = client_of(first.case.opened_by.user)

    page = Page(client.get(_address("assessment_list", first.case)))
    rows = csv_rows(client.get(_address("assessment_export", first.case)))
    picture = client.get(_address("assessment_picture", first.case))

    work = ["Work", "1 – not looking, or not allowed to work", "3 – in a measure or work placement", "+2"]
    assert [row for row in page.rows("change-caption") if row[0] == "Work"] == [work]
    assert [row for row in rows if row[0] in ("Work", "Children")] == [
        ["Work", *work[1:3], "'+2"],
        ["Children", "does not apply", "not asked", "–"],
    ]
    assert picture["Content-Type"] == "image/svg+xml"
    assert AccessRecord.objects.get().subject == f"assessments {first.case.code}"


def test_picture_of_the_first_assessment_compares_nothing():
    first = make_assessment(assessed_on=TODAY - DAY, work=1)
    client = client_of(first.case.opened_by.user)

    alone = client.get(_address("assessment_picture", first.case)).content.decode()
    make_assessment(case=first.case, work=3)
    both = client.get(_address("assessment_picture", first.case)).content.decode()

    assert ["last:" in alone, "first:" in alone] == [False, False]
    assert ["last:" in both, "first:" in both] == [True, True]


def test_form_says_once_what_may_stay_empty():
    case = _agreed()

    page = Page(client_of(case.opened_by.user).get(_address("assessment_new", case)))

    assert page.main.text.count("(optional)") == 0
    assert page.main.text.count("one with a level is enough") == 1


def test_case_without_assessments_says_so_and_has_no_picture():
    case = make_case()
    client = client_of(case.opened_by.user)

    page = Page(client.get(_address("assessment_list", case)))

    assert "Self-reliance was not assessed yet." in page.text
    assert client.get(_address("assessment_picture", case)).status_code == 404
    assert client.get(_address("assessment_export", case)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_often_for_one_assessment_as_for_three(rows, django_assert_num_queries):
    case = _agreed()
    for count in range(rows):
        make_assessment(case=case, assessed_on=TODAY - count * DAY)
    client = client_of(case.opened_by.user)
    client.get(_address("assessment_list", case))

    with django_assert_num_queries(6):
        client.get(_address("assessment_list", case))


def test_new_assessment_shows_what_each_domain_was_last_time():
    case = make_assessment(assessed_on=TODAY, language=2, work=3).case

    page = Page(client_of(case.opened_by.user).get(reverse("casework:assessment_new", args=[case.code])))

    hints = [hint.text for hint in page.main.all(class_="kern-hint") if "Last time" in hint.text]
    assert len(hints) == 10
    assert hints[0].startswith("Last time: 2 – ")
    assert hints.count("Last time: not asked") == 8
