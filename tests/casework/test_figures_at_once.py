"""Refreshes that meet each other, new entries, or their end: nothing is lost and nothing is half done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from casework.models import Case, FigureChange, Manager, MonthlyFigure
from casework.services import figures
from casework.services.figures import reconcile_month, refresh_changed_figures
from pik.months import add_months, month_of
from tests.casework.slow_count import counted_slowly, noted, stored
from tests.database import app_session, sessions_waiting_for, side_by_side
from tests.factories import make_case, make_contact

pytestmark = pytest.mark.django_db(transaction=True)
TODAY, DAY = timezone.localdate(), timedelta(days=1)
THIS = month_of(TODAY)
LAST = add_months(THIS, -1)


@contextmanager
def figures_held() -> Iterator[psycopg.Connection]:
    """Another session holds all figures, so that a refresh stops in its middle: notes taken, nothing written yet."""
    with app_session() as session:
        session.execute("SELECT 1 FROM casework_monthlyfigure FOR UPDATE")
        yield session


def _a_life() -> Manager:
    """A manager whose figures of last month are made, and one contact more that they do not know yet."""
    case = make_case(opened_on=LAST)
    make_contact(case=case, date=LAST)
    refresh_changed_figures()
    make_contact(case=case, date=LAST + DAY)
    return case.opened_by


def _contacts(manager: Manager) -> int:
    return MonthlyFigure.objects.get(manager=manager, month=LAST).contacts


def test_refresh_that_fails_in_the_middle_leaves_old_figures_and_notes(monkeypatch):
    manager = _a_life()
    before, notes = stored(), noted()
    refresh = figures._refresh

    def refresh_and_fail(*args: object) -> None:
        refresh(*args)
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(figures, "_refresh", refresh_and_fail)
        with pytest.raises(RuntimeError):
            refresh_changed_figures()

    assert (stored(), noted()) == (before, notes)
    assert _contacts(manager) == 1
    refresh_changed_figures()
    assert (_contacts(manager), noted()) == (2, set())


def test_refresh_that_is_killed_in_the_middle_leaves_old_figures_and_notes():
    manager = _a_life()
    before, notes = stored(), noted()

    with figures_held() as session:

        def kill() -> None:
            (refreshing,) = sessions_waiting_for(session)
            session.execute("SELECT pg_terminate_backend(%s)", [refreshing])

        ended, killed = side_by_side(refresh_changed_figures, kill)

    assert (type(ended), killed) == (OperationalError, None)
    assert notes != set()
    assert (stored(), noted()) == (before, notes)
    refresh_changed_figures()
    assert (_contacts(manager), noted()) == (2, set())


def test_two_refreshes_at_once_give_the_right_figures():
    manager = _a_life()

    with app_session() as session:
        session.execute(figures.LOCK)

        def release() -> None:
            sessions_waiting_for(session, 2)
            session.commit()

        *changed, released = side_by_side(refresh_changed_figures, refresh_changed_figures, release)

    assert (sorted(changed), released) == ([0, 1], None)
    assert stored() == counted_slowly()
    assert _contacts(manager) == 2


def test_refresh_and_reconcile_at_once_give_the_right_figures():
    manager = _a_life()

    changed = side_by_side(refresh_changed_figures, lambda: reconcile_month(LAST))

    assert sorted(changed) == [0, 1]
    assert stored() == counted_slowly()
    assert _contacts(manager) == 2


def test_contact_recorded_while_a_refresh_runs_is_not_lost():
    manager = _a_life()
    case = Case.objects.get(opened_by=manager)

    with figures_held() as session:

        def record_meanwhile() -> None:
            sessions_waiting_for(session)
            make_contact(case=case, date=LAST + 2 * DAY)
            session.commit()

        changed, recorded = side_by_side(refresh_changed_figures, record_meanwhile)

    assert (changed, recorded) == (1, None)
    assert _contacts(manager) == 2
    assert noted() == {(manager.pk, LAST, LAST)}
    refresh_changed_figures()
    assert (_contacts(manager), noted()) == (3, set())


def test_contact_that_is_not_committed_yet_is_counted_by_the_next_refresh():
    manager = _a_life()
    case = Case.objects.get(opened_by=manager)

    with transaction.atomic():
        make_contact(case=case, date=LAST + 2 * DAY)
        (changed,) = side_by_side(refresh_changed_figures)

    assert (changed, _contacts(manager)) == (1, 2)
    assert FigureChange.objects.count() == 1
    refresh_changed_figures()
    assert _contacts(manager) == 3
