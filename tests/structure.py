"""What is wrong with the structure of a page, in the eyes of somebody who cannot see it."""

from collections import Counter

from tests.pages import Node, Page


def _levels_skipped(page: Page) -> list[str]:
    headings = page.all(*(f"h{level}" for level in range(1, 7)))
    steps = zip(["h0", *(heading.tag for heading in headings)], headings, strict=False)
    return [heading.text for before, heading in steps if int(heading.tag[1]) > int(before[1]) + 1]


def _inline(page: Page) -> list[str]:
    """Styles and scripts that the policy would refuse."""
    scripts = [node.tag for node in page.all("style", "script") if "src" not in node.attrs]
    return scripts + [name for node in page.walk() for name in node.attrs if name == "style" or name.startswith("on")]


def _unnamed_controls(page: Page) -> list[str]:
    labelled = {label["for"] for label in page.all("label") if "for" in label.attrs}
    silent = ("hidden", "submit", "button")
    controls = [node for node in page.all("input", "select", "textarea") if node.attrs.get("type") not in silent]
    unnamed = [c.attrs.get("name") for c in controls if not {"aria-label", "aria-labelledby"} & c.attrs.keys()]
    by_label = {c.attrs.get("name") for c in controls if c.attrs.get("id") in labelled}
    return [name for name in unnamed if name not in by_label] + [b["class"] for b in page.all("button") if not b.text]


def _dangling(page: Page) -> list[str]:
    """References to an id that the page does not have, and ids that it has twice."""
    ids = Counter(node["id"] for node in page.walk() if "id" in node.attrs)
    names = ("for", "aria-labelledby", "aria-describedby", "popovertarget")
    wanted = [key for node in page.walk() for name in names for key in (node.attrs.get(name) or "").split()]
    wanted += [link["href"][1:] for link in page.all("a") if (link.attrs.get("href") or "").startswith("#")]
    return [key for key in wanted if key not in ids] + [key for key, number in ids.items() if number > 1]


def faults_of(page: Page) -> list[str]:
    """Everything that is wrong with the structure of one page."""
    html, headings = page.one("html"), page.all("h1")
    title = page.one("title").text
    faults = [] if html.attrs.get("lang") == "en" else [f"lang {html.attrs.get('lang')}"]
    faults += [] if len(headings) == 1 and headings[0].text else [f"{len(headings)} h1"]
    faults += [] if title.removesuffix("– PIK").strip() and title.endswith("– PIK") else [f"title {title!r}"]
    faults += [f"skipped to {text}" for text in _levels_skipped(page)]
    faults += [f"inline {name}" for name in _inline(page)]
    faults += [f"no label: {name}" for name in _unnamed_controls(page)]
    faults += [f"id: {key}" for key in _dangling(page)]
    faults += [f"no caption: {table.text[:40]}" for table in _unnamed_tables(page)]
    return faults


def _unnamed_tables(page: Page) -> list[Node]:
    """Tables that neither carry a caption nor stand in a named region."""
    named = {id(table.element) for region in page.all(role="region") for table in region.all("table")}
    return [table for table in page.all("table") if id(table.element) not in named and not table.all("caption")]
