"""Fast entry: what a new contact takes over from the last one of its case, or from a template."""

from collections.abc import Collection

from django.http import QueryDict

from casework.codes import normalised
from casework.models import Case, Contact, ContactTemplate
from pik.models import User

# All that a contact repeats; case and day are chosen anew, and so is what it leads to.
REPEATED = ("kind", "channel", "minutes", "topics", "mediation")


def like_last_time(user: User, data: QueryDict, *, own: Collection[str] = ()) -> tuple[QueryDict, Case | None]:
    """What was sent, with the values of the last contact of its case but for what is `own`, and the case.

    None without case or contact.
    """
    code = normalised(data.get("case", ""))
    last = Contact.objects.last_of_case(code, user) if code else None
    return (_with(data, last, own), last.case) if last else (data, None)


def like_template(user: User, data: QueryDict) -> QueryDict:
    """What was sent, with the values of the template that was asked for; unchanged when it is gone."""
    template = ContactTemplate.objects.visible_to(user).with_key(data.get("template", ""))
    return _with(data, template) if template else data


def _with(data: QueryDict, pattern: Contact | ContactTemplate, own: Collection[str] = ()) -> QueryDict:
    filled = data.copy()
    for name in REPEATED:
        if name not in own:
            value = getattr(pattern, name)
            filled.setlist(name, [str(each) for each in value] if name == "topics" else [str(value)])
    return filled
