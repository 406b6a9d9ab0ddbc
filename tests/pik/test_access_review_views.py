from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from casework.models import Manager
from pik.access_reviews import confirm_access
from pik.models import AccessLine, Membership, Organisation, User
from pik.months import add_months, quarter_of
from tests.factories import make_manager, make_member, make_organisation, make_review
from tests.forms import assert_refused, submit
from tests.pages import Page, client_of

pytestmark = pytest.mark.django_db
LIST, OTHERS = reverse("access_review"), reverse("access_confirm_others")
TODAY, DAY = timezone.localdate(), timedelta(days=1)
QUARTER = quarter_of(TODAY)
LAST_QUARTER = add_months(QUARTER, -3)


def _day(day) -> str:
    with override("en"):
        return date_format(day, "SHORT_DATE_FORMAT")


def _line(user: User) -> AccessLine:
    return AccessLine.objects.get(membership__user=user)


def _end(user: User) -> str:
    return reverse("access_end", args=[_line(user).pk])


def _house(*names: str, organisation: Organisation | None = None) -> tuple[User, ...]:
    """Coordinators of one organisation under review."""
    organisation = organisation or make_organisation()
    people = tuple(make_member("coordinator", organisation) for _name in names)
    for person, name in zip(people, names, strict=True):
        User.objects.filter(pk=person.pk).update(name=name)
        person.name = name
    make_review(organisation)
    return people


def _facts(page: Page) -> list[tuple[str, str]]:
    """Due date and progress."""
    (facts,) = page.main.all("dl")
    return list(zip((term.text for term in facts.all("dt")), (value.text for value in facts.all("dd")), strict=True))


def test_list_shows_due_date_progress_and_the_people_in_german_order():
    organisation = make_organisation()
    gone = make_member("manager", organisation, ends_on=TODAY - DAY)
    leaving = make_member("manager", organisation, ends_on=TODAY)
    User.objects.filter(pk=gone.pk).update(name="Ärztin, Ada")
    User.objects.filter(pk=leaving.pk).update(name="Zorn, Xaver", last_login=timezone.now())
    coordinator, colleague = _house("Azur, Bo", "Birke, Eva", organisation=organisation)
    confirm_access(line=_line(colleague), by=coordinator)

    page = Page(client_of(coordinator).get(LIST))

    due, today = _day(TODAY + timedelta(weeks=4)), _day(TODAY)
    since = _day(coordinator.memberships.get().starts_on)
    with override("en"):
        month = date_format(TODAY, "YEAR_MONTH_FORMAT")
    never = "never logged in"
    assert page.heading == "Access review"
    assert _facts(page) == [("Due date", f"{due} open, due in 28 days"), ("Progress", "2 of 4 decided")]
    assert [row[:2] + row[2:6] for row in page.rows("review-caption")] == [
        ["Ärztin, Ada", gone.email, "Integration manager", since, never, f"access ended on {_day(TODAY - DAY)}"],
        ["Azur, Bo", coordinator.email, "Coordinator", since, month, "open"],
        ["Birke, Eva", colleague.email, "Coordinator", since, never, f"confirmed by Azur, Bo on {today}"],
        ["Zorn, Xaver", leaving.email, "Integration manager", since, month, f"open access ends on {today}"],
    ]
    assert [row[6] for row in page.rows("review-caption")] == [
        "",
        "Confirm",
        "",
        "Record the leaving : Zorn, Xaver Confirm",
    ]


@pytest.mark.parametrize(
    ("due_on", "words"), [(TODAY, "due today"), (TODAY + DAY, "open, due in 1 day"), (TODAY - DAY, "overdue")]
)
def test_due_date_is_told_in_words(due_on, words):
    coordinator = make_member("coordinator")
    make_review(coordinator.membership.organisation, due_on=due_on)

    page = Page(client_of(coordinator).get(LIST))

    assert _facts(page)[0] == ("Due date", f"{_day(due_on)} {words}")


def test_finished_review_says_so_and_offers_nothing():
    (coordinator,) = _house("Ada")
    confirm_access(line=_line(coordinator), by=coordinator)

    page = Page(client_of(coordinator).get(LIST))

    assert _facts(page)[0][1].endswith(" done")
    assert page.main.all("a", "form") == []


