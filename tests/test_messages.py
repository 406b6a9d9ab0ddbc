"""The catalogue tool finds every string and every fault in a translation."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
from babel.messages.catalog import Message

ROOT = Path(__file__).resolve().parent.parent


def load_tool():
    loader = SourceFileLoader("messages_tool", str(ROOT / "script" / "messages"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


tool = load_tool()
PAGE = """
    {% load i18n %}{# {% translate "not this" %} #}
    <p title="{% translate "It's here" %}">{% translate 'May' context 'month' %}</p>
    {% blocktranslate trimmed count number=rows|length %}
      {{ number }} case
      {% plural %}
      {{ number }} cases
    {% endblocktranslate %}
    {% url_with title=_("As argument") %} {{ _("As variable") }}
"""
CODE = """
label = _("Plain"); ngettext("%(n)s day", "%(n)s days", n); pgettext("verb", "Show"); untouched("not this")
"""


def test_extract_finds_strings_in_code_and_templates(tmp_path, monkeypatch):
    for name, text in (("pik/a.py", CODE), ("templates/b.html", PAGE)):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text)
    monkeypatch.setattr(tool, "ROOT", tmp_path)

    found = {(message.context, message.id) for message in tool.template() if message.id}

    assert found == {
        (None, "Plain"),
        (None, ("%(n)s day", "%(n)s days")),
        ("verb", "Show"),
        (None, "It's here"),
        ("month", "May"),
        (None, ("%(number)s case", "%(number)s cases")),
        (None, "As argument"),
        (None, "As variable"),
    }


@pytest.mark.parametrize(
    ("source", "german", "number"),
    [
        ("Save", "Speichern", 0),
        ("Save", "", 1),
        ("%(n)s of %(all)s", "%(n)s von %(all)s", 0),
        ("%(n)s of %(all)s", "%(n)s von %(alle)s", 1),
        ("Hello {name}", "Guten Tag", 1),
        (("one case", "%(n)s cases"), ("ein Fall", "%(n)s Fälle"), 0),
        (("one case", "%(n)s cases"), ("ein Fall", ""), 1),
        (("one case", "%(n)s cases"), ("ein Fall", "%(m)s Fälle"), 1),
    ],
)
def test_check_names_the_faults_of_a_translation(source, german, number):
    assert len(tool.faults(Message(source, german))) == number


def test_check_names_a_fuzzy_translation():
    assert len(tool.faults(Message("Save", "Speichern", flags=["fuzzy"]))) == 1
