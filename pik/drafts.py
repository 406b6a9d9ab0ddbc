"""Drafts: what is typed is kept on the server until it is saved, for the person who typed it alone.

Words of one's own pass the guard of free text first: what could tell who a client is never reaches the table.
"""

import json
import re
from collections.abc import Mapping
from datetime import timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.module_loading import import_string

from pik.conflicts import NO_VERSION
from pik.draft_marks import Mark, mark_of, read_mark, takes_several
from pik.forms import Form
from pik.models import Draft, Membership, User
from pik.models.drafts import KEY


def keep_draft(*, user: User, data: QueryDict) -> dict[str, list[str]] | None:
    """Keeps what stands in a form now; returns the fields that it does not keep, with what the guard says of them.

    None when it carries no mark that was made for this person and membership lately, or is longer than any of our
    forms: nothing is kept then.
    """
    mark = read_mark(data, max_age=settings.DRAFT_KEPT)
    return _store(mark, data, settings.DRAFT_KEPT) if mark and mark.is_of(user) else None


def keep_late_entry(*, data: QueryDict) -> bool:
    """Keeps for a short time what was sent after the session had ended, for the person who had opened the page."""
    mark = read_mark(data, max_age=settings.DRAFT_KEPT)
    return mark is not None and _keep_for_owner(mark, data, settings.LATE_ENTRY_KEPT)


def keep_for_owner(*, mark: Mark, data: QueryDict) -> bool:
    """Keeps what somebody else who is logged in by now has sent, for the person who had opened the page."""
    return _keep_for_owner(mark, data, settings.DRAFT_KEPT)


def keep_unsaved(*, mark: Mark, data: QueryDict) -> bool:
    """Keeps what the person of the mark has sent themselves and what could not be saved."""
    return _store(mark, data, settings.DRAFT_KEPT) is not None


def _keep_for_owner(mark: Mark, data: QueryDict, time: timedelta) -> bool:
    """Keeps what somebody may have sent for another; it takes nothing away from what that person typed.

    False where they would not find it: without the membership, or when they typed something newer elsewhere.
    """
    memberships = Membership.objects.active_on(timezone.localdate())
    if not memberships.filter(pk=mark.membership, user=mark.user, user__is_active=True).exists():
        return False
    before = Draft.objects.of_membership(mark.membership).of_form(mark.key).current().first()
    # A draft of the same page is an earlier state of what was sent now; any other has to be older than the page.
    if before and before.opened_at != mark.opened_at and before.saved_at > mark.opened_at:
        return False
    return _store(mark, data, time, before) is not None


def _store(mark: Mark, data: QueryDict, time: timedelta, before: Draft | None = None) -> dict[str, list[str]] | None:
    """Puts what was sent in the place of the draft; of `before` stays what now is refused, and the time it has."""
    typed = mark.entered(data)
    if "differing" in data and "version" in typed:
        # Sent from the page of a conflict, under the version stored then, with choices that no draft holds: the
        # question has to be asked again.
        typed["version"] = [NO_VERSION]
    text = json.dumps(typed, ensure_ascii=False)
    if len(text.encode()) > settings.DRAFT_BYTES or "\\u0000" in text:
        return None
    typed = _readable(mark, typed)
    refused = _refused(mark, typed)
    kept = {name: values for name, values in before.data.items() if name in refused} if before else {}
    now = timezone.now()
    Draft.objects.update_or_create(
        membership_id=mark.membership,
        form=mark.key,
        defaults={
            "user_id": mark.user,
            "data": kept | {name: values for name, values in typed.items() if name not in refused},
            "left_out": sorted(name for name, why in refused.items() if why),
            "opened_at": mark.opened_at,
            "saved_at": now,
            "expires_at": max(now + time, before.expires_at) if before else now + time,
        },
    )
    Draft.objects.of_membership(mark.membership).beyond(settings.DRAFTS_EACH).delete()
    return refused


