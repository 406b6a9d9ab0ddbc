"""Fast entry: what a new contact takes over from the last one of its case, or from a template."""

from collections.abc import Collection

from django.http import QueryDict

from casework.codes import normalised
from casework.models import Contact, ContactTemplate
from pik.models import User

# All that a contact repeats; case and day are chosen anew, and so is what it leads to.
REPEATED = ("kind", "channel", "minutes", "topics", "mediation")


def like_last_time(user: User, data: QueryDict, *, own: Collection[str] = ()) -> tuple[QueryDict, Contact | None]:
    """What was sent, with the values of the last contact of its case but for what is `own`, and that contact.

    None without case or contact.
    """
    code = normalised(data.get("case", ""))
    last = Contact.objects.last_of_case(code, user) if code else None
    return (_with(data, last, own), last) if last else (data, None)


def like_template(user: User, data: QueryDict, *, own: Collection[str]) -> tuple[QueryDict, list[str]]:
    """What was sent, with the values of the template that was asked for but for what is `own`, and which fields are.

    What an earlier template has filled in is nobody's own. Unchanged when the template is gone.
    """
    templates = ContactTemplate.objects.visible_to(user)
    template = templates.with_key(data.get("template", ""))
    if template is None:
        return data, []
    earlier = templates.with_key(data.get("filled", ""))
    kept = [
        name
        for name in REPEATED
        if name in own and not (earlier and sorted(data.getlist(name)) == sorted(_sent(earlier, name)))
    ]
    return _with(data, template, kept), kept


def _with(data: QueryDict, pattern: Contact | ContactTemplate, own: Collection[str] = ()) -> QueryDict:
    filled = data.copy()
    for name in REPEATED:
        if name not in own:
            filled.setlist(name, _sent(pattern, name))
    return filled


def _sent(pattern: Contact | ContactTemplate, name: str) -> list[str]:
    """A value as a form sends it."""
    value = getattr(pattern, name)
    return [str(each) for each in value] if name == "topics" else [str(value)]
