"""Form of a contact."""

from collections.abc import Collection, Iterator
from itertools import groupby
from urllib.parse import urlencode

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.codes import normalised
from casework.days import check_day, require_open_month
from casework.entry import REPEATED
from casework.forms.cases import code_piece
from casework.models import Case, ContactTemplate, ReferralTarget, Topic
from casework.models.contacts import LONGEST, SHORTEST, ContactChannel, ContactKind, Mediation, first_open_day
from casework.services.contacts import check_case_on, said_when_passed_on
from pik.conflicts import version_field
from pik.entered_once import entry_key_field
from pik.forms import Form, read_once

REPEAT = '{% include "casework/_entry_repeat.html" with form=form only %}'

# What stays of a contact as it was recorded when its case was passed on.
PASSED_ON = ("case", "date", "referral_target")
# Where the own cases stand among those of others.
OWN = (False, "")


class _CasesByWhose(ModelChoiceIterator):
    """The own cases first; those of people for whom one stands in follow under their names."""

    def __iter__(self) -> Iterator[tuple[object, object]]:
        yield "", self.field.empty_label
        cases = sorted(self.field.offered, key=self._whose)
        if all(self._whose(case) == OWN for case in cases):
            yield from map(self.choice, cases)
            return
        for (others, name), group in groupby(cases, key=self._whose):
            yield name if others else _("My own cases"), [self.choice(case) for case in group]

    @staticmethod
    def _whose(case: Case) -> tuple[bool, str]:
        return OWN if getattr(case, "is_own", True) else (True, case.responsible_name or "")


class CaseSelect(forms.Select):
    """A choice that keeps what was typed into it, also when that is no case."""

    template_name = "casework/_case_select.html"

    def optgroups(self, name: str, value: list[str], attrs: dict[str, object] | None = None) -> list[tuple]:
        groups = super().optgroups(name, value, attrs)
        typed = "".join(value)
        if typed and not any(option["selected"] for _name, options, _index in groups for option in options):
            option = self.create_option(name, typed, typed, selected=True, index=len(groups))
            option["is_typed"] = True
            groups.insert(1, (None, [option], len(groups)))
        return groups


class CaseChoiceField(forms.ModelChoiceField):
    """A case by its code; a script makes a field to type into of it, in the words given here."""

    iterator = _CasesByWhose
    widget = CaseSelect
    known: Case | None = None
    # The cases to offer, where the page has read them already.
    found: Collection[Case] | None = None

    @property
    def offered(self) -> Collection[Case]:
        """The cases that can be chosen."""
        return self.queryset if self.found is None else self.found

    def to_python(self, value: object) -> Case | None:
        """The case; one that was found for this person already is not asked for again, nor what is no code."""
        if self.known and value == self.known.code:
            return self.known
        code = normalised(str(value))
        if value and code is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(code)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        return {
            "data-picker": "",
            "data-picker-next": "id_minutes",
            "data-picker-hint": _("2–3 characters of the code, or the place"),
            "data-picker-found": _("Matches:"),
            "data-picker-none": _("No open case of yours fits."),
        }

    def label_from_instance(self, case: Case) -> str:
        # Where a case is by now that somebody else answers for is not for this page to say.
        if self.disabled:
            return case.code
        return f"{case.code} · {case.municipality.name}"


class ContactFilterForm(Form):
    """With which cases the contacts of the list were."""

    code = code_piece()

    def __init__(self, data: QueryDict) -> None:
        super().__init__({"code": data.get("code", "")})
        self.full_clean()
        self.code: str = self.cleaned_data.get("code", "")

    @property
    def query(self) -> str:
        """What the next page of the list needs to show the same."""
        return urlencode({"code": self.code}) if self.code else ""


