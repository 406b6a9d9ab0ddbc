"""Form of an assessment: ten groups of levels on one page."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.domains import NOT_APPLICABLE, Domain
from casework.forms.case_file import helper, past_day
from casework.models import Assessment, Case
from casework.services.assessments import check_assessed, require_a_level
from pik.conflicts import version_field
from pik.forms import Form


def _choices(domain: Domain) -> list[tuple[str, object]]:
    levels = [(str(level), f"{level} – {words}") for level, words in domain.levels.items()]
    absent = [(str(NOT_APPLICABLE), _("does not apply"))] if domain.may_not_apply else []
    return [*levels, *absent, ("", _("not asked"))]


def _level_in(assessment: Assessment, domain: Domain) -> str:
    level = getattr(assessment, domain)
    words = dict(_choices(domain))["" if level is None else str(level)]
    return gettext("Last time: %(words)s") % {"words": words}


class AssessmentForm(Form):
    """The day and a level in each domain that was asked for; everything else stays "not asked"."""

    version = version_field()

    def __init__(
        self,
        *args: object,
        case: Case,
        assessment: Assessment | None = None,
        last: Assessment | None = None,
        **kwargs: object,
    ) -> None:
        """`last` is what the new levels are compared with: each domain says what it was then."""
        if assessment:
            levels = {domain.value: getattr(assessment, domain) for domain in Domain}
            kwargs["initial"] = {"assessed_on": assessment.assessed_on, "version": assessment.version, **levels}
        super().__init__(*args, **kwargs)
        self.case = case
        self.fields["assessed_on"] = past_day(_("Assessed on"))
        for domain in Domain:
            field = forms.TypedChoiceField(
                label=domain.label,
                choices=_choices(domain),
                coerce=int,
                empty_value=None,
                required=False,
                help_text=_level_in(last, domain) if last else "",
                widget=forms.RadioSelect,
            )
            self.fields[domain.value] = field
            if self.initial.get(domain.value) is None:
                self.initial[domain.value] = ""
        self.helper = helper("version", "assessed_on", *Domain.values)
        # The page says once for all domains what may stay empty.
        self.helper.unmarked = True

    def clean(self) -> dict[str, object]:
        data = super().clean()
        self.ask(check_assessed, self.case, assessed_on=data.get("assessed_on"))
        if not set(Domain.values) & set(self.errors):
            self.ask(require_a_level, {domain.value: data[domain.value] for domain in Domain})
        return data

    @property
    def entered(self) -> dict[str, object]:
        """The day and the levels by domain."""
        levels = {domain.value: self.cleaned_data[domain.value] for domain in Domain}
        return {"assessed_on": self.cleaned_data["assessed_on"], "levels": levels}
