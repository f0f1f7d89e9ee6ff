"""What nobody may read yet, or any more, is planted with words of its own; then a stranger looks everywhere."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urldefrag

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction

from blog.models import BlogPage, ReaderComment, RelatedPost
from tests import factories
from tests.conftest import Visitor

ENTRANCES = (
    "/",
    "/blog/",
    "/search/",
    "/book/",
    "/book/received/",
    "/privacy-choices/",
    "/privacy-choices/bar.css",
    "/feed/",
    "/sitemap.xml",
    "/robots.txt",
    "/theme.css",
    "/.well-known/gpc.json",
    "/.well-known/security.txt",
    "/healthz",
    "/readyz",
    "/api/v1/docs/",
    "/api/v1/schema/",
    "/api/v1/site/",
    "/api/v1/pages/?limit=1000",
    "/api/v1/consent/",
    "/api/v1/consent/choice/",
    "/api/v1/booking/options/",
    "/api/v1/comments/?limit=100",
    *(f"/api/v1/posts/?limit=100&ordering={order}" for order in ("title", "-title", "first_published_at")),
)
UNKNOWN = "zzunheardofzz"


@dataclass(frozen=True)
class Plant:
    word: str
    page: Page


def word(name: str) -> str:
    return f"zz{name.lower()}zz"


def texts(name: str) -> dict[str, Any]:
    planted = word(name)
    return {
        "title": f"About {planted}",
        "slug": f"{planted}-slug",
        "intro": f"All of {planted}.",
        "body": [("heading", f"Heading {planted}"), ("paragraph", f"<p>Text {planted}</p>")],
        "seo_title": f"Seo {planted}",
        "search_description": f"Description {planted}",
    }


def restrict(page: Page, kind: str) -> None:
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=kind)
    if kind == PageViewRestriction.GROUPS:
        restriction.groups.add(Group.objects.create(name=f"Readers of {page.pk}"))


def draft(make: Callable[..., Page], name: str) -> Page:
    return make(**texts(name), live=False, has_unpublished_changes=True)


def scheduled(make: Callable[..., Page], name: str) -> Page:
    page = make(**texts(name), live=False, go_live_at=timezone.now() + timedelta(days=1))
    page.save_revision(approved_go_live_at=page.go_live_at)
    return page


def expired(make: Callable[..., Page], name: str) -> Page:
    """Past its time, and the scheduler has not been there yet."""
    return make(**texts(name), live=True, expire_at=timezone.now() - timedelta(seconds=1))


def private_by_login(make: Callable[..., Page], name: str) -> Page:
    page = make(**texts(name))
    restrict(page, PageViewRestriction.LOGIN)
    return page


def private_by_group(make: Callable[..., Page], name: str) -> Page:
    page = make(**texts(name))
    restrict(page, PageViewRestriction.GROUPS)
    return page


def private_by_password(make: Callable[..., Page], name: str) -> Page:
    page = make(**texts(name))
    restrict(page, PageViewRestriction.PASSWORD)
    return page


HIDDEN = (draft, scheduled, expired, private_by_login, private_by_group, private_by_password)


def below_a_private_page() -> Plant:
    parent = factories.make_page(**texts("privateparent"))
    child = parent.add_child(instance=type(parent)(**texts("privatechild")))
    restrict(parent, PageViewRestriction.LOGIN)
    return Plant(word("privatechild"), child)


@pytest.fixture
def plants(site: Page) -> list[Plant]:
    """Every hidden page, pointed to from every public place that can point to one."""
    found = [below_a_private_page()]
    for make, kind in ((factories.make_page, "page"), (factories.make_post, "post")):
        for hide in HIDDEN:
            name = f"{hide.__name__}{kind}".replace("_", "")
            found.append(Plant(word(name), hide(make, name)))
    point_to([plant.page for plant in found])
    return found


def point_to(hidden: list[Page]) -> None:
    links = "".join(f'<p><a linktype="page" id="{page.pk}">this</a></p>' for page in hidden)
    post = factories.make_post(slug="open", title="Open post", body=[("paragraph", links)], tags=["open"])
    post.related_posts = [RelatedPost(related=page) for page in hidden if isinstance(page, BlogPage)]
    post.save()
    factories.make_page(slug="open-page", body=[("paragraph", links)])
    menu = [("link", {"label": "An entry", "page": page, "url": ""}) for page in hidden]
    factories.make_settings(menu=menu, footer_menu=menu)
    for page in hidden:
        Redirect.objects.create(old_path=f"/old-{page.pk}", redirect_page=page)


@pytest.fixture
def secrets(site: Page, plants: list[Plant]) -> list[str]:
    """Words that stand in rows of which a stranger may see nothing, or not this field."""
    post = BlogPage.objects.get(slug="open")
    author = factories.make_author(name="Open Author")
    shown = factories.make_comment(post, body="shown", email=f"{word('shownmail')}@visitor.example")
    for status in ("pending", "rejected", "spam"):
        fields = {"author_name": word(f"{status}name"), "body": word(f"{status}body"), "status": status}
        factories.make_comment(post, **fields)
        factories.make_comment(post, parent=shown, **fields)
    held = factories.make_comment(post, status="pending", body=word("heldroot"))
    factories.make_comment(post, parent=held, body=word("belowheld"))
    factories.make_comment(post, parent=held, author_name=word("belowheldname"))
    removed = factories.make_comment(
        post,
        status="removed",
        author_name=word("removedname"),
        body=word("removedbody"),
        email="m@v.example",
    )
    factories.make_comment(post, parent=removed, body="shown")
    hidden_comments(plants)
    factories.make_service(name=word("service"), slug="gone", is_offered=False)
    factories.make_practitioner(name=word("practitioner"), is_active=False)
    factories.make_request(name=word("patient"), email=f"{word('patientmail')}@visitor.example", message=word("ill"))
    redraft(post, author)
    return [word(name) for name in SECRETS]


SECRETS = (
    "shownmail",
    *(f"{status}{part}" for status in ("pending", "rejected", "spam") for part in ("name", "body")),
    "heldroot",
    "belowheld",
    "belowheldname",
    "removedname",
    "removedbody",
    "onhidden",
    "hiddencomments",
    "service",
    "practitioner",
    "patient",
    "patientmail",
    "ill",
    "redraft",
)


def hidden_comments(plants: list[Plant]) -> None:
    for plant in plants:
        if isinstance(plant.page, BlogPage):
            factories.make_comment(plant.page, body=word("onhidden"))
    silent = factories.make_post(slug="silent", comments_mode=BlogPage.Comments.HIDDEN)
    factories.make_comment(silent, body=word("hiddencomments"))


def redraft(post: BlogPage, author: Any) -> None:
    """Edited after it was published, and not published again."""
    post.title, post.intro = word("redraft"), word("redraft")
    post.body = [("paragraph", f"<p>{word('redraft')}</p>")]
    post.save_revision()


def linked(text: str) -> set[str]:
    """Every address of ours that an answer names, in whatever format."""
    found = re.findall(r"""(?:href|src|action)="([^"]+)"|(?:<loc>|<link>)([^<]+)|"(/[^"\s]*|http[^"\s]*)\"""", text)
    addresses = {urldefrag(next(filter(None, groups))).url.replace("&amp;", "&") for groups in found}
    paths = {address.removeprefix("http://127.0.0.1:8000") for address in addresses}
    return {path for path in paths if path.startswith("/") and not path.startswith(("//", "/static/", "/admin/"))}


def api_paths(pages: list[Page]) -> Iterator[str]:
    for page in pages:
        yield f"/api/v1/pages/by-path/?path={page.url_path.removeprefix('/clinic')}"
        yield f"/api/v1/pages/by-path/?path=/old-{page.pk}/"
        yield f"/old-{page.pk}/"
        yield f"/api/v1/posts/{page.pk}/"
        yield f"/api/v1/posts/{page.pk}/comments/"
        yield f"/api/v1/comments/?post={page.pk}"
        yield f"/api/v1/forms/comment/ticket/?post={page.pk}"
    for comment in ReaderComment.objects.all():
        yield f"/api/v1/comments/{comment.pk}/"
        yield f"/blog/open/comment/?parent={comment.pk}"
    for name, value in (("topic", "open"), ("tag", "open"), ("author", "author")):
        yield f"/api/v1/posts/?{name}={value}"


def walk(stranger: Visitor, start: list[str], limit: int = 400) -> dict[str, str]:
    """Everything that can be reached from `start`, as `{path: headers and body}`."""
    queue, seen = deque(start), dict.fromkeys(start, "")
    while queue:
        path = queue.popleft()
        response = stranger.get(path)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        seen[path] = f"{response.headers}\n{body.decode(errors='replace')}"
        for address in linked(seen[path]) - seen.keys():
            seen[address] = ""
            queue.append(address)
    assert len(seen) < limit
    return seen


def test_a_stranger_finds_no_word_of_what_is_hidden(plants: list[Plant], secrets: list[str], visitor: Visitor) -> None:
    start = [*ENTRANCES, *api_paths(list(Page.objects.filter(depth__gt=1)))]
    # An address that was asked for may come back in the answer: a hidden page's own is asked for below.
    start = [path for path in start if "zz" not in path]
    seen = walk(visitor, start)
    assert "/blog/open/" in seen
    assert "shown" in seen["/blog/open/"]
    everything = [*secrets, *(plant.word for plant in plants), word("privateparent")]
    leaks = [(secret, path) for path, text in seen.items() for secret in everything if secret in text]
    assert leaks == []


def test_asking_for_a_hidden_page_answers_like_asking_for_none(plants: list[Plant], visitor: Visitor) -> None:
    for template in ("{}", "/api/v1/pages/by-path/?path={}", "{}comment/", "{}comment/received/"):
        for plant in plants:
            path = plant.page.url_path.removeprefix("/clinic")
            answer = visitor.get(template.format(path))
            unknown = visitor.get(template.format(path.replace(plant.word, UNKNOWN)))
            assert answer.status_code == unknown.status_code == 404, path
            assert same_but_for(plant.word, answer, unknown), path


def same_but_for(planted: str, answer: Any, unknown: Any) -> bool:
    return bool(answer.content.replace(planted.encode(), UNKNOWN.encode()) == unknown.content)


@pytest.mark.parametrize("path", ["", "comments/"])
def test_hidden_posts_have_no_id_in_the_api(path: str, plants: list[Plant], visitor: Visitor) -> None:
    unknown = visitor.get(f"/api/v1/posts/999999/{path}")
    assert unknown.status_code == 404
    for plant in plants:
        answer = visitor.get(f"/api/v1/posts/{plant.page.pk}/{path}")
        assert (answer.status_code, answer.content) == (404, unknown.content), plant.word


def test_hidden_posts_take_no_comment(plants: list[Plant], visitor: Visitor) -> None:
    for plant in plants:
        assert visitor.get(f"/api/v1/forms/comment/ticket/?post={plant.page.pk}").status_code == 404
        assert visitor.send("POST", f"/api/v1/posts/{plant.page.pk}/comments/", {}).status_code == 404


@pytest.mark.parametrize("template", ["/search/?q={}", "/api/v1/posts/?search={}"])
def test_search_knows_no_hidden_word(template: str, plants: list[Plant], secrets: list[str], visitor: Visitor) -> None:
    unknown = visitor.get(template.format(UNKNOWN))
    assert unknown.status_code == 200
    for secret in [*secrets, *(plant.word for plant in plants)]:
        answer = visitor.get(template.format(secret))
        assert answer.status_code == 200
        assert same_but_for(secret, answer, unknown), secret


def test_comments_that_are_not_shown_answer_like_unknown_ones(
    plants: list[Plant], secrets: list[str], visitor: Visitor
) -> None:
    unknown = visitor.get("/api/v1/comments/00000000-0000-4000-8000-000000000000/")
    for comment in ReaderComment.objects.exclude(body="shown"):
        answer = visitor.get(f"/api/v1/comments/{comment.pk}/")
        assert (answer.status_code, answer.content) == (404, unknown.content), comment.body


def test_hidden_comments_are_not_counted(plants: list[Plant], secrets: list[str], visitor: Visitor) -> None:
    post = BlogPage.objects.get(slug="open")
    assert visitor.get(f"/api/v1/posts/{post.pk}/").json()["comments"]["count"] == 2
    assert visitor.get(f"/api/v1/posts/{post.pk}/comments/").json()["count"] == 2


@pytest.mark.parametrize("name", ["related", "menu", "links"])
def test_nothing_public_leads_to_a_hidden_page(name: str, plants: list[Plant], visitor: Visitor) -> None:
    post = BlogPage.objects.get(slug="open")
    data = visitor.get(f"/api/v1/posts/{post.pk}/").json()
    site = visitor.get("/api/v1/site/").json()
    found = {"related": data["related"], "menu": site["menu"] + site["footer"]["menu"], "links": []}[name]
    assert found == []
    assert 'href="/' not in data["body"][0]["value"]["html"]


def test_what_is_unpublished_is_gone_everywhere_at_once(site: Page, visitor: Visitor) -> None:
    post = factories.make_post(**texts("published"))
    comment = factories.make_comment(post)
    public = [post.url_path.removeprefix("/clinic"), f"/api/v1/posts/{post.pk}/", f"/api/v1/comments/{comment.pk}/"]
    lists = ["/", "/blog/", "/feed/", "/sitemap.xml", "/api/v1/posts/", "/api/v1/pages/"]
    for path in public + lists:
        assert word("published") in visitor.get(path).content.decode() or "comments" in path
    post.unpublish()
    assert [visitor.get(path).status_code for path in public] == [404, 404, 404]
    for path in lists:
        assert word("published") not in visitor.get(path).content.decode(), path
    assert visitor.get(f"/api/v1/posts/?search={word('published')}").json()["count"] == 0


def test_an_expired_page_is_gone_at_its_second(site: Page, visitor: Visitor, time_machine: Any) -> None:
    post = factories.make_post(expire_at=timezone.now() + timedelta(minutes=1))
    path = f"/api/v1/posts/{post.pk}/"
    assert visitor.get(path).status_code == 200
    time_machine.move_to(post.expire_at + timedelta(seconds=1))
    assert visitor.get(path).status_code == 404
    assert visitor.get("/api/v1/posts/").json()["count"] == 0