def test_kreis_sees_organisations_and_chooses_one():
    kreis = make_organisation()
    body = make_organisation(kind="association", district=kreis.district, name="Verband Ahorn")
    make_manager(organisation=body, name="Ada Ahorn")
    (coordinator,) = _house("Eva Birke", organisation=kreis)
    make_review(body)
    client = client_of(coordinator)

    everybody = Page(client.get(LIST)).rows("review-caption")
    chosen = Page(client.get(LIST, {"organisation": body.pk})).rows("review-caption")
    unknown = Page(client.get(LIST, {"organisation": "0", "quarter": "x"})).rows("review-caption")

    assert [(row[0], row[2]) for row in everybody] == [("Eva Birke", kreis.name), ("Ada Ahorn", "Verband Ahorn")]
    assert [row[0] for row in chosen] == ["Ada Ahorn"]
    assert unknown == everybody


def test_past_quarter_is_for_reading_only():
    organisation = make_organisation()
    coordinator = make_member("coordinator", organisation)
    make_review(organisation)
    past = make_review(organisation, quarter=LAST_QUARTER, due_on=QUARTER - DAY).lines.get()
    client = client_of(coordinator)

    page = Page(client.get(LIST, {"quarter": f"{LAST_QUARTER:%Y-%m}"}))
    refused = Page(client.post(reverse("access_confirm", args=[past.pk]), follow=True))

    assert _facts(page) == [
        ("Due date", f"{_day(QUARTER - DAY)} not completed"),
        ("Progress", "0 of 1 decided"),
    ]
    assert page.main.all("form", method="post") == []
    assert page.main.all("a", where=lambda link: link["href"].startswith(OTHERS)) == []
    assert refused.messages == ["This review is over. Decide in the review of this quarter."]


def test_auditor_reads_and_decides_nothing():
    _house("Ada", organisation=make_organisation(name="Landratsamt Ahorn"))
    _house("Eva", organisation=make_organisation(name="Landratsamt Birke"))

    page = Page(client_of(make_member("auditor")).get(LIST))

    assert [row[0] for row in page.rows("review-caption")] == ["Ada", "Eva"]
    assert page.main.all("form", method="post") == []
    assert page.main.all("a", where=lambda link: "review/" in link["href"] and link["href"] != LIST) == []


def test_quarter_without_review_says_when_the_next_one_opens():
    page = Page(client_of(make_member("coordinator")).get(LIST))

    assert "The next one opens on the first day of the next quarter." in page.main.text
    assert page.main.all("table", "form") == []


def test_one_access_is_confirmed_and_the_list_stays_where_it_was():
    coordinator, colleague = _house("Ada", "Eva")
    client = client_of(coordinator)
    forms = Page(client.get(LIST)).main.all("form", method="post")

    response = client.post(forms[1]["action"], follow=True)

    assert _line(colleague).decision == "confirmed"
    assert response.redirect_chain == [
        (f"{LIST}?quarter={QUARTER:%Y-%m}&page=1#line-{_line(colleague).pk}", 302),
    ]
    assert Page(response).messages == ["The access of Eva is confirmed."]


def test_who_comes_second_is_told_who_decided_what():
    coordinator, colleague, third = _house("Ada", "Eva", "Ida")
    confirm_access(line=_line(third), by=colleague)
    client = client_of(coordinator)

    confirmed = Page(client.post(reverse("access_confirm", args=[_line(third).pk]), follow=True))
    ended = submit(client, _end(third), {"last_day": TODAY.isoformat()})

    message = f"Eva confirmed the access of Ida on {_day(TODAY)}. Nothing was changed."
    assert confirmed.messages == [message]
    assert ended.errors == [("", message)]


