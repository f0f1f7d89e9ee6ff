"""Posts: the list with its filters and search, and everything a post says about itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.utils import timezone
from wagtail.models import Page

from blog.models import BlogPage, RelatedPost
from tests import factories
from tests.conftest import Visitor

LIST = "/api/v1/posts/"
HOSTILE = 'Knees & #hips? "50%"+\nnew 🦶 <b>'


def posts(visitor: Visitor, **query: Any) -> Any:
    answer = visitor.get(LIST, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def titles(visitor: Visitor, **query: Any) -> list[str]:
    return [post["title"] for post in posts(visitor, **query)["results"]]


def detail(visitor: Visitor, post: BlogPage) -> Any:
    return visitor.get(f"{LIST}{post.pk}/").json()


def days(number: int) -> timedelta:
    return timedelta(days=number)


def test_the_newest_post_is_first(site: Page, visitor: Visitor) -> None:
    for title, age in (("Middle", 2), ("New", 1), ("Old", 3)):
        factories.make_post(title=title, age=days(age))
    assert titles(visitor) == ["New", "Middle", "Old"]


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("first_published_at", ["B", "A", "C"]),
        ("-first_published_at", ["C", "A", "B"]),
        ("title", ["A", "B", "C"]),
        ("-title", ["C", "B", "A"]),
    ],
)
def test_the_list_can_be_ordered(ordering: str, expected: list[str], site: Page, visitor: Visitor) -> None:
    for title, age in (("A", 2), ("C", 1), ("B", 3)):
        factories.make_post(title=title, age=days(age))
    assert titles(visitor, ordering=ordering) == expected


def test_a_list_names_its_neighbours_on_our_own_address(site: Page, visitor: Visitor) -> None:
    topic = factories.make_topic(slug="feet")
    for number in range(5):
        factories.make_post(title=f"{number}", age=days(number), topics=[topic])
    first = posts(visitor, limit=2, topic="feet")
    assert (first["count"], first["previous"]) == (5, None)
    assert first["next"].startswith("http://127.0.0.1:8000/api/v1/posts/?")
    assert parse_qs(urlsplit(first["next"]).query) == {"limit": ["2"], "topic": ["feet"], "offset": ["2"]}
    middle = visitor.get(first["next"]).json()
    assert [post["title"] for post in middle["results"]] == ["2", "3"]
    assert "offset" not in middle["previous"]
    last = visitor.get(middle["next"]).json()
    assert ([post["title"] for post in last["results"]], last["next"]) == (["4"], None)


def test_every_post_comes_once_however_the_pages_are_cut(site: Page, visitor: Visitor) -> None:
    moment = timezone.now()
    for number in range(7):
        factories.make_post(title=f"{number}", first_published_at=moment)
    found = [title for offset in range(0, 8, 2) for title in titles(visitor, limit=2, offset=offset)]
    assert sorted(found) == [str(number) for number in range(7)]


def test_a_page_beyond_the_end_is_empty(site: Page, visitor: Visitor) -> None:
    factories.make_post()
    data = posts(visitor, offset=50)
    assert (data["count"], data["results"], data["next"]) == (1, [], None)
    assert data["previous"]


def test_the_list_can_be_filtered(site: Page, visitor: Visitor) -> None:
    feet, knees = factories.make_topic(slug="feet"), factories.make_topic(slug="knees")
    maren = factories.make_author(slug="maren")
    factories.make_post(title="Both", topics=[feet, knees], authors=[maren, factories.make_author()], tags=["calf"])
    factories.make_post(title="Feet", topics=[feet], tags=["Long run"])
    factories.make_post(title="Neither")
    assert sorted(titles(visitor, topic="feet")) == ["Both", "Feet"]
    assert titles(visitor, topic="knees") == ["Both"]
    assert titles(visitor, author="maren") == ["Both"]
    assert titles(visitor, tag="long-run") == ["Feet"]
    assert titles(visitor, topic="feet", tag="calf", author="maren") == ["Both"]
    assert titles(visitor, topic="knees", tag="long-run") == []
    assert posts(visitor, topic="unknown")["count"] == 0


def test_a_filter_finds_no_hidden_post(site: Page, visitor: Visitor) -> None:
    topic, author = factories.make_topic(slug="feet"), factories.make_author(slug="maren")
    factories.make_post(live=False, topics=[topic], authors=[author], tags=["calf"])
    assert [posts(visitor, **{name: value})["count"] for name, value in FILTERS.items()] == [0, 0, 0]


FILTERS = {"topic": "feet", "author": "maren", "tag": "calf"}


@pytest.mark.parametrize("word", ["tibialis", "Tibialis", "plantaris", "soleus"])
def test_search_finds_title_standfirst_and_body(word: str, site: Page, visitor: Visitor) -> None:
    body = [("paragraph", "<p>About the <b>soleus</b> muscle</p>")]
    factories.make_post(title="Tibialis", intro="And plantaris.", body=body)
    factories.make_post(title="Other")
    assert titles(visitor, search=word) == ["Tibialis"]
    assert "Tibialis" in visitor.get("/search/", {"q": word}).content.decode()


def test_search_puts_a_title_before_a_mention(site: Page, visitor: Visitor) -> None:
    factories.make_post(title="Shoes", intro="About something.", body=[("paragraph", "<p>soleus</p>")])
    factories.make_post(title="The soleus", intro="soleus", body=[("heading", "soleus")])
    assert titles(visitor, search="soleus")[0] == "The soleus"


@pytest.mark.parametrize("word", ["draftword", "expiredword"])
def test_search_finds_nothing_hidden(word: str, site: Page, visitor: Visitor) -> None:
    factories.make_post(title="draftword", live=False)
    factories.make_post(title="expiredword", expire_at=timezone.now() - timedelta(seconds=1))
    assert posts(visitor, search=word) == {"count": 0, "next": None, "previous": None, "results": []}


@pytest.mark.parametrize(
    "query", ["'", '"', '" OR title:"', "AND", "a OR b NOT", "*", "(", "x:y", "%", "\\", "-", "NEAR(a b)", "🦶"]
)
def test_search_takes_any_text(query: str, site: Page, visitor: Visitor) -> None:
    factories.make_post()
    assert visitor.get(LIST, {"search": query}).status_code == 200
    assert visitor.get("/search/", {"q": query}).status_code == 200


def test_a_search_has_pages(site: Page, visitor: Visitor) -> None:
    for _ in range(5):
        factories.make_post(title="Soleus")
    first = posts(visitor, search="soleus", limit=2)
    assert (first["count"], len(first["results"])) == (5, 2)
    ids = [
        post["id"]
        for offset in (0, 2, 4)
        for post in posts(visitor, search="soleus", limit=2, offset=offset)["results"]
    ]
    assert len(set(ids)) == 5


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"},
        {"limit": "101"},
        {"limit": "0"},
        {"limit": "two"},
        {"limit": "٣"},
        {"offset": "-1"},
        {"offset": "1000000"},
        {"ordering": "body"},
        {"ordering": "?"},
        {"ordering": "post_authors__author__bio"},
        {"topic": "a b"},
        {"topic": "x" * 51},
        {"author": "../x"},
        {"tag": "a b"},
        {"tag": "x" * 101},
        {"search": "x" * 101},
        {"search": "a\0b"},
    ],
    ids=lambda query: "-".join(f"{name}={value[:20]!r}" for name, value in query.items()),
)
def test_a_parameter_that_is_not_understood_is_refused(query: dict[str, str], site: Page, visitor: Visitor) -> None:
    answer = visitor.get(LIST, query)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(query)


@pytest.mark.parametrize("post_id", ["999999", "0", "9" * 18, "9" * 40, "-1", "1.0", "one", "%00", "٣"])
def test_an_unknown_post_is_not_found(post_id: str, site: Page, visitor: Visitor) -> None:
    answer = visitor.get(f"{LIST}{post_id}/")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_a_page_that_is_no_post_is_not_found(site: Page, visitor: Visitor) -> None:
    assert visitor.get(f"{LIST}{factories.make_page().pk}/").status_code == 404


def test_a_post_is_the_same_by_its_path_and_by_its_id(site: Page, visitor: Visitor) -> None:
    post = factories.make_rich_post(slug="rich")
    assert detail(visitor, post) == visitor.get("/api/v1/pages/by-path/?path=/blog/rich/").json()


def test_authors_are_named_in_the_editors_order(site: Page, visitor: Visitor) -> None:
    second = factories.make_author(name="Zoe", slug="zoe", role="Podiatrist", credentials="BSc", bio="Feet.")
    post = factories.make_post(authors=[second, factories.make_author(name="Adam")])
    authors = detail(visitor, post)["authors"]
    assert [author["name"] for author in authors] == ["Zoe", "Adam"]
    assert authors[0] == {
        "slug": "zoe",
        "name": "Zoe",
        "role": "Podiatrist",
        "credentials": "BSc",
        "bio": "Feet.",
        "photo": None,
        "url": "/blog/?author=zoe",
    }
    assert [author["name"] for author in posts(visitor)["results"][0]["authors"]] == ["Zoe", "Adam"]


def test_tags_stand_in_the_order_of_the_alphabet(site: Page, visitor: Visitor) -> None:
    post = factories.make_post(tags=["soleus", "achilles", "Long run"])
    tags = detail(visitor, post)["tags"]
    assert sorted(tags, key=lambda tag: tag["name"]) == tags
    assert {"name": "Long run", "url": "/blog/?tag=long-run"} in tags


def test_topics_stand_in_the_clinics_order(site: Page, visitor: Visitor) -> None:
    topics = [factories.make_topic(name=name, slug=name.lower(), sort_order=place) for place, name in enumerate("BA")]
    post = factories.make_post(topics=topics)
    assert [topic["name"] for topic in detail(visitor, post)["topics"]] == ["B", "A"]
    assert detail(visitor, post)["topics"][0] == {"slug": "b", "name": "B", "url": "/blog/?topic=b"}


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (5, 1), (220, 1), (221, 2), (1100, 5)])
def test_reading_takes_a_minute_for_220_words(words: int, minutes: int, site: Page, visitor: Visitor) -> None:
    post = factories.make_post(body=[("paragraph", f"<p>{'word ' * words}</p>")])
    assert detail(visitor, post)["reading_minutes"] == minutes


def test_a_review_names_who_and_when(site: Page, visitor: Visitor) -> None:
    today = timezone.localdate()
    reviewer = factories.make_author(name="Idris", role="Podiatrist", credentials="BSc")
    post = factories.make_post(reviewed_by=reviewer, reviewed_on=today, review_due=today + days(365))
    assert detail(visitor, post)["reviewed"] == {
        "by": {"name": "Idris", "role": "Podiatrist", "credentials": "BSc"},
        "on": today.isoformat(),
        "due": (today + days(365)).isoformat(),
    }
    unfinished = factories.make_post(reviewed_by=reviewer)
    assert detail(visitor, unfinished)["reviewed"] is None


def shares(visitor: Visitor, post: BlogPage) -> dict[str, str]:
    return {share["network"]: share["url"] for share in detail(visitor, post)["share"]}


def test_every_network_gets_the_title_and_the_address_whole(site: Page, visitor: Visitor) -> None:
    post = factories.make_post(title=HOSTILE, slug="post")
    links, address = shares(visitor, post), "http://127.0.0.1:8000/blog/post/"
    assert links.pop("copy") == address
    assert links.pop("mastodon") == f"{address}share/mastodon/"
    assert len(links) == 6
    for network, link in links.items():
        assert not set(link) & set(' "<>\n#'), network
        assert link.count("?") == 1
        values = [value for values in parse_qs(urlsplit(link).query).values() for value in values]
        assert any(address in value for value in values), network
        if network not in {"facebook", "linkedin"}:
            assert any(HOSTILE in value for value in values), network


def test_an_e_mail_has_spaces_and_no_plus_signs(site: Page, visitor: Visitor) -> None:
    link = shares(visitor, factories.make_post(title="A stiff knee", slug="post"))["email"]
    assert link.startswith("mailto:?subject=A%20stiff%20knee&body=A%20stiff%20knee%0A%0Ahttp")
    assert "+" not in link
    assert "\r" not in unquote(link)


def test_a_long_title_fits_where_there_is_a_limit(site: Page, visitor: Visitor) -> None:
    post = factories.make_post(title="🦶" * 255, slug="post")
    text = parse_qs(urlsplit(shares(visitor, post)["bluesky"]).query)["text"][0]
    assert len(text) <= 300
    assert text.endswith("http://127.0.0.1:8000/blog/post/")


def test_the_clinic_chooses_the_networks(site: Page, visitor: Visitor) -> None:
    networks = [("network", "email"), ("network", "copy"), ("network", "email")]
    factories.make_settings(share_networks=networks)
    assert list(shares(visitor, factories.make_post())) == ["email", "copy"]
    factories.make_settings(share_networks=[])
    post = factories.make_post(slug="quiet")
    assert shares(visitor, post) == {}
    assert "Share this post" not in visitor.get("/blog/quiet/").content.decode()


def test_a_hostile_title_stays_text_on_the_page(site: Page, visitor: Visitor) -> None:
    factories.make_post(title='"><script>alert(1)</script>', slug="post")
    for path in ("/blog/post/", "/blog/", "/", "/feed/", "/search/?q=alert", "/blog/post/comment/"):
        assert "<script>alert" not in visitor.get(path).content.decode(), path


def test_related_posts_are_public_and_in_the_editors_order(site: Page, visitor: Visitor) -> None:
    old, new = factories.make_post(title="Old", age=days(9)), factories.make_post(title="New")
    hidden = [
        factories.make_post(live=False),
        factories.make_post(expire_at=timezone.now() - timedelta(seconds=1)),
    ]
    post = factories.make_post()
    post.related_posts = [RelatedPost(related=other) for other in (old, hidden[0], new, hidden[1])]
    post.save()
    assert [entry["title"] for entry in detail(visitor, post)["related"]] == ["Old", "New"]


@pytest.mark.parametrize(
    ("mode", "by_default", "state"),
    [
        ("inherit", True, {"open": True, "shown": True, "count": 1}),
        ("inherit", False, {"open": False, "shown": True, "count": 1}),
        ("open", False, {"open": True, "shown": True, "count": 1}),
        ("closed", True, {"open": False, "shown": True, "count": 1}),
        ("hidden", True, {"open": False, "shown": False}),
    ],
)
def test_a_post_says_whether_it_takes_comments(
    mode: str, by_default: bool, state: dict[str, Any], site: Page, visitor: Visitor
) -> None:
    factories.make_settings(comments_enabled=by_default)
    post = factories.make_post(comments_mode=mode)
    factories.make_comment(post)
    factories.make_comment(post, status="pending")
    assert state.items() <= detail(visitor, post)["comments"].items()
