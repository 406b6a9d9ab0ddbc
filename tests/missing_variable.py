"""What Django prints for a template variable that does not exist, made to fail the test instead."""

import inspect
from pathlib import Path

import pytest
from django.template.base import FilterExpression, Node

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
MEANT_TO_BE_ABSENT = {"default", "default_if_none"}


class MissingVariable(str):
    """Empty, as Django's own default; fails the test when the variable is missing in one of our own templates.

    A variable with a `default` filter may be absent: the template says so itself. Templates of other houses
    (Django, allauth) rely on silence.
    """

    __slots__ = ()
    # Changed by the marker `expects_missing_variable`.
    silent = False

    def __bool__(self) -> bool:
        return bool(self._place())

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, variable: object) -> str:
        pytest.fail(f"Undefined template variable '{variable}' in {self._place()}")

    def _place(self) -> str:
        """The template of ours in which the variable is missing; empty when it is not ours or absence is meant."""
        if MissingVariable.silent:
            return ""
        frame = inspect.currentframe()
        while frame := frame.f_back:
            holder = frame.f_locals.get("self")
            if isinstance(holder, FilterExpression) and frame.f_code.co_name == "resolve":
                if MEANT_TO_BE_ABSENT & {function.__name__ for function, _arguments in holder.filters}:
                    return ""
            elif isinstance(holder, Node) and frame.f_code.co_name == "render_annotated":
                origin = Path(str(holder.origin.name))
                return str(origin.relative_to(TEMPLATES)) if origin.is_relative_to(TEMPLATES) else ""
        return ""
