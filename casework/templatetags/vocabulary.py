"""Words for the ids that a contact stores."""

from collections.abc import Mapping, Sequence

from django import template

from casework.models import Topic

register = template.Library()


@register.filter
def names_of(ids: Sequence[int], topics: Mapping[int, Topic]) -> str:
    """The names of topics in their usual order, with commas; `topics` holds all topics by id."""
    found = sorted((topics[pk] for pk in ids if pk in topics), key=lambda topic: topic.position)
    return ", ".join(str(topic) for topic in found)
