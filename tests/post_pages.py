"""The pages of posts and bookings as their coordinators get them."""

from django.urls import reverse

from casework.models import Assignment, Post
from pik.models import Organisation, User
from tests.factories import (
    make_member,
)
from tests.pages import Page, client_of


def address_of(name: str, row: Post | Assignment) -> str:
    return reverse(f"casework:{name}", args=[row.pk])


def coordinator_client(organisation: Organisation, name: str = "Cem Coord"):
    user = make_member("coordinator", organisation)
    User.objects.filter(pk=user.pk).update(name=name)
    return client_of(User.objects.get(pk=user.pk))


def detail_page(post: Post, organisation: Organisation | None = None) -> Page:
    return Page(coordinator_client(organisation or post.organisation).get(address_of("post_detail", post)))


def facts_of(page: Page) -> dict[str, str]:
    return {row.one("dt").text: row.one("dd").text for row in page.one("dl", class_="pik-definition").all("div")}


def links_of(page: Page) -> dict[str, str]:
    return {link.text: link["href"] for link in page.main.all("a")}
