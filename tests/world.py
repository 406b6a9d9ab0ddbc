"""One of everything, seen by every kind of reader: what the walks over all pages go through."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django.utils import timezone

from casework.models import (
    Assessment,
    Assignment,
    Case,
    Contact,
    FundingRate,
    Goal,
    LanguageCourse,
    Manager,
    ManagerList,
    Post,
    Referral,
    Transfer,
)
from casework.services.absences import name_deputy, record_absence
from casework.services.case_file import record_consent
from casework.services.cases import close_case
from casework.services.contact_templates import keep_template
from casework.services.figures import refresh_changed_figures
from casework.services.phases import move_case
from casework.services.summaries import summarise_month
from funding.models import Budget
from pik.access import log_export
from pik.access_reviews import open_reviews
from pik.models import AccessLine, Measure, Organisation, User
from pik.months import add_months, month_of
from tests.factories import (
    make_assessment,
    make_award,
    make_case,
    make_contact,
    make_goal,
    make_language_course,
    make_manager,
    make_referral,
    make_transfer,
    place_of,
    places_of,
)
from tests.people_lists import line, taken_in
from tests.scene import Scene, make_scene


def give_post(manager: Manager, measure: str, **overrides: object) -> Assignment:
    """One more post that the manager fills, with the employer's places."""
    found = Measure.objects.get(code=measure)
    stateless = found.place_level == Measure.PlaceLevel.STATE
    places = [] if stateless else [place_of(manager)]
    values = {"fte": Decimal("0.50"), "starts_on": date(2025, 1, 1), "ends_on": None, **overrides}
    district = None if stateless else places[0].district
    post = Post.objects.create(organisation=manager.organisation, measure=found, district=district, **values)
    post.municipalities.set(places)
    return Assignment.objects.create(post=post, manager=manager, **values)


@dataclass
class World:
    """The rows of a Gemeinde's manager, beside readers of every kind; `kreis_manager` works for the Kreis around it."""

    scene: Scene
    case: Case
    closed_case: Case
    goal: Goal
    assessment: Assessment
    contact: Contact
    course: LanguageCourse
    kreis_manager: Manager
    colleague: Manager
    manager_list: ManagerList
    referral: Referral
    # To the own body, and by its manager to the Kreis around it.
    offered: Transfer
    given: Transfer

    @property
    def manager(self) -> Manager:
        return Manager.objects.get(user=self.scene.readers["manager"])

    @property
    def post(self) -> Post:
        """The post of the own manager on which half is free."""
        return Post.objects.get(organisation=self.scene.own, assignments__manager=self.manager, measure="im")

    def reader(self, name: str) -> User | None:
        """The person as a login would find them; nobody for `anonymous`."""
        return None if name == "anonymous" else User.objects.get(pk=self.scene.readers[name].pk)

    def line(self, user: User) -> AccessLine:
        """The access of a person in the running review."""
        return AccessLine.objects.get(membership__user=user)

    def address(self, name: str, key: str = "-") -> str:
        """The address called `name` for the row of this world that `key` names."""
        rows = {
            "-": {},
            "case": {"code": self.case.code},
            "closed": {"code": self.closed_case.code},
            "goal": {"code": self.case.code, "pk": self.goal.pk},
            "levels": {"code": self.case.code, "pk": self.assessment.pk},
            "lines": {"table": "lines", "format": "csv"},
            "contact": {"pk": self.contact.pk},
            "template": {"pk": self.manager.contact_templates.get().pk},
            "measure": {"measure": "deutsch"},
            "offered": {"pk": self.offered.pk},
            "given": {"pk": self.given.pk},
            "referral": {"pk": self.referral.pk},
            "course": {"measure": "deutsch", "pk": self.course.pk},
            "manager": {"pk": self.manager.pk},
            "kreisman": {"pk": self.kreis_manager.pk},
            "list": {"pk": self.manager_list.pk},
            "member": {"membership": self.manager.user.memberships.get().pk},
            "kreismem": {"membership": self.kreis_manager.user.memberships.get().pk},
            "line": {"pk": self.line(self.manager.user).pk},
            "kreisline": {"pk": self.line(self.kreis_manager.user).pk},
            # Of a coordinator beside the one who reads.
            "coline": {"pk": self.line(self.scene.readers["unknown role"]).pk},
            "post": {"pk": self.post.pk},
            "kreispost": {"pk": self.kreis_manager.assignments.get().post_id},
            "booking": {"pk": self.post.assignments.get().pk},
            "kreisbook": {"pk": self.kreis_manager.assignments.get().pk},
            "absence": {"pk": self.manager.absences.get().pk},
            "deputy": {"pk": self.manager.deputies.get().pk},
            "rate": {"pk": FundingRate.objects.earliest("pk").pk},
            "kreis": {"ags": self.scene.neighbour.district_id},
            "table": {"table": "curve", "format": "csv"},
            "kreistab": {"ags": self.scene.neighbour.district_id, "table": "posts", "format": "xlsx"},
            "body": {"pk": self.scene.own.pk},
            "bodytab": {"pk": self.scene.own.pk, "table": "curve", "format": "csv"},
            "key": {"uidb36": "zz", "key": "no-such-key"},
        }
        return reverse(name, kwargs=rows[key])


