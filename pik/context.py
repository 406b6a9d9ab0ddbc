"""What the frame around every page shows."""

from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from pik.models import Membership
from pik.navigation import BELONGS, entries_of


@dataclass(frozen=True)
class Frame:
    """Header and navigation: who is here, in which role, for which organisation."""

    local_mode: bool
    user_name: str = ""
    email: str = ""
    # The person and the membership in which they act, as `session_state` says it.
    who: str = ""
    role: str = ""
    organisation: str = ""
    nav: list[dict[str, object]] = field(default_factory=list)
    others: list[dict[str, object]] = field(default_factory=list)


def frame(request: HttpRequest) -> dict[str, Frame]:
    """The frame for templates; it costs no query beyond those of the access check."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"frame": Frame(local_mode=settings.LOCAL_MODE)}
    membership = user.membership
    if membership is None:
        return {"frame": Frame(local_mode=settings.LOCAL_MODE, user_name=user.name)}
    return {
        "frame": Frame(
            local_mode=settings.LOCAL_MODE,
            user_name=user.name,
            email=user.email,
            who=f"{user.pk}-{membership.pk}",
            role=membership.get_role_display(),
            organisation=membership.organisation.name,
            nav=_entries(request.path, membership),
            others=[
                {"id": other.pk, "role": other.get_role_display(), "organisation": other.organisation.name}
                for other in user.active_memberships
                if other.pk != membership.pk
            ],
        )
    }


def _entries(path: str, membership: Membership) -> list[dict[str, object]]:
    entries = [(label, reverse(name)) for label, name in entries_of(membership)]
    homes = next((names for page, names in BELONGS.items() if path == reverse(page)), ())
    home = next((url for _, url in entries if url in map(reverse, homes)), None)
    # The longest address that the page lies under is the current one: "casework/" is above "casework/cases/".
    current = home or max((url for _, url in entries if path.startswith(url)), key=len, default=None)
    return [{"label": label, "url": url, "current": url == current} for label, url in entries]