def test_all_others_are_confirmed_after_their_number_was_named():
    coordinator, colleague, third = _house("Ada", "Eva", "Ida")
    confirm_access(line=_line(third), by=coordinator)
    client = client_of(coordinator)
    offered = Page(client.get(LIST)).main.all("a", where=lambda link: link["href"].startswith(OTHERS))

    asked = Page(client.get(offered[0]["href"]))
    confirmed_by_then = AccessLine.objects.filter(decision="confirmed").count()
    response = client.post(offered[0]["href"], asked.values(), follow=True)

    assert asked.main.one("button", class_="kern-btn kern-btn--primary").text == "Confirm 2 people"
    assert [item.text for item in asked.main.all("li")] == ["Ada, Coordinator", "Eva, Coordinator"]
    assert confirmed_by_then == 1
    assert Page(response).messages == ["The access of 2 people is confirmed."]
    assert _facts(Page(response))[1] == ("Progress", "3 of 3 decided")
    assert _line(colleague).decided_by == coordinator


def test_confirming_all_others_touches_nobody_who_was_not_named():
    coordinator, colleague, third = _house("Ada", "Eva", "Ida")
    client = client_of(coordinator)
    named = {"lines": [_line(colleague).pk, _line(third).pk]}
    confirm_access(line=_line(third), by=colleague)

    page = Page(client.post(OTHERS, named, follow=True))

    assert page.messages == ["The access of 1 person is confirmed."]
    assert [_line(person).decision for person in (coordinator, colleague, third)] == ["", "confirmed", "confirmed"]
    assert _line(third).decided_by == colleague


def test_confirming_all_others_refuses_foreign_people():
    (coordinator,) = _house("Ada")
    (foreign,) = _house("Eva")

    page = submit(client_of(coordinator), OTHERS, {"lines": [_line(coordinator).pk, _line(foreign).pk]})

    assert len(page.errors) == 1
    assert not AccessLine.objects.filter(decision="confirmed").exists()


def test_confirming_all_others_of_a_chosen_organisation_leaves_the_rest():
    kreis = make_organisation()
    body = make_organisation(kind="association", district=kreis.district)
    make_manager(organisation=body, name="Ada Ahorn")
    (coordinator,) = _house("Eva Birke", organisation=kreis)
    make_review(body)

    page = Page(client_of(coordinator).get(OTHERS, {"organisation": body.pk}))

    assert [item.text for item in page.main.all("li")] == [f"Ada Ahorn, Integration manager, {body.name}"]


def test_nobody_left_leads_back_to_the_list():
    (coordinator,) = _house("Ada")
    confirm_access(line=_line(coordinator), by=coordinator)

    response = client_of(coordinator).get(OTHERS, follow=True)

    assert response.redirect_chain == [(LIST, 302)]
    assert Page(response).messages == ["Nobody is left to decide."]


def test_access_of_a_coordinator_ends_with_the_day_entered():
    coordinator, colleague = _house("Ada", "Eva")
    client = client_of(coordinator)
    link = Page(client.get(LIST)).main.one("a", href=f"{_end(colleague)}?quarter={QUARTER:%Y-%m}&page=1")

    form = Page(client.get(link["href"])).values()
    response = client.post(link["href"], {**form, "last_day": (TODAY + DAY).isoformat()}, follow=True)

    assert form == {"last_day": [TODAY.isoformat()]}
    assert Membership.objects.get(user=colleague).ends_on == TODAY + DAY
    assert Page(response).messages == [f"The last day of the access of Eva is {_day(TODAY + DAY)}."]
    assert Page(response).rows("review-caption")[1][5] == (
        f"ended by Ada on {_day(TODAY)} access ends on {_day(TODAY + DAY)}"
    )


@pytest.mark.parametrize("last_day", ["", "31.02.2026", "2020-01-01", "2099-01-01"])
def test_impossible_last_day_is_named_and_kept(last_day):
    coordinator, colleague = _house("Ada", "Eva")
    sent = {"last_day": last_day}

    page = submit(client_of(coordinator), _end(colleague), sent)

    assert_refused(page, "last_day", sent)
    assert Membership.objects.get(user=colleague).ends_on is None


def test_own_access_is_ended_by_others_only():
    coordinator, colleague = _house("Ada", "Eva")
    client = client_of(coordinator)

    offered = {link["href"].partition("?")[0] for link in Page(client.get(LIST)).main.all("a")}
    page = submit(client, _end(coordinator), {"last_day": TODAY.isoformat()})

    assert (_end(colleague) in offered, _end(coordinator) in offered) == (True, False)
    assert page.errors == [
        ("", "You cannot end your own access. Ask another coordinator of your organisation or your district.")
    ]