def _readable(mark: Mark, typed: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What was typed, without what nobody can read in fields of words."""
    reader = import_string(settings.FREE_TEXT_READER)
    return {name: [*map(reader, values)] if mark.takes_words(name) else values for name, values in typed.items()}


def _refused(mark: Mark, typed: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The fields that are not kept, with what the guard says of each.

    What its field neither offers nor takes, such as half a code, is not kept either; there is nothing to say of it.
    """
    unlike = {name: values for name, values in typed.items() if not mark.is_plain(name, values)}
    found = {name: _refusals(values) for name, values in unlike.items()}
    return {name: why for name, why in found.items() if why or not mark.takes_words(name)}


def _refusals(values: list[str]) -> list[str]:
    """What the guard says of the values of a field."""
    guard = import_string(settings.FREE_TEXT_GUARD)
    refused: list[str] = []
    for value in values:
        try:
            guard(value)
        except ValidationError as error:
            refused += error.messages
    return refused


def find_draft(user: User, form: str) -> Draft | None:
    """What the person typed into this form last and did not save."""
    return Draft.objects.visible_to(user).of_form(form).first()


def drafted(request: HttpRequest, form: Form, key: str) -> dict[str, object]:
    """What a page with a form needs that is kept under `key` while somebody types; a draft is in the form already."""
    # What was just sent is newer than any draft, also when it comes back in a form that is not checked yet.
    sent = request.method == "POST"
    draft = None if sent else find_draft(request.user, key)
    # Who leaves a form that was refused, or changes its language, finds it again.
    kept = sent and keep_draft(user=request.user, data=request.POST) is not None
    if draft and not _fill_in(form, draft):
        draft.delete()
        draft = None
    return {
        "form": form,
        "draft_key": key,
        "draft": draft,
        # A form that comes back to be corrected made its draft before.
        "draft_made": bool(draft) or kept or bool(request.POST.get("drafted")),
        "draft_owner": mark_of(request.user, form, key),
    }


def sent_key(request: HttpRequest, otherwise: str) -> str:
    """The key under which the form that was sent is kept: as its mark says, never as the request says."""
    mark = read_mark(request.POST)
    return mark.key if mark and mark.is_of(request.user) else otherwise


def _fill_in(form: Form, draft: Draft) -> bool:
    """Puts a draft into a form; values that no longer exist are left out by its fields.

    False, and nothing is put in, when the form would look as it does without it and nothing was left out either.
    """
    sent = {name: values for name, values in draft.data.items() if _takes(form, name) and values}
    typed = {name: values if takes_several(form.fields[name]) else values[-1] for name, values in sent.items()}
    draft.missing = [form.label_of(name) for name in draft.left_out if name in form.fields]
    if not draft.missing and not any(_is_new(form, name, value) for name, value in typed.items()):
        return False
    form.initial |= typed
    return True


def _takes(form: Form, name: str) -> bool:
    """Whether a form has such a field, and somebody may write into it now."""
    return name in form.fields and not form.fields[name].disabled


def _is_new(form: Form, name: str, value: str | list[str]) -> bool:
    """Whether a field that somebody sees stands otherwise in a form that was just opened."""
    field, before = form.fields[name], form.get_initial_for_field(form.fields[name], name)
    if type(field.widget) is forms.Select and type(field) is forms.ChoiceField and before in (None, ""):
        # The browser chooses the first one.
        before = next((first for first, _label in field.choices), "")
    return not field.widget.is_hidden and field.has_changed(before, value)


def forget_draft(*, user: User, form: str, data: Mapping[str, str]) -> None:
    """Deletes the draft of a form that was saved; a form that says it made none costs no query."""
    if data.get("drafted", "1") and re.fullmatch(KEY, form):
        Draft.objects.visible_to(user).of_form(form).delete()


def purge_outlived_drafts() -> int:
    """Deletes drafts that are older than they are kept; returns how many."""
    return Draft.objects.outlived().delete()[0]
