"""Drafts: what is typed is kept on the server until it is saved, for the person who typed it alone.

Words of one's own pass the guard of free text first: what could tell who a client is never reaches the table.
"""

import json
import re
from collections.abc import Mapping
from datetime import timedelta

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.module_loading import import_string

from pik.models import Draft, Membership, User
from pik.models.drafts import KEY

# What belongs to the page is no part of what was typed; the version is: it says what the person had before them.
PAGE_NAMES = ("csrfmiddlewaretoken", "draft", "owner", "drafted", "entry_key")
_SALT = "pik.drafts.owner"
# What a number, a day, a code or a choice looks like: only such values need no guard, and only in a field for them.
_CHOSEN = re.compile(r"[0-9a-z_+-]*|[0-9A-Z]{4}-[0-9A-Z]{4}")


def owner_mark(user: User, form: forms.Form) -> str:
    """Says in a page, for this server only, who types into it, in which membership, and which fields hold no words."""
    chosen = [name for name, field in form.fields.items() if type(field) is not forms.CharField]
    return signing.dumps([user.pk, user.membership.pk, chosen], salt=_SALT)


def keep_draft(*, user: User, form: str, data: QueryDict) -> dict[str, list[str]] | None:
    """Keeps what stands in a form now, without the fields that the guard refuses; returns these and why.

    None when it is no form of ours or longer than any of them: nothing is kept then.
    """
    membership = user.membership
    if membership is None:
        return None
    owner, acting, chosen = _read(data)
    # Where no page of theirs says what a field is, all of it is taken for words.
    chosen = chosen if (owner, acting) == (user.pk, membership.pk) else []
    return _store(user.pk, membership.pk, form, data, chosen, settings.DRAFT_KEPT)


def keep_for_owner(*, data: QueryDict) -> bool:
    """Keeps for a short time what was sent after the session had ended, for the person who had opened the page."""
    user, membership, chosen = _read(data)
    if not Membership.objects.filter(pk=membership, user=user).exists():
        return False
    kept = _store(user, membership, data.get("draft", ""), data, chosen, settings.LATE_ENTRY_KEPT)
    return kept is not None


def _read(data: QueryDict) -> tuple[int | None, int | None, list[str]]:
    """Who had opened the page that was sent, and its fields without words; nobody for a mark that is not ours."""
    try:
        user, membership, chosen = signing.loads(data.get("owner", ""), salt=_SALT, max_age=settings.DRAFT_KEPT)
    except (signing.BadSignature, ValueError):
        return None, None, []
    return user, membership, chosen


def _store(
    user: int, membership: int, form: str, data: QueryDict, chosen: list[str], time: timedelta
) -> dict[str, list[str]] | None:
    typed = {name: values for name, values in data.lists() if name not in PAGE_NAMES}
    if not re.fullmatch(KEY, form) or len(json.dumps(typed)) > settings.DRAFT_BYTES or "\\u0000" in json.dumps(typed):
        return None
    refused = {name: why for name, values in typed.items() if (why := _refusals(values, words=name not in chosen))}
    now = timezone.now()
    Draft.objects.update_or_create(
        membership_id=membership,
        form=form,
        defaults={
            "user_id": user,
            "data": {name: values for name, values in typed.items() if name not in refused},
            "left_out": sorted(refused),
            "saved_at": now,
            "expires_at": now + time,
        },
    )
    return refused


def _refusals(values: list[str], *, words: bool) -> list[str]:
    """What the guard says of the values of a field."""
    guard = import_string(settings.FREE_TEXT_GUARD)
    refused: list[str] = []
    for value in values:
        if not words and _CHOSEN.fullmatch(value):
            continue
        try:
            guard(value)
        except ValidationError as error:
            refused += error.messages
    return refused


def find_draft(user: User, form: str) -> Draft | None:
    """What the person typed into this form last and did not save."""
    return Draft.objects.visible_to(user).of_form(form).first()


def drafted(request: HttpRequest, form: forms.Form, key: str) -> dict[str, object]:
    """What a page with a form needs that is kept under `key` while somebody types; a draft is in the form already."""
    # What was just sent is newer than any draft, also when it comes back in a form that is not checked yet.
    draft = None if request.method == "POST" else find_draft(request.user, key)
    if draft:
        _fill_in(form, draft)
    return {
        "form": form,
        "draft_key": key,
        "draft": draft,
        # A form that comes back to be corrected made its draft before.
        "draft_made": bool(draft) or bool(request.POST.get("drafted")),
        "draft_owner": owner_mark(request.user, form),
    }


def _fill_in(form: forms.Form, draft: Draft) -> None:
    """Puts a draft into a form; values that no longer exist are left out by its fields."""
    for name, values in draft.data.items():
        if name in form.fields and values:
            several = isinstance(form.fields[name], (forms.MultipleChoiceField, forms.ModelMultipleChoiceField))
            form.initial[name] = values if several else values[-1]
    draft.missing = [str(form.fields[name].label) for name in draft.left_out if name in form.fields]


def forget_draft(*, user: User, form: str, data: Mapping[str, str]) -> None:
    """Deletes the draft of a form that was saved; a form that says it made none costs no query."""
    if data.get("drafted", "1") and re.fullmatch(KEY, form):
        Draft.objects.visible_to(user).of_form(form).delete()


def purge_outlived_drafts() -> int:
    """Deletes drafts that are older than they are kept; returns how many."""
    return Draft.objects.outlived().delete()[0]
