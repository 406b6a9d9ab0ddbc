"""What a leaving ended, in words, and what taking it back would bring about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.models import Leaving, LeavingEffect, Manager, Post
from casework.models.leavings import EffectKind, ending_on
from casework.personnel import is_own
from casework.services.withdrawals import Withdrawal, can_be_taken_back
from pik.models import Membership, User
from pik.templatetags.figures import fte as written_fte


def effect_words(effect: LeavingEffect) -> str:
    """A booking, absence or deputyship as it was, exactly enough to enter it anew; never why somebody is absent."""
    words = {"first": _written(effect.starts_on)}
    period = _("from %(first)s") % words
    if effect.ends_on:
        period = _("%(first)s to %(last)s") % {**words, "last": _written(effect.ends_on)}
    if effect.kind == EffectKind.ABSENCE:
        return _("absence, %(period)s") % {"period": period}
    if effect.kind == EffectKind.BOOKING:
        words = {"post": effect.post.label, "fte": written_fte(effect.fte), "period": period}
        return _("booking on post %(post)s (%(fte)s FTE, %(period)s)") % words
    words = {"name": effect.colleague.user.name, "period": period}
    if effect.kind == EffectKind.DEPUTY:
        return _("deputyship of %(name)s, %(period)s") % words
    return _("deputyship for %(name)s, %(period)s") % words


def shown_to(reader: User, manager: Manager, effects: Iterable[LeavingEffect]) -> list[LeavingEffect]:
    """Those that `reader` may know: absences and deputyships are for the employer's own coordinators only."""
    own = is_own(manager, reader)
    return [effect for effect in effects if own or effect.kind == EffectKind.BOOKING]


def leaving_sentences(leaving: Leaving, *, reader: User) -> list[str]:
    """What ends on the last day, and what was taken back because it would have begun later."""
    effects = leaving.effects.select_related("leaving", "post", "colleague__user").order_by("pk")
    shown = shown_to(reader, leaving.manager, effects)
    ended, day = [effect for effect in shown if effect.had_begun], _written(leaving.last_day)
    return [
        *_sentence(_("Ends on %(day)s: %(rows)s."), ended, day=day),
        *_sentence(
            _("Taken back, because it would have begun later: %(rows)s."),
            [effect for effect in shown if not effect.had_begun],
        ),
    ]


def withdrawal_sentences(withdrawal: Withdrawal, manager: Manager, *, reader: User) -> list[str]:
    """What came back with the person who stays, what did not, and what became of the employment elsewhere."""
    sentences = [
        *_sentence(_("As before: %(rows)s."), shown_to(reader, manager, withdrawal.restored)),
        *_sentence(
            _("Not brought back, because it was changed or something else was planned since: %(rows)s. Enter it anew."),
            shown_to(reader, manager, withdrawal.lost),
        ),
    ]
    if withdrawal.moved_to:
        message = _("The employment with %(employer)s from %(first)s is taken back as well.")
        if withdrawal.moved_to_stays:
            message = _(
                "The employment with %(employer)s from %(first)s stays, because it has begun or something is planned "
                "there. Have the coordinators there take it back."
            )
        words = {"employer": withdrawal.moved_to.organisation.name, "first": _written(withdrawal.moved_to.starts_on)}
        sentences.append(message % words)
    return sentences


@dataclass(frozen=True)
class AnnouncedLeaving:
    """A leaving that has not come, with what taking it back would bring about."""

    day: date
    # False for one that was loaded in bulk: nobody knows how it was before.
    recorded: bool
    effects: list[LeavingEffect]
    # Keys of the posts among them whose page the reader may open.
    openable: set[int]
    moved_to: Membership | None
    moved_to_stays: bool

    def lines(self) -> list[tuple[str, int | None]]:
        """Each effect in words, with the key of the post to which it leads."""
        posts = (effect.post_id if effect.post_id in self.openable else None for effect in self.effects)
        return list(zip(map(effect_words, self.effects), posts, strict=True))


def announced_leaving(manager: Manager, *, reader: User) -> AnnouncedLeaving | None:
    """The leaving of a manager, who comes from `for_register`; None without one to take back."""
    day = manager.employed_until
    if day is None or day < timezone.localdate():
        return None
    leaving = Leaving.objects.of(manager)
    if leaving:
        effects = leaving.effects.select_related("leaving", "post", "colleague__user").order_by("pk")
    else:
        effects = ending_on(Leaving(manager=manager, last_day=day))
    shown = shown_to(reader, manager, effects)
    moved_to = leaving.moved_to if leaving else None
    return AnnouncedLeaving(
        day=day,
        recorded=leaving is not None,
        effects=shown,
        openable=Post.objects.visible_to(reader).ids_among(shown),
        moved_to=moved_to,
        moved_to_stays=moved_to is not None and not can_be_taken_back(moved_to),
    )


def _sentence(words: str, effects: Iterable[LeavingEffect], **others: str) -> list[str]:
    rows = "; ".join(effect_words(effect) for effect in effects)
    return [words % {"rows": rows, **others}] if rows else []


def _written(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
