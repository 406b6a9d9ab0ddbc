"""Posts and who fills them when."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from casework.amounts import year_amounts
from casework.forms.posts import BookForm, ChangeShareForm, EndAssignmentForm, PostForm
from casework.models import Absence, Assignment, FundingRate, Manager, Post
from casework.models.posts import employers_open_to, measures_open_to
from casework.services.bookings import assign_manager, change_fte, end_assignment
from casework.services.posts import change_post, create_post, withdraw_post
from casework.vacancies import holders, next_booking, state_words, vacancies
from pik.access import coordinator_only
from pik.models import Municipality


@require_http_methods(["GET", "POST"])
@coordinator_only
def post_new(request: HttpRequest) -> HttpResponse:
    """Enters a post that nobody fills yet."""
    own = request.user.membership.organisation
    form = PostForm(
        request.POST or None,
        organisations=employers_open_to(request.user),
        measures=measures_open_to(own),
        places=Municipality.objects.reached_by(own).for_choice(),
        own=own,
    )
    if request.method == "POST" and form.is_valid():
        try:
            post = create_post(**form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            words = {"post": post.label, "employer": post.organisation.name}
            messages.success(request, _("Post %(post)s of %(employer)s is entered.") % words)
            # A Kreis does not see the posts of others that are funded at the state level.
            if Post.objects.visible_to(request.user).contains(post):
                return redirect("casework:post_detail", pk=post.pk)
            return redirect("casework:staffing")
    return render(request, "casework/post_form.html", {"form": form})


@require_GET
@coordinator_only
def post_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One post: who fills it when, what is free, and what the Land pays for it this year and paid last year."""
    post = get_object_or_404(Post.objects.visible_to(request.user).for_detail(), pk=pk)
    today = timezone.localdate()
    bookings = list(post.assignments.for_post())
    first = date(today.year - 1, 1, 1)
    interruptions = Absence.objects.interruptions({booking.manager_id for booking in bookings}, since=first)
    rates = list(FundingRate.objects.of_measure(post.measure).reaching(first))
    free = vacancies(post, bookings, since=today)
    years = (
        year_amounts(post, year=year, bookings=bookings, interruptions=interruptions, rates=rates)
        for year in (today.year, first.year)
    )
    context = {
        "post": post,
        "bookings": bookings,
        "absent": {manager for manager, since, until in interruptions if since <= today and (until or today) >= today},
        "state": state_words(post, bookings, day=today),
        "free": free,
        "bookable": next_booking(free),
        "today": today,
        "years": [amounts for amounts in years if amounts],
    }
    return render(request, "casework/post_detail.html", context)


@require_http_methods(["GET", "POST"])
@coordinator_only
def post_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Corrects a post."""
    post = get_object_or_404(Post.objects.visible_to(request.user).for_detail(), pk=pk)
    names = ("fte", "ends_on", "reference", "required_qualification")
    form = PostForm(
        request.POST or None,
        places=Municipality.objects.of_district(post.district_id, also=[]),
        post=post,
        initial={**{name: getattr(post, name) for name in names}, "municipalities": post.municipalities.all()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_post(post=post, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Post %(post)s changed.") % {"post": changed.label})
            return redirect("casework:post_detail", pk=post.pk)
    return render(request, "casework/post_form.html", {"form": form, "post": post})


@require_http_methods(["GET", "POST"])
@coordinator_only
def post_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes back a post on which nobody was ever booked, after asking."""
    post = get_object_or_404(Post.objects.visible_to(request.user).for_detail(), pk=pk)
    if request.method == "POST":
        label = post.label
        try:
            withdraw_post(post=post)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("casework:post_detail", pk=post.pk)
        messages.success(request, _("Post %(post)s is taken back.") % {"post": label})
        return redirect("casework:staffing")
    return render(request, "casework/post_withdraw.html", {"post": post})


@require_http_methods(["GET", "POST"])
@coordinator_only
def post_book(request: HttpRequest, pk: int) -> HttpResponse:
    """Books somebody who is registered on what is free of a post."""
    post = get_object_or_404(Post.objects.visible_to(request.user).for_detail(), pk=pk)
    today = timezone.localdate()
    bookings = list(post.assignments.for_post())
    free = vacancies(post, bookings, since=today)
    proposed = next_booking(free)
    managers = Manager.objects.visible_to(request.user).bookable_in(post.organisation)
    shares = Assignment.objects.fte_by_manager(post.organisation_id, day=proposed.starts_on if proposed else today)
    form = BookForm(request.POST or None, managers=managers, shares=shares, proposed=proposed)
    if request.method == "POST" and form.is_valid():
        try:
            assignment = assign_manager(post=post, booked_by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            words = {"name": assignment.manager.user.name, "post": post.label}
            messages.success(request, _("%(name)s is booked on post %(post)s.") % words)
            return redirect("casework:post_detail", pk=post.pk)
    held = [] if proposed else holders(bookings, since=today)
    return render(request, "casework/post_book.html", {"form": form, "post": post, "free": free, "holders": held})


@require_http_methods(["GET", "POST"])
@coordinator_only
def assignment_fte(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes the share of a booking from a day on."""
    assignment = get_object_or_404(Assignment.objects.visible_to(request.user).for_change(), pk=pk)
    form = ChangeShareForm(request.POST or None, assignment=assignment)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_fte(assignment=assignment, booked_by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The share of %(name)s is changed.") % {"name": changed.manager.user.name})
            return redirect("casework:post_detail", pk=changed.post_id)
    return render(request, "casework/assignment_fte.html", {"form": form, "assignment": assignment})


@require_http_methods(["GET", "POST"])
@coordinator_only
def assignment_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a booking, prolongs it, or takes it back."""
    assignment = get_object_or_404(Assignment.objects.visible_to(request.user).for_change(), pk=pk)
    form = EndAssignmentForm(request.POST or None, assignment=assignment)
    if request.method == "POST" and form.is_valid():
        try:
            end_assignment(assignment=assignment, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            name = {"name": assignment.manager.user.name}
            if form.takes_booking_back:
                messages.success(request, _("The booking of %(name)s is taken back.") % name)
            else:
                messages.success(request, _("The end of the booking of %(name)s is noted.") % name)
            return redirect("casework:post_detail", pk=assignment.post_id)
    return render(request, "casework/assignment_end.html", {"form": form, "assignment": assignment})
