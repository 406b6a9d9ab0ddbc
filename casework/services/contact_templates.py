"""Naming, renaming, ordering and removing templates."""

from django.db import transaction
from django.db.models import Max

from casework.entry import REPEATED
from casework.models import Contact, ContactTemplate, Manager
from pik.integrity import refusals


def keep_template(*, contact: Contact, name: str) -> ContactTemplate:
    """A template of the contact's manager with the values of an entry, below those that are there.

    Raises ValidationError for a name that is empty, too long or in use already.
    """
    values = {field: getattr(contact, field) for field in REPEATED}
    with transaction.atomic():
        # Two tabs at once wait for one another: each template has a place of its own.
        Manager.objects.select_for_update(no_key=True).get(pk=contact.manager_id)
        last = ContactTemplate.objects.filter(manager=contact.manager_id).aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
        return _store(ContactTemplate(manager_id=contact.manager_id, name=name, position=position, **values))


def rename_template(*, template: ContactTemplate, name: str) -> ContactTemplate:
    """Gives a template another name, under the rules of `keep_template`."""
    template.name = name
    return _store(template)


@transaction.atomic
def move_template(*, template: ContactTemplate, by: int) -> None:
    """Puts a template one place up (-1) or down (1) among its manager's; at either end it stays where it is."""
    own = list(ContactTemplate.objects.select_for_update().filter(manager=template.manager_id).for_list())
    # Removed in the meantime: there is nothing to move.
    if template not in own:
        return
    place = own.index(template)
    own.insert(max(place + by, 0), own.pop(place))
    for position, each in enumerate(own):
        each.position = position
    ContactTemplate.objects.bulk_update(own, ["position"])


def remove_template(*, template: ContactTemplate) -> None:
    """Forgets a template; contacts made with it stay as they are."""
    template.delete()


def _store(template: ContactTemplate) -> ContactTemplate:
    named_once = next(rule for rule in ContactTemplate._meta.constraints if rule.name == "contact_template_named_once")
    with refusals({named_once.name: ("name", named_once.violation_error_message)}):
        # Whether the name is free is for the database to say: its refusal names the field.
        template.full_clean(exclude=["manager"], validate_constraints=False)
        template.save()
    return template
