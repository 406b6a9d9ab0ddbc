"""Who may open a page: the decorator above a view is the permission table."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from pik.models import AccessRecord, Membership, User

View = Callable[..., HttpResponse]


def _only(*roles: Membership.Role) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            membership = request.user.membership
            if membership is None or membership.role not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


manager_only = _only(Membership.Role.MANAGER)
coordinator_only = _only(Membership.Role.COORDINATOR)
manager_or_coordinator = _only(Membership.Role.MANAGER, Membership.Role.COORDINATOR)
ministry_only = _only(Membership.Role.MINISTRY)
overseer_only = _only(Membership.Role.MINISTRY, Membership.Role.AUDITOR)
coordinator_or_overseer = _only(Membership.Role.COORDINATOR, Membership.Role.MINISTRY, Membership.Role.AUDITOR)
coordinator_or_auditor = _only(Membership.Role.COORDINATOR, Membership.Role.AUDITOR)
any_role = _only(*Membership.Role)


def log_export(*, user: User, subject: str, organisation_id: int | None) -> AccessRecord:
    """Records that `user` drew the export `subject` about an organisation (None: the whole state)."""
    return AccessRecord.objects.create(
        user=user, organisation_id=organisation_id, action=AccessRecord.Action.EXPORT, subject=subject
    )


def log_case_read(*, user: User, code: str, organisation_id: int, sent: bool) -> None:
    """Records that `user`, who is not responsible for it, read the case `code` of an organisation.

    A form that is `sent` was shown before and noted then, as was the page around a picture: no line of their own.
    """
    _log_read(user, code, organisation_id, sent)


def log_handover_list(*, user: User, person: User, organisation_id: int, sent: bool) -> None:
    """Records that `user` opened the list of codes of `person` from which cases are picked for a hand-over.

    For a form that is `sent` as `log_case_read`.
    """
    _log_read(user, "handover list", organisation_id, sent, person)


def log_proof_read(*, user: User, person: User, year: int, organisation_id: int) -> AccessRecord:
    """Records that `user` read the figures of one person that the proof of use of a year needs."""
    return AccessRecord.objects.create(
        user=user,
        organisation_id=organisation_id,
        action=AccessRecord.Action.PROOF_READ,
        person=person,
        subject=f"proof of use {year}",
    )


def _log_read(user: User, subject: str, organisation_id: int, sent: bool, person: User | None = None) -> None:
    what = {
        "user": user,
        "organisation_id": organisation_id,
        "action": AccessRecord.Action.CASE_READ,
        "subject": subject,
        "person": person,
    }
    if not (sent and AccessRecord.objects.noted_lately(**what)):
        AccessRecord.objects.create(**what)
