"""Forms of a goal with its steps, and of its end."""

from collections.abc import Callable, Iterable
from itertools import count, islice, takewhile

from crispy_forms.layout import Fieldset, Layout, Row
from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.days import check_due
from casework.domains import Domain
from casework.forms.case_file import helper, past_day
from casework.forms.cases import EMPTY
from casework.forms.words import WordsField
from casework.guard import NOTE_LENGTH, no_number_in_parts
from casework.models import Case, Goal, Step
from casework.models.goals import Doer, DropReason, Outcome
from casework.services.goals import MOST_STEPS, StepEntry, check_done, check_end, refuse_too_many, require_reason
from pik.concealed import SHAPE, reveal
from pik.conflicts import version_field
from pik.days import day_field
from pik.entered_once import entry_key_field
from pik.forms import Form

# Empty rows below the steps that are there.
SPARE_STEPS = 3
STEP_FIELDS = ("words", "doer", "due_on", "done_on")


def _words(label: str, **options: object) -> WordsField:
    # Two rows, so that on a phone all of it can be read while it is written.
    return WordsField(label=label, most=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 2}), **options)


def _keys_in(data: QueryDict) -> list[str]:
    """The steps that the rows of a page were about, as the page named them."""

    def was_sent(row: int) -> bool:
        return any(f"step{row}_{name}" in data for name in STEP_FIELDS)

    # One more than can be stored is enough to say so; no page sends more.
    rows = islice(takewhile(was_sent, count()), MOST_STEPS + SPARE_STEPS + 1)
    return [data.get(f"step{row}_key", "") for row in rows]


