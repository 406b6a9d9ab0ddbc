"""Who drew or read what, so that the organisation concerned can see it."""

import re
from datetime import date, timedelta
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Func, OuterRef, Subquery, Value
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from pik.models.organisations import Organisation
from pik.models.people import User
from pik.models.places import District

# Where the code of a case stood that has been deleted.
FORGOTTEN = "deleted case"
# What the first words of a subject say to people; a subject that begins with none of them is shown as it is.
_SUBJECTS = {
    "summaries": _("Monthly summaries"),
    "ledger": _("Ledger"),
    "districts": _("Districts"),
    "municipalities": _("Municipalities"),
    "months": _("Months"),
    "staffing-lines": _("Staffing by district or organisation"),
    "staffing-posts": _("Staffing by post"),
    "staffing-curve": _("FTE over time"),
    "quality-lines": _("Quality at a glance"),
    "quality-months": _("Quality by month"),
    "assessments": _("Assessments of a case"),
    "figures": _("Figures of one person, by that person"),
    "handover list": _("List of cases for a hand-over"),
    "proof of use": _("For the proof of use"),
    FORGOTTEN: _("A case that has been deleted since"),
}
# The key of a Kreis in a subject, as the database finds it.
_DISTRICT = r"\y08\d{3}\y"
# The table is written by `pik_forget_subjects` alone, and empty outside of it.
_KEPT_BUT_FOR_FORGOTTEN_SUBJECTS = """
IF TG_OP = 'UPDATE' THEN
  IF to_jsonb(NEW) - 'subject' = to_jsonb(OLD) - 'subject' AND EXISTS (
      SELECT FROM public.pik_forgottensubject f WHERE f.subject = OLD.subject AND f.instead = NEW.subject) THEN
    RETURN NEW;
  END IF;
END IF;
RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
"""


class AccessRecordQuerySet(models.QuerySet["AccessRecord"]):
    def visible_to(self, user: User) -> Self:
        """Auditors see every record; coordinators those that concern their organisation; others none."""
        membership = user.membership
        if membership is None:
            return self.none()
        if membership.role == membership.Role.AUDITOR:
            return self
        if membership.role == membership.Role.COORDINATOR:
            return self.filter(organisation_id=membership.organisation_id)
        return self.none()

    def noted_lately(self, **what: object) -> bool:
        """Whether the same person noted the same thing within a day, as happens before a form is sent."""
        return self.filter(at__gt=timezone.now() - timedelta(days=1), **what).exists()

    def for_log(self) -> Self:
        """The latest first, each with the name of the Kreis that its subject names (`district_name`)."""
        key = Func(OuterRef("subject"), Value(_DISTRICT), function="substring", output_field=models.CharField())
        named = District.objects.filter(ags=key).values("name_full")[:1]
        rows = self.select_related("user", "organisation", "person").annotate(district_name=Subquery(named))
        return rows.order_by("-at", "-pk")


class AccessRecord(models.Model):
    """One export, or one reading of a case or of a person's figures by somebody else. Written once, never changed.

    Only the code of a case that is deleted goes out of it (`pik_forget_subjects` in the database). The list of codes
    from which coordinators pick cases for a hand-over is one reading.
    """

    class Action(models.TextChoices):
        EXPORT = "export", _("Export")
        CASE_READ = "case_read", _("Case read")
        PROOF_READ = "proof_read", _("Figures of a person read")

    at = models.DateTimeField(_("time"), default=timezone.now, editable=False, db_index=True)
    user = models.ForeignKey(User, on_delete=models.RESTRICT, related_name="+")
    # The organisation whose data was drawn; empty for state-wide figures, which concern no single one.
    organisation = models.ForeignKey(Organisation, on_delete=models.RESTRICT, null=True, related_name="+")
    action = models.CharField(max_length=10, choices=Action.choices)
    # Whose figures or whose cases were read, where they are those of one person.
    person = models.ForeignKey(User, on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
    # The code of a case, the name of a list or of an export, never content.
    subject = models.CharField(max_length=100)

    objects = AccessRecordQuerySet.as_manager()

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="append_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_KEPT_BUT_FOR_FORGOTTEN_SUBJECTS,
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"

    @property
    def subject_in_words(self) -> str:
        """The subject in the reader's language: exports and lists by name, cases by code."""
        what = next((words for words in _SUBJECTS if f"{self.subject} ".startswith(f"{words} ")), None)
        if what is None:
            return self.subject
        rest = (self._in_words(word) for word in self.subject.removeprefix(what).split())
        return ", ".join([str(_SUBJECTS[what]), *filter(None, rest)])

    def _in_words(self, key: str) -> str:
        """A place or a month of an export; which organisation it was stands beside it."""
        if key == "baden-wuerttemberg":
            return "Baden-Württemberg"
        if re.fullmatch(r"organisation-\d+", key):
            return ""
        if re.fullmatch(r"08\d{3}", key):
            return getattr(self, "district_name", None) or key
        if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", key):
            return date_format(date.fromisoformat(f"{key}-01"), "YEAR_MONTH_FORMAT")
        return key
