"""Form of a contact."""

from collections.abc import Iterator
from itertools import groupby

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.codes import normalised
from casework.models import Case, ContactTemplate, ReferralTarget, Topic
from casework.models.contacts import LONGEST, SHORTEST, ContactChannel, ContactKind, Mediation, first_open_day
from pik.conflicts import version_field
from pik.entered_once import entry_key_field

REPEAT = '{% include "casework/_entry_repeat.html" with templates=form.templates only %}'


class _CasesByWhose(ModelChoiceIterator):
    """The own cases first; those of people for whom one stands in follow under their names."""

    def __iter__(self) -> Iterator[tuple[object, object]]:
        yield "", self.field.empty_label
        cases = sorted(self.queryset, key=self._whose)
        if all(case.is_own for case in cases):
            yield from map(self.choice, cases)
            return
        for (others, name), group in groupby(cases, key=self._whose):
            yield name if others else _("My own cases"), [self.choice(case) for case in group]

    @staticmethod
    def _whose(case: Case) -> tuple[bool, str]:
        return (False, "") if case.is_own else (True, case.responsible_name or "")


class CaseChoiceField(forms.ModelChoiceField):
    """A case by its code; a script makes a field to type into of it, in the words given here."""

    iterator = _CasesByWhose
    known: Case | None = None

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
        return f"{case.code} · {case.municipality.name}"


class ContactForm(forms.Form):
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
            "invalid_choice": _(
                "This is no open case of yours. Choose one from the list; a closed one can be reopened."
            )
        },
    )
    entry_key = entry_key_field()
    version = version_field()
    topics = forms.ModelMultipleChoiceField(
        label=_("Topics"),
        queryset=Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("A topic is no longer in use. Choose from those that are shown.")},
    )

    minutes = forms.IntegerField(
        label=_("Duration"),
        min_value=SHORTEST,
        max_value=LONGEST,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("Enter between 1 and 600 minutes.")),
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
        templates: QuerySet[ContactTemplate] | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        # Without them (a correction) nothing is repeated either.
        self.templates = templates
        unused = "entry_key" if templates is None else "version"
        del self.fields[unused]
        today = timezone.localdate()
        self.fields["case"].queryset = cases
        self.fields["case"].known = known
        self.fields["topics"].queryset = Topic.objects.valid_on(today)
        self.fields["referral_target"].queryset = ReferralTarget.objects.valid_on(today)
        self.fields["date"].widget.attrs |= {"min": first_open_day().isoformat(), "max": today.isoformat()}
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

    def refuse_again(self) -> None:
        """Says why nothing can be repeated, instead of what is still empty."""
        self.full_clean()
        self.errors.clear()
        self.add_error("case", _("There is no contact with this case yet. Fill in the form once."))
