"""Keeping and discarding drafts, and whether the session still holds."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.csrf import csrf_failure
from django.views.decorators.http import require_GET, require_POST

from pik.access import any_role
from pik.draft_marks import Mark, read_mark
from pik.drafts import forget_draft, keep_draft, keep_for_owner, keep_late_entry, keep_unsaved


@require_POST
@any_role
def draft_keep(request: HttpRequest) -> HttpResponse:
    """Keeps what stands in a form; 204, 200 with the fields that are not kept and why, or 400 for no form of theirs."""
    refused = keep_draft(user=request.user, data=request.POST)
    if refused:
        return JsonResponse({"refused": [{"field": name, "why": " ".join(why)} for name, why in refused.items()]})
    return HttpResponse(status=400 if refused is None else 204)


@require_POST
@any_role
def draft_discard(request: HttpRequest) -> HttpResponse:
    """Deletes a draft and shows the form as it is stored."""
    forget_draft(user=request.user, form=request.POST.get("draft", ""), data={})
    back = request.POST.get("next", "")
    # Only an address of this house: without the slash Django would look for a page of this name.
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return HttpResponseRedirect(back)
    return redirect("start")


def opened_by_another(request: HttpRequest, mark: Mark) -> HttpResponse:
    """Says that a form was not saved, because who is logged in now is not who had opened it, and shows none of it."""
    kept = keep_for_owner(mark=mark, data=request.POST)
    context = {"kept": kept, "own": mark.user == request.user.pk}
    return render(request, "pik/opened_by_another.html", context, status=409)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an address that leads nowhere, or nowhere any more.

    Who sends a form to one, for instance after the end of a deputyship, gets back the words that they typed, and
    nothing of what the form was about.
    """
    mark, user = read_mark(request.POST), request.user
    is_own = mark is not None and user.is_authenticated and mark.is_of(user)
    entered = mark.entered(request.POST) if is_own else {}
    typed = [each for name, values in entered.items() if mark.takes_words(name) for each in values if each.strip()]
    return render(request, "404.html", {"typed": typed}, status=404)


def token_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Saves nothing of what was sent with a token from before somebody signed in anew in this browser.

    What was typed waits for who had opened the form: its mark says who that is, whoever sent it.
    """
    mark, user = read_mark(request.POST), request.user
    if mark is None or request.resolver_match.func is draft_keep:
        return csrf_failure(request, reason)
    if not user.is_authenticated:
        keep_late_entry(data=request.POST)
        return redirect_to_login(request.get_full_path())
    if user.membership is None:
        return csrf_failure(request, reason)
    if not mark.is_of(user):
        return opened_by_another(request, mark)
    # The page shows it again, with a token that holds.
    kept = keep_unsaved(mark=mark, data=request.POST)
    return HttpResponseRedirect(request.get_full_path()) if kept else csrf_failure(request, reason)


@login_not_required
@require_GET
def session_state(request: HttpRequest) -> HttpResponse:
    """Who is logged in here (an empty word for nobody), and a token with which a form may be sent."""
    membership = request.user.membership if request.user.is_authenticated else None
    who = f"{request.user.pk}-{membership.pk}" if membership else ""
    return JsonResponse({"who": who, "token": get_token(request)})
