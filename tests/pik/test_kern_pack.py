"""The form pack: what every form of the house promises to people who cannot see it."""

import re
from html.parser import HTMLParser

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, ButtonHolder, Column, Div, Field, Fieldset, Layout, Row, Submit
from django import forms
from django.template import engines
from django.utils import translation


class SampleForm(forms.Form):
    """One field of each kind, laid out with every layout object the pack supports."""

    date = forms.DateField(label="Date", widget=forms.DateInput(attrs={"type": "date"}))
    minutes = forms.IntegerField(label="Duration", help_text="At most ten hours.")
    place = forms.ChoiceField(
        label="Place", choices=[("office", "Office"), ("phone", "Phone")], widget=forms.RadioSelect
    )
    topics = forms.MultipleChoiceField(
        label="Topics",
        choices=[("work", "Work"), ("housing", "Housing")],
        widget=forms.CheckboxSelectMultiple,
        help_text="Everything you spoke about.",
    )
    case = forms.ChoiceField(label="Case", choices=[("", "Please choose"), ("1", "K7QD")])
    interpreter = forms.BooleanField(label="With interpreter", required=False)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Row("date", Column(Field("minutes", data_suffix="minutes"))),
            Fieldset("Contact", "place", "topics", "case"),
            Div("interpreter", "note", "version", css_class="last"),
            ButtonHolder(
                Submit("save", "Save"),
                Submit("next", "Save and next", css_class="kern-btn--secondary"),
                HTML('<a href="/">Cancel</a>'),
            ),
        )


class Page(HTMLParser):
    """The elements of a rendered form, in order, and its text."""

    def __init__(self, html: str):
        super().__init__()
        self.elements = []
        self.words = []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    def by_id(self, identifier):
        found = [attrs for _, attrs in self.elements if attrs.get("id") == identifier]
        assert len(found) == 1, f"{identifier} occurs {len(found)} times"
        return found[0]


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def render(form, source="{% crispy form %}"):
    template = engines["django"].from_string("{% load crispy_forms_tags %}" + source)
    return Page(template.render({"form": form, "csrf_token": "token"}))


@pytest.mark.parametrize("source", ["{% crispy form %}", "{{ form|crispy }}"])
def test_every_control_has_a_label(source):
    page = render(SampleForm(), source)

    labelled = {label["for"] for label in page.all("label")}
    controls = page.all("input") + page.all("select") + page.all("textarea")
    named = {control["id"] for control in controls if control.get("type") != "hidden"}

    assert labelled == named


def test_only_optional_fields_are_marked():
    page = render(SampleForm())

    assert re.findall(r"(\w+) \(optional\)", page.text) == ["Note"]


def test_hint_and_error_are_tied_to_the_control():
    page = render(SampleForm({}))

    control = page.by_id("id_minutes")

    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"].split() == ["id_minutes_helptext", "id_minutes_error"]


@pytest.mark.parametrize("data", [None, {}])
def test_every_description_points_to_something(data):
    page = render(SampleForm(data))

    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    described = [attrs["aria-describedby"] for _, attrs in page.elements if "aria-describedby" in attrs]

    assert sorted(set(ids)) == sorted(ids)
    assert set(" ".join(described).split()) - set(ids) == set()


def test_groups_are_fieldsets_that_carry_hint_and_error():
    page = render(SampleForm({}))

    assert page.by_id("div_id_topics")["aria-describedby"] == "id_topics_helptext id_topics_error"
    assert page.by_id("div_id_place")["aria-describedby"] == "id_place_error"
    assert [tag for tag, _ in page.elements].count("legend") == 3


def test_group_keeps_what_was_ticked():
    page = render(SampleForm({"topics": ["housing"], "place": "phone"}))

    checked = [box["value"] for box in page.all("input") if "checked" in box]

    assert checked == ["phone", "housing"]


def test_error_summary_links_to_each_field_and_to_the_first_option_of_groups():
    page = render(SampleForm({}))

    links = [link["href"] for link in page.all("a") if link["href"].startswith("#")]
    summary = next(attrs for _, attrs in page.elements if "data-error-summary" in attrs)

    assert links == ["#id_date", "#id_minutes", "#id_place_0", "#id_topics_0", "#id_case"]
    assert (summary["role"], summary["tabindex"]) == ("alert", "-1")
    for link in links:
        page.by_id(link.removeprefix("#"))


def test_error_summary_names_mistakes_that_belong_to_no_visible_field():
    form = SampleForm({})
    form.add_error(None, "Somebody else has changed this entry.")
    form.add_error("version", "Load the page again.")

    page = render(form)

    assert "Somebody else has changed this entry." in page.text
    assert "Load the page again." in page.text


def test_valid_and_unbound_forms_have_no_error_summary():
    page = render(SampleForm())

    assert [attrs for _, attrs in page.elements if "data-error-summary" in attrs] == []


def test_unit_is_shown_behind_the_control_and_spoken_with_the_label():
    page = render(SampleForm())

    assert "Duration (minutes)" in page.text
    assert {"class": "kern-input-group-text", "aria-hidden": "true"} in page.all("span")


def test_select_takes_the_classes_of_the_design_system():
    page = render(SampleForm({}))

    assert page.by_id("id_case")["class"].split() == [
        "select",
        "kern-form-input__select",
        "kern-form-input__select--error",
    ]


def test_first_submit_is_primary_and_the_second_steps_back():
    page = render(SampleForm())

    assert [button["class"].split() for button in page.all("button")] == [
        ["kern-btn", "kern-btn--primary"],
        ["kern-btn", "kern-btn--secondary"],
    ]


def test_crispy_tag_renders_form_and_token():
    page = render(SampleForm())

    assert page.all("form") == [{"method": "post", "novalidate": None}]
    assert [field["value"] for field in page.all("input") if field["name"] == "csrfmiddlewaretoken"] == ["token"]


def test_form_tag_can_be_left_to_the_page():
    form = SampleForm({})
    form.helper.form_tag = False
    form.helper.disable_csrf = True

    page = render(form)

    assert page.all("form") == []
    assert [field for field in page.all("input") if field["name"] == "csrfmiddlewaretoken"] == []
    assert "Please correct these entries:" in page.text


def test_get_form_carries_no_token():
    form = SampleForm()
    form.helper.form_method = "get"

    page = render(form)

    assert [field for field in page.all("input") if field["name"] == "csrfmiddlewaretoken"] == []


def test_formset_renders_every_form_and_its_own_mistakes():
    formset_class = forms.formset_factory(SampleForm, extra=0, min_num=2, validate_min=True)
    formset = formset_class({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0"})

    page = render(formset, "{{ form|crispy }}")

    assert "Please submit at least 2 forms." in page.text
    assert page.by_id("id_form-0-minutes")["name"] == "form-0-minutes"


def test_pack_writes_no_inline_style_or_script():
    page = render(SampleForm({}))

    assert [tag for tag, _ in page.elements if tag in {"style", "script"}] == []
    assert [name for _, attrs in page.elements for name in attrs if name == "style" or name.startswith("on")] == []