def test_access_of_a_manager_leads_to_the_recording_of_the_leaving():
    manager = make_manager()
    coordinator = make_member("coordinator", manager.organisation)
    make_review(manager.organisation)
    client = client_of(coordinator)
    leave = reverse("casework:member_leave", args=[manager.user.memberships.get().pk])

    links = Page(client.get(LIST)).main.all("a", href=leave)
    response = client.get(_end(manager.user), follow=True)

    assert [link.text for link in links] == [f"Record the leaving : {manager.user.name}"]
    assert response.redirect_chain == [(leave, 302), (reverse("casework:manager_leave", args=[manager.pk]), 302)]


def test_membership_of_a_coordinator_leads_to_no_leaving():
    manager = make_manager()
    coordinator = make_member("coordinator", manager.organisation)
    both = Membership.objects.create(
        user=manager.user, organisation=manager.organisation, role="coordinator", starts_on=TODAY
    )
    client = client_of(coordinator)

    found = {
        membership.role: client.get(reverse("casework:member_leave", args=[membership.pk])).status_code
        for membership in (
            both,
            coordinator.memberships.get(),
            Manager.objects.get().user.memberships.get(role="manager"),
        )
    }

    assert found == {"coordinator": 404, "manager": 302}


def test_second_page_keeps_the_choice_and_confirming_leads_back_to_it():
    organisation = make_organisation()
    (coordinator,) = (make_member("coordinator", organisation),)
    for _number in range(51):
        make_member("manager", organisation)
    make_review(organisation)
    client = client_of(coordinator)

    first = Page(client.get(LIST))
    second = Page(client.get(LIST + first.one("a", rel="next")["href"]))
    response = client.post(second.main.all("form", method="post")[0]["action"])

    assert [len(page.rows("review-caption")) for page in (first, second)] == [50, 2]
    assert response["Location"].startswith(f"{LIST}?quarter={QUARTER:%Y-%m}&page=2#line-")


@pytest.mark.parametrize("name", ["funding:organisation", "casework:manager_list"])
@pytest.mark.parametrize("kind", ["district", "municipality"])
def test_open_lines_and_their_due_date_stand_on_the_pages_of_coordinators(name, kind):
    coordinator, _colleague = _house("Ada", "Eva", organisation=make_organisation(kind=kind))

    page = Page(client_of(coordinator).get(reverse(name)))

    (notice,) = page.main.all(class_="pik-alert pik-alert--info")
    due = _day(TODAY + timedelta(weeks=4))
    assert notice.text == f"Confirm or end the access of 2 people by {due}. To the access review"
    assert notice.one("a")["href"] == LIST


@pytest.mark.parametrize("name", ["funding:organisation", "casework:manager_list"])
def test_overdue_lines_are_a_warning_and_decided_ones_are_silent(name):
    coordinator = make_member("coordinator")
    review = make_review(coordinator.membership.organisation, due_on=TODAY - DAY)
    client = client_of(coordinator)

    overdue = Page(client.get(reverse(name))).main.all(class_="pik-alert pik-alert--warning")
    confirm_access(line=review.lines.get(), by=coordinator)
    done = Page(client.get(reverse(name))).main.all(where=lambda node: node.has_class("pik-alert"))

    assert [notice.text for notice in overdue] == [
        f"Overdue since {_day(TODAY - DAY)}: confirm or end the access of 1 person. To the access review"
    ]
    assert done == []


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [(LIST, 8), (OTHERS, 6)])
def test_pages_ask_as_often_for_one_person_as_for_three(rows, address, queries, django_assert_num_queries):
    kreis = make_organisation()
    (coordinator,) = _house("Ada", organisation=kreis)
    for _number in range(rows - 1):
        body = make_organisation(kind="association", district=kreis.district)
        make_manager(organisation=body)
        make_review(body)
    client = client_of(coordinator)

    with django_assert_num_queries(queries):
        response = client.get(address)

    assert response.status_code == 200