def make_world() -> World:
    """A Scene in which the own manager has cases, contacts and a course, and money, summaries and a log exist."""
    scene = make_scene()
    # Words that stand in no other name, for those who look for them.
    Organisation.objects.filter(pk=scene.own.pk).update(name="Gemeinde Ottilienau")
    Organisation.objects.filter(pk=scene.neighbour.pk).update(name="Landratsamt Ottilienkreis")
    User.objects.filter(pk=scene.readers["manager"].pk).update(name="Ottilie Eigen")
    for organisation in (scene.own, scene.neighbour):
        organisation.refresh_from_db()
    # Without a password an account page leads elsewhere; one hash for all of them is enough.
    User.objects.update(password=make_password("a long way home"))
    manager = Manager.objects.get(user=scene.readers["manager"])
    # Half of the post stays free, and so does some of the person's time for more of it.
    manager.assignments.update(fte=Decimal("0.50"))
    give_post(manager, "deutsch", fte=Decimal("0.25"))
    case = make_case(manager=manager)
    closed = make_case(manager=manager)
    make_contact(case=closed, date=timezone.localdate() - timedelta(days=40))
    close_case(case=closed, closed_on=timezone.localdate(), reason="moved")
    kreis_manager = make_manager(organisation=scene.neighbour, name="Ottokar Nachbar")
    colleague = make_manager(organisation=scene.own)
    contact = make_contact(case=case)
    keep_template(contact=contact, name="Short talk")
    today, day = timezone.localdate(), timedelta(days=1)
    record_absence(manager=manager, kind="illness", starts_on=today - 60 * day, ends_on=today - 50 * day)
    name_deputy(manager=manager, deputy=colleague, starts_on=today + 10 * day, ends_on=today + 20 * day)
    record_consent(case=case, consent_on=today - 60 * day)
    move_case(case=case, phase="assessment", starts_on=today - 30 * day, user=manager.user)
    goal = make_goal(case=case)
    world = World(
        scene=scene,
        case=case,
        closed_case=Case.objects.get(pk=closed.pk),
        goal=goal,
        assessment=make_assessment(case=case, assessed_on=today - day),
        contact=contact,
        course=make_language_course(manager=manager),
        kreis_manager=kreis_manager,
        colleague=colleague,
        # One good row, one to correct.
        manager_list=taken_in(
            scene.readers["coordinator"],
            line(name="Ottegebe Neu", ags=scene.own.municipality_id),
            line(name="Ottmar Alt", email="alt@pik.example", ags="08"),
        ),
        referral=make_referral(case=case),
        offered=make_transfer(
            case=make_case(manager=kreis_manager), receiver=scene.own, municipality=place_of(manager)
        ),
        given=make_transfer(case=make_case(manager=manager), receiver=scene.neighbour),
    )
    budget = Budget.objects.get(measure="im", year=2026)
    for organisation in (scene.own, scene.neighbour):
        make_award(budget=budget, recipient=organisation, amount=1000, booked_by=scene.readers["ministry"])
        log_export(user=scene.readers["ministry"], subject="ledger", organisation_id=organisation.pk)
    open_reviews(day=timezone.localdate())
    refresh_changed_figures()
    summarise_month(add_months(month_of(timezone.localdate()), -1))
    return world


def make_crowd(world: World) -> None:
    """Enough rows of every kind that each list has a second page."""
    manager, ministry = world.manager, world.scene.readers["ministry"]
    today = timezone.localdate()
    for number in range(51):
        old = make_case(manager=manager, opened_on=today - timedelta(days=1000 + number))
        make_contact(case=old)
        make_language_course(manager=manager, date=today - timedelta(days=number))
        make_manager(organisation=world.scene.own, municipalities=places_of(world.scene.own))
        log_export(user=ministry, subject=f"ledger {number}", organisation_id=world.scene.own.pk)
        make_award(budget=Budget.objects.get(measure="im", year=2026), recipient=world.scene.own, booked_by=ministry)
    refresh_changed_figures()