class ContactForm(Form):
    """What is recorded of a contact; cases are limited to those the manager may choose."""

    date = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )
    case = CaseChoiceField(
        label=_("Case"),
        queryset=Case.objects.none(),
        to_field_name="code",
        empty_label=_("Choose a case"),
        error_messages={
            "required": _("Choose a case."),
            "invalid_choice": _(
                "None of your open cases has this code. Choose one from the list; a closed one can be reopened."
            ),
        },
    )
    entry_key = entry_key_field()
    version = version_field()
    topics = forms.ModelMultipleChoiceField(
        label=_("Topics"),
        queryset=Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one topic."),
            "invalid_choice": _("A topic is no longer in use. Choose from those that are shown."),
        },
    )

    minutes = forms.IntegerField(
        label=_("Duration"),
        min_value=SHORTEST,
        max_value=LONGEST,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Enter between 1 and 600 minutes.")
        ),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=ContactKind, initial=ContactKind.COUNSELLING)
    channel = forms.ChoiceField(label=_("Channel"), choices=ContactChannel, initial=ContactChannel.OFFICE)
    mediation = forms.ChoiceField(label=_("Language mediation"), choices=Mediation, initial=Mediation.NONE)
    referral_target = forms.ModelChoiceField(
        label=_("Referral to"), queryset=ReferralTarget.objects.none(), required=False, empty_label=_("no referral")
    )

    def __init__(
        self,
        *args: object,
        cases: QuerySet[Case],
        known: Case | None = None,
        found: Collection[Case] | None = None,
        passed_on: bool = False,
        templates: QuerySet[ContactTemplate] | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        # Without them (a correction) nothing is repeated either.
        self.templates = templates
        # The case like whose last contact the page shows the form, and which fields come from there and which do not.
        self.shown_for, self.own_labels, self.taken_labels = "", [], []
        # The template that filled the form in.
        self.filled = ""
        unused = "entry_key" if templates is None else "version"
        del self.fields[unused]
        today = timezone.localdate()
        self.fields["case"].queryset = cases
        self.fields["case"].known, self.fields["case"].found = known, found
        self.fields["topics"].queryset = Topic.objects.valid_on(today)
        read_once(self.fields["topics"])
        targets = ReferralTarget.objects
        self.fields["referral_target"].queryset = targets.all() if passed_on else targets.valid_on(today)
        # What stays as it was recorded while the case is with somebody else.
        for name in PASSED_ON if passed_on else ():
            self.fields[name].disabled = True
        self.fields["date"].widget.attrs |= {
            "min": first_open_day().isoformat(),
            "max": today.isoformat(),
            # Where a draft says otherwise, a script still knows it.
            "data-empty": str(self.get_initial_for_field(self.fields["date"], "date")),
        }
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            *(name for name in ("entry_key", "version") if name in self.fields),
            Row("case", "date"),
            *([] if templates is None else [HTML(REPEAT)]),
            Field("minutes", data_suffix=_("minutes")),
            "topics",
            Row("kind", "channel"),
            Row("mediation", "referral_target"),
        )

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if any(self._would_change(name) for name in PASSED_ON):
            self.add_error(None, said_when_passed_on())
        day, case = data.get("date"), data.get("case")
        stored = self.initial.get("date") if "version" in self.fields else None
        if stored and stored < first_open_day():
            self.ask(require_open_month, stored)
        elif day:
            self.ask(check_day, day)
        if case and day and "date" not in self.errors:
            self.ask(check_case_on, case, day)
        return data

    def _would_change(self, name: str) -> bool:
        """Whether the page was opened before the case was passed on, and says of this field what is not stored."""
        if not self.fields[name].disabled or name not in self.data:
            return False
        stored = self.fields[name].prepare_value(self.get_initial_for_field(self.fields[name], name))
        return self.data[name] != ("" if stored is None else str(stored))

    @property
    def own_entries(self) -> list[str]:
        """What was entered, chosen or filled in of all that stands in an empty form otherwise; case and day apart."""
        return [name for name in self.changed_data if name in (*REPEATED, "referral_target") and name in self.data]

    @property
    def shows_last_time(self) -> bool:
        """Whether the page showed the values of the last contact of the chosen case already."""
        code = normalised(self.data.get("case", ""))
        return code is not None and self.data.get("again") == code

    def show_last_time(self, own: Collection[str]) -> None:
        """Lets the page say what stayed as it was entered (`own`), what it took from the last contact, and ask."""
        self.shown_for = self.cleaned_data["case"].code
        self.own_labels = [str(self.fields[name].label) for name in self.fields if name in own]
        self.taken_labels = [
            str(self.fields[name].label) for name in self.fields if name in REPEATED and name not in own
        ]

    def show_filled_in(self, template: str, own: Collection[str]) -> None:
        """Lets the page say what stayed as it was entered when the template with this key filled the rest in."""
        self.filled = template
        self.own_labels = [str(self.fields[name].label) for name in self.fields if name in own]

    def refuse_again(self) -> None:
        """Says why nothing can be repeated, instead of what is still empty."""
        self.full_clean()
        wrong_case = self.errors.get("case")
        self.errors.clear()
        message = _("There is no contact with this case yet. Fill in the form once.")
        self.add_error("case", wrong_case.as_data() if wrong_case else message)
