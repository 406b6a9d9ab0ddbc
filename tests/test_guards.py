"""The guards of tests/conftest.py would notice: a variable missing in our templates, and only there."""

import pytest
from django.template import Context, Engine, Origin, Template

from tests.missing_variable import TEMPLATES, MissingVariable


def render(source: str, place: str) -> str:
    engine = Engine(string_if_invalid=MissingVariable())
    return Template(source, origin=Origin(name=place), engine=engine).render(Context({"known": "yes"}))


@pytest.mark.parametrize(
    "source", ["{{ absent }}", "{{ known.absent }}", "{% if known %}{{ absent|lower }}{% endif %}"]
)
def test_missing_variable_fails_in_our_templates(source):
    with pytest.raises(pytest.fail.Exception, match=r"Undefined template variable '(known\.)?absent' in page\.html"):
        render(source, str(TEMPLATES / "page.html"))


def test_missing_variable_may_be_absent_where_the_template_says_so():
    assert render("{{ absent|default:'-' }}{% if absent %}x{% endif %}", str(TEMPLATES / "page.html")) == "-"


def test_missing_variable_is_silent_in_templates_of_other_houses():
    assert render("a{{ absent|upper }}b", "/elsewhere/page.html") == "ab"
