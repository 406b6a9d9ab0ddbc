"""Two Kreise with one person for every role: the readers against whom every `visible_to` is held."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Model, QuerySet
from django.utils import timezone

from casework.models import Manager
from pik.models import Organisation, User
from tests.factories import end_employment, make_manager, make_member, make_membership, make_organisation, make_user


@dataclass
class Scene:
    """The own body is a Gemeinde, its neighbour the Kreis around it; `foreign` is another Kreis."""

    own: Organisation
    neighbour: Organisation
    foreign: Organisation
    readers: dict[str, User] = field(default_factory=dict)

    def seen(self, rows: Mapping[str, Model], model: type[Model] | None = None) -> dict[str, set[str]]:
        """Which of the named rows each reader finds in the model's `visible_to`; other rows do not count."""
        names = {row.pk: name for name, row in rows.items()}
        model = model or type(next(iter(rows.values())))
        return {
            reader: {names[row.pk] for row in _visible(model, user) if row.pk in names}
            for reader, user in self.readers.items()
        }

    def managers(self, measure: str = "im") -> dict[str, Manager]:
        """The manager who reads, and one more in each of the three bodies."""
        return {
            "mine": self.readers["manager"].managers.get(),
            "colleague": make_manager(organisation=self.own, measure=measure),
            "neighbour": make_manager(organisation=self.neighbour, measure=measure),
            "foreign": make_manager(organisation=self.foreign, measure=measure),
        }


def _visible(model: type[Model], user: User) -> QuerySet:
    return model.objects.visible_to(user)


def make_scene(measure: str = "im") -> Scene:
    """Readers of all kinds, among them one without membership, one whose membership is over, one of unknown role."""
    neighbour = make_organisation(kind="district")
    own = make_organisation(kind="municipality", district=neighbour.district)
    scene = Scene(own, neighbour, make_organisation(kind="district"))
    yesterday = timezone.localdate() - timedelta(days=1)
    manager = make_manager(organisation=own, measure=measure)
    expired = make_manager(organisation=own, measure=measure)
    end_employment(expired, yesterday)
    unknown = make_membership(organisation=own, role="coordinator").user
    scene.readers = {
        "nobody": make_user(),
        "expired": expired.user,
        "unknown role": unknown,
        "manager": manager.user,
        "foreign manager": make_manager(organisation=scene.foreign, measure=measure).user,
        "coordinator": make_member("coordinator", own),
        "Kreis coordinator": make_member("coordinator", neighbour),
        "foreign coordinator": make_member("coordinator", scene.foreign),
        "ministry": make_member("ministry"),
        "auditor": make_member("auditor"),
    }
    # As they come with a request: nothing read before.
    scene.readers = {name: User.objects.get(pk=user.pk) for name, user in scene.readers.items()}
    # The database knows no other role; this is what code would meet if it ever did.
    for membership in scene.readers["unknown role"].active_memberships:
        membership.role = "stranger"
    return scene
