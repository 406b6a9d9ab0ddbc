"""Naming, renaming and removing templates."""

from casework.entry import REPEATED
from casework.models import Contact, ContactTemplate
from pik.integrity import refusals


def keep_template(*, contact: Contact, name: str) -> ContactTemplate:
    """A template of the contact's manager with the values of an entry.

    Raises ValidationError for a name that is empty, too long or in use already.
    """
    values = {field: getattr(contact, field) for field in REPEATED}
    return _store(ContactTemplate(manager_id=contact.manager_id, name=name, **values))


def rename_template(*, template: ContactTemplate, name: str) -> ContactTemplate:
    """Gives a template another name, under the rules of `keep_template`."""
    template.name = name
    return _store(template)


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
