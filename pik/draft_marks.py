"""The mark of a form: what its page says, for this server alone, about whose draft it is and what each field may hold.

Nothing that a request says about itself is believed without one: it names the person, the membership in which they
act, the key of the draft and all fields, so that no key, no name of a field and no value can carry words of one's own
into the drafts past the guard of free text.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django import forms
from django.conf import settings
from django.core import signing
from django.core.validators import MaxValueValidator
from django.forms.models import ModelChoiceIterator
from django.http import QueryDict
from django.utils import timezone
from django.utils.module_loading import import_string

from pik.models import User
from pik.models.drafts import KEY

# What belongs to the page is no part of what was typed. The version is: it says what the person had before them; and so
# is the key of an entry: what was stored already is not stored once more from its draft.
PAGE_NAMES = ("csrfmiddlewaretoken", "draft", "owner", "drafted")
_SALT = "pik.drafts.mark"
WORDS = "words"


def _is_day(value: str) -> bool:
    """Whether it is a day of the pact: one long before it says when somebody was born."""
    try:
        day = date.fromisoformat(value)
        return day.isoformat() == value and day >= settings.PACT_START
    except ValueError:
        return False


def _is_row(value: str) -> bool:
    """Whether it is the number of a row, an AGS of the Land, or a code with its check digit."""
    return bool(re.fullmatch(r"0|[1-9][0-9]{0,6}|08[0-9]{3}|08[0-9]{6}", value)) or (
        import_string(settings.CODE_READER)(value) == value
    )


def _is_number(value: str, largest: str = "") -> bool:
    """Whether it is a number, of `largest` at most."""
    found = re.fullmatch(r"-?([0-9]{1,8})([.,][0-9]{1,2})?", value)
    return bool(found) and (not largest or int(found[1]) <= float(largest))


# What a value without words looks like: too short for the number of a file or a telephone.
SHAPES: Mapping[str, Callable[..., object]] = {
    "number": _is_number,
    "day": _is_day,
    "entry": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}").fullmatch,
    "row": _is_row,
}


@dataclass(frozen=True)
class Mark:
    """Whose form it is, in which membership, under which key its draft is kept."""

    user: int
    membership: int
    key: str
    # Each field with what it may hold: words, a value of a shape (numbers with their largest), or one of these.
    fields: Mapping[str, str | list[str]]
    # Fields of which all values are kept and not only the last one.
    several: list[str]
    # When the page was made.
    made_at: str

    @property
    def opened_at(self) -> datetime:
        return datetime.fromisoformat(self.made_at)

    def is_of(self, user: User) -> bool:
        """Whether this is who acts now, in the membership in which they act."""
        membership = user.membership
        return membership is not None and (self.user, self.membership) == (user.pk, membership.pk)

    def entered(self, data: QueryDict) -> dict[str, list[str]]:
        """What was sent for the fields of the form; nothing else counts."""
        values = {name: data.getlist(name) for name in self.fields if name in data}
        return {name: sent if name in self.several else sent[-1:] for name, sent in values.items()}

    def takes_words(self, name: str) -> bool:
        return self.fields[name] == WORDS

    def is_plain(self, name: str, values: Sequence[str]) -> bool:
        """Whether all values are such as the field offers or takes, each once: they say nothing of their own then."""
        may = self.fields[name]
        if self.takes_words(name) or len(set(values)) < len(values):
            return False
        if not isinstance(may, str):
            return set(values) <= {*may, ""}
        shape, *limits = may.split()
        return all(not value or SHAPES[shape](value, *limits) for value in values)


def mark_of(user: User, form: forms.Form, key: str) -> str:
    """The mark that a page with `form`, whose draft is kept under `key`, says for who reads it."""
    fields = {name: field for name, field in form.fields.items() if name not in PAGE_NAMES}
    mark = Mark(
        user=user.pk,
        membership=user.membership.pk,
        key=key,
        fields={name: _may_hold(field) for name, field in fields.items()},
        several=[name for name, field in fields.items() if takes_several(field)],
        made_at=timezone.now().isoformat(),
    )
    return signing.dumps(asdict(mark), salt=_SALT, compress=True)


def read_mark(data: QueryDict, *, max_age: timedelta | None = None) -> Mark | None:
    """The mark that was sent with a form, whoever sent it; None without one of ours, or for one that is too old."""
    try:
        mark = Mark(**signing.loads(data.get("owner", ""), salt=_SALT, max_age=max_age))
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return mark if re.fullmatch(KEY, mark.key) else None


def takes_several(field: forms.Field) -> bool:
    return isinstance(field, (forms.MultipleChoiceField, forms.ModelMultipleChoiceField))


def _may_hold(field: forms.Field) -> str | list[str]:
    if isinstance(field, forms.BooleanField):
        return ["on"]
    if isinstance(field, forms.DateField):
        return "day"
    if isinstance(field, forms.IntegerField):
        largest = [rule.limit_value for rule in field.validators if isinstance(rule, MaxValueValidator)]
        return f"number {min(largest)}" if largest else "number"
    if isinstance(field, forms.UUIDField):
        return "entry"
    if isinstance(field, forms.ChoiceField):
        # The rows behind a choice are not asked for once more.
        return "row" if isinstance(field.choices, ModelChoiceIterator) else list(_values(field.choices))
    if isinstance(field.widget, forms.HiddenInput):
        # Nobody types into it: it holds what the page gave it, never what was sent.
        return [str(field.initial or "")]
    return WORDS


def _values(choices: Iterable[tuple[object, object]]) -> Iterator[str]:
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from _values(label)
        else:
            yield str(value)