class GoalForm(Form):
    """A goal and its steps in one; a step whose words are emptied goes.

    Each row names its step, so that what was typed stays with it when somebody adds or removes others meanwhile.
    """

    domain = forms.ChoiceField(label=_("Domain"), choices=[*EMPTY, *Domain.choices])
    version = version_field()
    entry_key = entry_key_field()

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        case: Case,
        goal: Goal | None = None,
        steps: Iterable[Step] = (),
        **kwargs: object,
    ) -> None:
        if goal:
            kwargs["initial"] = {name: getattr(goal, name) for name in ("domain", "words", "due_on", "version")}
        super().__init__(data, **kwargs)
        self.case = case
        self.is_new = goal is None
        hidden, unused = ("version", "entry_key") if goal else ("entry_key", "version")
        del self.fields[unused]
        self.fields["words"] = _words(
            _("Goal"),
            help_text=_("At most 280 characters, no names: write for instance “the mother”."),
            error_messages={"required": _("Write what is to be reached.")},
        )
        self.fields["due_on"] = day_field(_("Due on"), required=False)
        stored = {step.key: step for step in steps}
        keys = [*stored, *[""] * SPARE_STEPS] if data is None else _keys_in(data)
        # The step of each row; None for a new one and for one that is gone.
        self.steps = [stored.get(key) for key in keys]
        self.rows = range(len(keys))
        for row in self.rows:
            self._add_step(row)
        self.helper = helper(Row("domain", "due_on"), "words", hidden, *map(self._layout, self.rows))

    def _add_step(self, row: int) -> None:
        prefix, step = f"step{row}", self.steps[row]
        self.fields[f"{prefix}_key"] = forms.RegexField(
            rf"^{SHAPE}$", required=False, initial=step.key if step else "", widget=forms.HiddenInput
        )
        self.fields[f"{prefix}_words"] = _words(_("What"), required=False)
        self.fields[f"{prefix}_doer"] = forms.ChoiceField(
            label=_("Who"), choices=[*EMPTY, *Doer.choices], required=False
        )
        self.fields[f"{prefix}_due_on"] = day_field(_("Due on"), required=False)
        self.fields[f"{prefix}_done_on"] = day_field(_("Done on"), required=False)
        for name in STEP_FIELDS if step else ():
            self.initial[f"{prefix}_{name}"] = getattr(step, name)

    def _layout(self, row: int) -> Layout:
        names = [f"step{row}_{name}" for name in ("doer", "due_on", "done_on")]
        words = _("Step %(number)d") % {"number": row + 1}
        return Fieldset(words, f"step{row}_key", f"step{row}_words", Row(*names))

    def name_steps(self) -> None:
        """Says in each label of a step which one it is, for a page without groups."""
        for row in self.rows:
            for name in STEP_FIELDS:
                field = self.fields[f"step{row}_{name}"]
                field.label = self._name_in_step(row, field.label)

    def full_clean(self) -> None:
        """Checks everything; what is wrong in a step is listed under the name of the step."""
        super().full_clean()
        for row in self.rows if self.is_bound else ():
            for name in STEP_FIELDS:
                if (key := f"step{row}_{name}") in self.errors:
                    self[key].label = self._name_in_step(row, self.fields[key].label)

    def label_of(self, name: str) -> str:
        row = next((row for row in self.rows if name.startswith(f"step{row}_")), None)
        label = super().label_of(name)
        return label if row is None else self._name_in_step(row, label)

    @staticmethod
    def _name_in_step(row: int, label: str) -> str:
        return gettext("Step %(number)d: %(field)s") % {"number": row + 1, "field": label}

    def clean(self) -> dict[str, object]:
        data, today = super().clean(), timezone.localdate()
        if self.is_new and (data.get("due_on") or today) < today:
            self.add_error("due_on", _("This day has passed. Enter today or a later day, or leave the field empty."))
        else:
            self._ask_of_new_day(check_due, "due_on")
        self.ask(
            no_number_in_parts, [data.get(name, "") for name in ("words", *(f"step{row}_words" for row in self.rows))]
        )
        self.ask(refuse_too_many, sum(bool(data.get(f"step{row}_words")) for row in self.rows))
        for row in self.rows:
            self._ask_of_new_day(check_due, f"step{row}_due_on")
            self._ask_of_new_day(check_done, f"step{row}_done_on")
            words, rest = data.get(f"step{row}_words"), [data.get(f"step{row}_{name}") for name in ("doer", "due_on")]
            if words and not rest[0] and f"step{row}_doer" not in self.errors:
                self.add_error(f"step{row}_doer", _("Choose who does it."))
            if any(rest) and not words and not self.steps[row] and f"step{row}_words" not in self.errors:
                self.add_error(f"step{row}_words", _("Write what is to be done, or empty the whole row."))
        return data

    def _ask_of_new_day(self, rule: Callable[..., None], name: str) -> None:
        """Asks a rule of a day that somebody entered now; one that stays may be from before there was the rule."""
        if name in self.changed_data:
            self.ask(rule, self.case, **{name: self.cleaned_data.get(name)})

    @property
    def entered(self) -> dict[str, object]:
        """The goal as it was entered, with the steps that have words, and those whose words were emptied."""
        data = self.cleaned_data
        steps = [
            StepEntry(*(data[f"step{row}_{name}"] for name in STEP_FIELDS), pk=step.pk if step else None)
            for row, step in enumerate(self.steps)
            if step or data[f"step{row}_words"]
        ]
        return {**{name: data[name] for name in ("domain", "words", "due_on")}, "steps": steps}


class StepDoneForm(Form):
    """Which step was done today, and the goal as it was shown; a button sends it."""

    version = forms.IntegerField()
    step = forms.RegexField(SHAPE)

    def clean_step(self) -> int | None:
        return reveal("step", self.cleaned_data["step"])


class EndGoalForm(Form):
    """What became of a goal, in the version that was shown."""

    version = version_field()
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices, widget=forms.RadioSelect)
    drop_reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[*EMPTY, *DropReason.choices],
        required=False,
        help_text=_("Only for a goal that was dropped."),
    )

    def __init__(self, *args: object, goal: Goal, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.goal = goal
        self.fields["outcome_on"] = past_day(_("Ended on"))
        self.fields["version"].initial = goal.version
        self.helper = helper("version", "outcome", Row("drop_reason", "outcome_on"))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if "drop_reason" in data:
            self.ask(require_reason, outcome=data.get("outcome", ""), drop_reason=data["drop_reason"])
        self.ask(check_end, self.goal, outcome_on=data.get("outcome_on"))
        return data
