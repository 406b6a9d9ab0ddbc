"""Transferring cases: to another municipality, and to another organisation that accepts them."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.days import refuse_too_far
from casework.models import Case, Manager, Relocation, Transfer
from casework.models.transfers import DeclineReason, TransferState
from casework.services import figures
from casework.services.cases import deleted, locked_open
from pik.days import refuse_before, refuse_future
from pik.integrity import Message, refusals
from pik.models import Measure, Municipality, Organisation, User

# Organisation and responsible manager change in one statement: the database refuses either of them alone, because for
# a moment somebody would answer for the case who does not work for its organisation. What was planned for days to come
# was planned by the giving side.
_MOVE = """
WITH moved AS (
    UPDATE casework_case SET organisation_id = %(receiver)s, municipality_id = %(municipality)s, last_used_at = now(),
        version = version + 1
    WHERE id = %(case)s
), planned AS (
    DELETE FROM casework_responsibility WHERE case_id = %(case)s AND starts_on > %(today)s
)
INSERT INTO casework_responsibility (case_id, manager_id, starts_on) VALUES (%(case)s, %(manager)s, %(today)s)
ON CONFLICT (case_id, starts_on) DO UPDATE SET manager_id = excluded.manager_id, handover_id = NULL
"""


def relocate_case(*, case: Case, municipality: Municipality, starts_on: date) -> Case:
    """From a day on the case belongs to another municipality of the same organisation; the days before count as before.

    Raises ValidationError, naming the field, for the place where the case is, a day not yet come or not after the
    opening, or one that is not after the last move.
    """
    with refusals({}):
        case = locked_open(case)
        if municipality.pk == case.municipality_id:
            raise ValidationError({"municipality": _("The case is there already. Choose another municipality.")})
        refuse_future(starts_on=starts_on)
        last = case.relocations.order_by("-starts_on").values_list("starts_on", flat=True).first()
        earliest = max(case.opened_on, last) if last else case.opened_on
        if starts_on <= earliest:
            message = _("Enter a day after %(day)s: from then on the case belongs to the present municipality.")
            raise ValidationError({"starts_on": message % {"day": _written(earliest)}})
        Relocation.objects.create(case=case, left_id=case.municipality_id, starts_on=starts_on)
        case.municipality, case.last_used_at = municipality, timezone.now()
        case.version += 1
        case.save(update_fields=["municipality", "last_used_at", "version"])
        figures.refresh_soon()
    return case


def offer_transfer(
    *,
    case: Case,
    manager: Manager,
    receiver: Organisation,
    municipality: Municipality,
    reason: str,
    starts_on: date,
) -> Transfer:
    """Offers a case for which `manager` answers to another organisation, which may accept it from a day on.

    Raises ValidationError, naming the field, for a closed case, one that is offered already or answered for by
    somebody else, the own organisation, or a day that is over.
    """
    refuse_over(starts_on=starts_on)
    with refusals(_refused()):
        case = locked_open(case)
        if case.responsible.pk != manager.pk:
            raise ValidationError(_("Somebody else answers for this case. Only that person can offer it."))
        transfer = Transfer(
            case=case,
            organisation_id=manager.organisation_id,
            offered_by=manager,
            receiver=receiver,
            municipality=municipality,
            reason=reason,
            starts_on=starts_on,
        )
        transfer.full_clean(validate_constraints=False)
        transfer.save()
    return transfer


def refuse_over(**days: date | None) -> None:
    """Raises ValidationError at each of the named days that is over, or until which no case lasts."""
    refuse_before(timezone.localdate(), _("This day is over. Enter today or a later day."), **days)
    refuse_too_far(**days)


def accept_transfer(*, transfer: Transfer, manager: Manager, accepted_by: User) -> Transfer:
    """`manager` of the receiving organisation answers for the case from today on; the giving side sees it no more.

    Raises ValidationError when the offer was decided or withdrawn in the meantime, its day has not come, or the person
    fills no post of the case's measure or is about to leave. Nothing is changed then.
    """
    with refusals(_refused()):
        # Hand-overs of the giving side lock the same row: a case is not passed on by two hands at once.
        Organisation.objects.select_for_update(no_key=True).get(pk=transfer.organisation_id)
        case, transfer = _locked_offer(transfer)
        if not case.is_open:
            raise ValidationError(_("This case was closed in the meantime. Decline the offer."))
        if transfer.is_early:
            message = _("This case is offered from %(day)s on. Accept it on that day or later.")
            raise ValidationError(message % {"day": _written(transfer.starts_on)})
        if not manager.measures(Measure.Profile.CASES).filter(pk=case.measure_id).exists():
            message = _("%(name)s fills no post of this measure today. Choose somebody who does.")
            raise ValidationError({"manager": message % {"name": manager.user.name}})
        today = timezone.localdate()
        if transfer.municipality_id != case.municipality_id:
            Relocation.objects.get_or_create(case=case, starts_on=today, defaults={"left_id": case.municipality_id})
        values = {"case": case.pk, "receiver": transfer.receiver_id, "municipality": transfer.municipality_id}
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, {**values, "manager": manager.pk, "today": today})
        _decide(transfer, TransferState.ACCEPTED, accepted_by, manager=manager)
        figures.refresh_soon()
    return transfer


def decline_transfer(*, transfer: Transfer, reason: str, declined_by: User) -> Transfer:
    """The receiving organisation does not take the case; ValidationError when the offer is no longer open."""
    if reason not in DeclineReason.values:
        raise ValidationError({"reason": _("Choose one of the reasons.")})
    with refusals({}):
        _case, transfer = _locked_offer(transfer)
        return _decide(transfer, TransferState.DECLINED, declined_by, decline_reason=reason)


def withdraw_transfer(*, transfer: Transfer, withdrawn_by: User) -> Transfer:
    """The giving side keeps the case after all; ValidationError when the offer is no longer open."""
    with refusals({}):
        _case, transfer = _locked_offer(transfer)
        return _decide(transfer, TransferState.WITHDRAWN, withdrawn_by)


def _locked_offer(transfer: Transfer) -> tuple[Case, Transfer]:
    """Case and offer, in this order for everybody, so that of two who decide at once the second sees the first."""
    case = Case.objects.select_for_update().filter(pk=transfer.case_id).first()
    if case is None:
        raise ValidationError(deleted())
    transfer = Transfer.objects.select_for_update(of=("self",)).select_related("receiver").get(pk=transfer.pk)
    if not transfer.is_waiting:
        message = {
            TransferState.ACCEPTED: _("This offer was accepted on %(day)s. Nothing was changed."),
            TransferState.DECLINED: _("This offer was declined on %(day)s. Nothing was changed."),
            TransferState.WITHDRAWN: _("This offer was withdrawn on %(day)s. Nothing was changed."),
        }[TransferState(transfer.state)]
        raise ValidationError(message % {"day": _written(transfer.decided_on)})
    return case, transfer


def _decide(transfer: Transfer, state: str, by: User, **values: object) -> Transfer:
    transfer.state, transfer.decided_by, transfer.decided_at = state, by, timezone.now()
    for name, value in values.items():
        setattr(transfer, name, value)
    transfer.save(update_fields=["state", "decided_by", "decided_at", *values])
    return transfer


def _written(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def _refused() -> dict[str, tuple[str | None, Message]]:
    return {
        "transfer_one_offer_a_case": (
            None,
            _("This case is offered already. Withdraw that offer before you make another one."),
        ),
        "transfer_to_another": (
            "receiver",
            _("The case belongs to this organisation already. Choose another one, or only change the municipality."),
        ),
        "transfer_accepted_where_it_was_offered": (
            "manager",
            _("This person does not work for the organisation to which the case is offered. Choose somebody else."),
        ),
        "case_has_responsible_manager": (
            "manager",
            _("This person does not work here for good. Choose somebody who stays."),
        ),
    }
