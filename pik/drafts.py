"""Drafts: what is typed is kept on the server until it is saved, for the person who typed it alone."""

import json
import re
from collections.abc import Mapping

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from pik.models import Draft, Membership, User
from pik.models.drafts import KEY

# What belongs to the page is no part of what was typed; the version is: it says what the person had before them.
PAGE_NAMES = ("csrfmiddlewaretoken", "draft", "owner", "drafted", "entry_key")
_SALT = "pik.drafts.owner"


def owner_mark(user: User) -> str:
    """Says in a page, for this server only, who typed into it and in which membership."""
    return signing.dumps([user.pk, user.membership.pk], salt=_SALT)


def keep_draft(*, user: User, form: str, data: QueryDict) -> bool:
    """Keeps what stands in a form now; False when it is no form of ours or longer than any of them."""
    membership = user.membership
    return membership is not None and _store(user.pk, membership.pk, form, data)


def keep_for_owner(*, data: QueryDict) -> bool:
    """Keeps what was sent after the session had ended, for the person who had opened the page and for nobody else."""
    try:
        user, membership = signing.loads(data.get("owner", ""), salt=_SALT, max_age=settings.DRAFT_KEPT)
    except signing.BadSignature:
        return False
    if not Membership.objects.filter(pk=membership, user=user).exists():
        return False
    return _store(user, membership, data.get("draft", ""), data)


def _store(user: int, membership: int, form: str, data: QueryDict) -> bool:
    typed = {name: values for name, values in data.lists() if name not in PAGE_NAMES}
    if not re.fullmatch(KEY, form) or len(json.dumps(typed)) > settings.DRAFT_BYTES or "\\u0000" in json.dumps(typed):
        return False
    Draft.objects.update_or_create(
        membership_id=membership,
        form=form,
        defaults={"user_id": user, "data": typed, "saved_at": timezone.now()},
    )
    return True


def find_draft(user: User, form: str) -> Draft | None:
    """What the person typed into this form last and did not save."""
    return Draft.objects.visible_to(user).of_form(form).first()


def drafted(request: HttpRequest, form: forms.Form, key: str) -> dict[str, object]:
    """What a page with a form needs that is kept under `key` while somebody types; a draft is in the form already."""
    draft = None if form.is_bound else find_draft(request.user, key)
    if draft:
        _fill_in(form, draft)
    return {"form": form, "draft_key": key, "draft": draft}


def _fill_in(form: forms.Form, draft: Draft) -> None:
    """Puts a draft into a form; values that no longer exist are left out by its fields."""
    for name, values in draft.data.items():
        if name in form.fields and values:
            several = isinstance(form.fields[name], (forms.MultipleChoiceField, forms.ModelMultipleChoiceField))
            form.initial[name] = values if several else values[-1]


def forget_draft(*, user: User, form: str, data: Mapping[str, str]) -> None:
    """Deletes the draft of a form that was saved; a form that says it made none costs no query."""
    if data.get("drafted", "1"):
        Draft.objects.visible_to(user).of_form(form).delete()


def purge_outlived_drafts() -> int:
    """Deletes drafts that are older than they are kept; returns how many."""
    return Draft.objects.outlived().delete()[0]
