"""Forms of a goal with its steps, and of its end."""

from collections.abc import Sequence

from crispy_forms.layout import Fieldset, Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from casework.domains import Domain
from casework.forms.case_file import helper, past_day
from casework.forms.cases import EMPTY
from casework.guard import NOTE_LENGTH, no_personal_data
from casework.models import Goal, Step
from casework.models.goals import Doer, DropReason, Outcome
from casework.services.goals import StepEntry
from pik.days import day_field

# Empty rows below the steps that are there.
SPARE_STEPS = 3


def _words(label: str, **options: object) -> forms.CharField:
    return forms.CharField(label=label, max_length=NOTE_LENGTH, validators=[no_personal_data], **options)


class GoalForm(forms.Form):
    """A goal and its steps in one; a step whose words are emptied goes."""

    domain = forms.ChoiceField(label=_("Domain"), choices=[*EMPTY, *Domain.choices])
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, goal: Goal | None = None, steps: Sequence[Step] = (), **kwargs: object) -> None:
        if goal:
            kwargs["initial"] = {name: getattr(goal, name) for name in ("domain", "words", "due_on", "version")}
        super().__init__(*args, **kwargs)
        self.fields["words"] = _words(
            _("Goal"), help_text=_("At most 280 characters, no names: write for instance “the mother”.")
        )
        self.fields["due_on"] = day_field(_("Due on"), required=False)
        self.steps = list(steps)
        self.rows = range(len(self.steps) + SPARE_STEPS)
        for row in self.rows:
            self._add_step(row, self.steps[row] if row < len(self.steps) else None)
        self.helper = helper(Row("domain", "due_on"), "words", "version", *map(self._layout, self.rows))

    def _add_step(self, row: int, step: Step | None) -> None:
        prefix = f"step{row}"
        self.fields[f"{prefix}_words"] = _words(_("What"), required=False)
        self.fields[f"{prefix}_doer"] = forms.ChoiceField(
            label=_("Who"), choices=[*EMPTY, *Doer.choices], required=False
        )
        self.fields[f"{prefix}_due_on"] = day_field(_("Due on"), required=False)
        self.fields[f"{prefix}_done_on"] = day_field(_("Done on"), required=False)
        for name in ("words", "doer", "due_on", "done_on") if step else ():
            self.initial[f"{prefix}_{name}"] = getattr(step, name)

    def _layout(self, row: int) -> Layout:
        names = [f"step{row}_{name}" for name in ("doer", "due_on", "done_on")]
        return Fieldset(_("Step %(number)d") % {"number": row + 1}, f"step{row}_words", Row(*names))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        for row in self.rows:
            words, rest = data.get(f"step{row}_words"), [data.get(f"step{row}_{name}") for name in ("doer", "due_on")]
            if words and not rest[0] and f"step{row}_doer" not in self.errors:
                self.add_error(f"step{row}_doer", _("Choose who does it."))
            if any(rest) and not words and row >= len(self.steps) and f"step{row}_words" not in self.errors:
                self.add_error(f"step{row}_words", _("Write what is to be done, or empty the whole row."))
        return data

    @property
    def entered(self) -> dict[str, object]:
        """The goal as it was entered, with the steps that have words."""
        data = self.cleaned_data
        steps = [
            StepEntry(
                *(data[f"step{row}_{name}"] for name in ("words", "doer", "due_on", "done_on")),
                pk=self.steps[row].pk if row < len(self.steps) else None,
            )
            for row in self.rows
            if data[f"step{row}_words"]
        ]
        return {**{name: data[name] for name in ("domain", "words", "due_on")}, "steps": steps}


class EndGoalForm(forms.Form):
    """What became of a goal."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices, widget=forms.RadioSelect)
    drop_reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[*EMPTY, *DropReason.choices],
        required=False,
        help_text=_("Only for a goal that was dropped."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome_on"] = past_day(_("Ended on"))
        self.helper = helper("outcome", Row("drop_reason", "outcome_on"))
