"""What a visitor sees, with the API in this process and over HTTP."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction

from blog.models import BlogPage, ReaderComment, RelatedPost
from booking.models import AppointmentRequest
from tests import factories
from tests.conftest import Visitor, fetch_ticket
from tests.forms import BOOKING_TICKET_PATH, comment_ticket_path

SITE = "http://127.0.0.1:8000"
WORDS = [
    "Share this post",
    "Leave a comment",
    "Our site uses cookies. For more information, see our",
    "Accept cookies and close",
    "Reject cookies",
    "Manage settings",
]
PAGES = [
    "/",
    "/about/",
    "/blog/",
    "/blog/?topic=running",
    "/blog/calf/",
    "/blog/calf/comment/",
    "/blog/calf/comment/received/",
    "/search/",
    "/search/?q=calf",
    "/search/?q=zeppelin",
    "/book/",
    "/book/received/",
    "/your-data/",
    "/your-data/received/",
    "/privacy-choices/",
    "/nowhere/",
]

pytestmark = pytest.mark.usefixtures("site", "transport")


class Document(HTMLParser):
    """A page taken apart: its elements with their attributes, and the text of its scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.raw: list[tuple[dict[str, str], str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        tag, attributes = self.elements[-1] if self.elements else ("", {})
        if tag in {"script", "style"} and data.strip() and self.cdata_elem:
            self.raw.append((attributes, data))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def meta(self, name: str) -> str:
        (found,) = [meta["content"] for meta in self.all("meta") if name in {meta.get("name"), meta.get("property")}]
        return found

    def links(self, rel: str) -> list[str]:
        return [link["href"] for link in self.all("link") if link.get("rel") == rel]

    def json_ld(self) -> dict[str, dict[str, Any]]:
        scripts = [json.loads(text) for attributes, text in self.raw if attributes.get("type") == "application/ld+json"]
        return {script["@type"]: script for script in scripts}


def read(visitor: Visitor, path: str, *, status: int = 200) -> str:
    response = visitor.get(path)
    assert response.status_code == status, response.content[:500]
    html: str = response.content.decode()
    return html


def main_of(html: str) -> str:
    return html[html.index("<main") : html.index("</main>")]


def make_calf(**fields: Any) -> BlogPage:
    """A post with everything a post can have."""
    picture = factories.make_picture(presets=("hero", "body", "social", "portrait"))
    defaults: dict[str, Any] = {
        "slug": "calf",
        "title": "Calf & heel",
        "intro": "Why a calf hurts.",
        "hero_image": picture,
        "hero_alt": "A calf, drawn",
        "hero_caption": "Drawn by hand",
        "authors": [
            factories.make_author(slug="maren-holt", name="Maren Holt", photo=picture, credentials="MSc", bio="Runs.")
        ],
        "topics": [factories.make_topic(slug="running", name="Running", description="For runners.")],
        "tags": ["raises"],
        "reviewed_by": factories.make_author(name="Idris Vaughan"),
        "reviewed_on": "2026-10-01",
        "review_due": "2027-10-01",
        "body": [
            ("heading", "Standing"),
            ("paragraph", "<p>Stand <b>up</b>.</p>"),
            ("image", {"picture": picture, "caption": "Standing up"}),
            ("quote", {"text": "Slowly, then.", "source": "Maren Holt"}),
            ("callout", {"tone": "warning", "title": "Swollen?", "text": "<p>See someone.</p>"}),
            ("exercise", {"name": "Raises", "steps": ["Rise.", "Sink."], "dose": "3 × 8", "picture": None}),
            (
                "video",
                {"url": "https://youtu.be/aqz-KE-bpKQ", "title": "A film", "caption": "Silent", "poster": picture},
            ),
            (
                "map",
                {"title": "Way", "address": "14 Tern Street", "latitude": 52.6, "longitude": -1.4, "poster": picture},
            ),
            ("call_to_action", {"title": "Come by", "text": "We look.", "label": "Ask for a time"}),
        ],
    }
    return factories.make_post(**(defaults | fields))


@pytest.fixture
def post(site: Any) -> BlogPage:
    factories.make_page(slug="about", title="About us", intro="Who we are.", body=[("paragraph", "<p>Three.</p>")])
    return make_calf()


# --- Page types ------------------------------------------------------------------------------------------------------


def test_home_shows_its_words_services_and_posts(site: Any, post: BlogPage, visitor: Visitor) -> None:
    factories.make_service(name="Podiatry", price="54.00", duration_minutes=40)
    html = main_of(read(visitor, "/"))
    for words in ("Welcome", "Come in.", "Podiatry", "40 minutes", "£54", "Calf &amp; heel", "Why a calf hurts."):
        assert words in html


def test_standard_page_shows_its_title_intro_and_body(post: BlogPage, visitor: Visitor) -> None:
    html = main_of(read(visitor, "/about/"))
    for words in ("About us", "Who we are.", "Three."):
        assert words in html


@pytest.mark.parametrize("words", WORDS)
def test_post_says_the_words_that_were_promised(post: BlogPage, visitor: Visitor, words: str) -> None:
    assert words in read(visitor, "/blog/calf/")


def test_post_shows_everything_it_has(post: BlogPage, visitor: Visitor) -> None:
    html = main_of(read(visitor, "/blog/calf/"))
    for words in (
        "Calf &amp; heel",
        "Why a calf hurts.",
        'alt="A calf, drawn"',
        "Drawn by hand",
        "Maren Holt",
        "MSc",
        "Runs.",
        "Running",
        "raises",
        "minute to read",
        "Reviewed by Idris Vaughan",
        "1 October 2026",
    ):
        assert words in html


def test_post_shows_every_kind_of_block(post: BlogPage, visitor: Visitor) -> None:
    html = main_of(read(visitor, "/blog/calf/"))
    for words in (
        '<h2 id="standing">Standing</h2>',
        "Stand <b>up</b>.",
        "Standing up",
        "Slowly, then.",
        "Swollen?",
        "See someone.",
        "<li>Rise.</li>",
        "3 × 8",
        "A film",
        "Allow media cookies and play",
        "14 Tern Street",
        "Allow media cookies and show the map",
        "Ask for a time",
    ):
        assert words in html


def test_media_are_cards_with_a_plain_link_and_no_frame(post: BlogPage, visitor: Visitor) -> None:
    page = Document(read(visitor, "/blog/calf/"))
    assert page.all("iframe") == []
    addresses = [link.get("href", "") for link in page.all("a")]
    assert "https://youtu.be/aqz-KE-bpKQ" in addresses
    assert any(address.startswith("https://www.openstreetmap.org/") for address in addresses)


def test_cookie_table_lists_the_register(site: Any, visitor: Visitor) -> None:
    factories.make_page(slug="cookies", title="Cookie policy", body=[("cookie_table", None)])
    html = main_of(read(visitor, "/cookies/"))
    register = visitor.get("/api/v1/consent/").json()
    for purpose in register["purposes"]:
        assert purpose["name"] in html
        for item in purpose["items"]:
            assert item["name"] in html


def test_post_shares_itself_by_plain_links(post: BlogPage, visitor: Visitor) -> None:
    page = Document(read(visitor, "/blog/calf/"))
    shares = {link.get("href", "") for link in page.all("a") if link.get("class") == "share-link"}
    hosts = {urlsplit(address).netloc or urlsplit(address).scheme for address in shares}
    assert {"mailto", "wa.me", "bsky.app", "x.com", "www.linkedin.com"} <= hosts
    assert all("calf" in address for address in shares)
    (copy,) = [button["data-share-copy"] for button in page.all("button") if "data-share-copy" in button]
    assert copy == f"{SITE}/blog/calf/"


def test_comments_and_their_answers_are_shown(post: BlogPage, visitor: Visitor) -> None:
    root = factories.make_comment(post, author_name="Ada", body="It hurt.\n\nNow it does not.")
    factories.make_comment(post, author_name="Maren", body="Good.", parent=root, is_staff=True)
    factories.make_comment(post, body="Held back", status=ReaderComment.Status.PENDING)
    html = main_of(read(visitor, "/blog/calf/"))
    assert "2 comments" in html
    assert "<p>It hurt.</p><p>Now it does not.</p>" in html
    assert f'id="c-{root.pk}"' in html
    assert f'href="/blog/calf/comment/?parent={root.pk}"' in html
    assert "to Ada" in html
    assert "Held back" not in html


@pytest.mark.parametrize(
    ("mode", "has_form", "has_thread"),
    [("open", True, True), ("closed", False, True), ("hidden", False, False)],
    ids=["open", "closed", "hidden"],
)
def test_comments_follow_the_mode_of_the_post(
    site: Any, visitor: Visitor, mode: str, has_form: bool, has_thread: bool
) -> None:
    factories.make_comment(factories.make_post(slug="calf", comments_mode=mode), body="It hurt.")
    html = read(visitor, "/blog/calf/")
    assert ("Leave a comment" in html) is has_form
    assert ("It hurt." in html) is has_thread
    read(visitor, "/blog/calf/comment/", status=200 if has_form else 404)


def test_appointment_link_is_in_the_header_of_every_page(post: BlogPage, visitor: Visitor) -> None:
    for path in PAGES:
        html = read(visitor, path, status=404 if path == "/nowhere/" else 200)
        header = html[html.index("<header") : html.index("</header>")]
        assert '<a class="button button-small" href="/book/"' in header, path
        assert "Book an appointment" in header, path


def test_related_posts_come_last(site: Any, post: BlogPage, visitor: Visitor) -> None:
    other = factories.make_post(title="A neighbour")
    RelatedPost.objects.create(post=post, related=other)
    html = read(visitor, "/blog/calf/")
    assert html.index("Read next") < html.index("A neighbour")


# --- The head --------------------------------------------------------------------------------------------------------


def test_head_of_a_post(site: Any, visitor: Visitor) -> None:
    large = ContentFile(factories.jpeg((1300, 700)), name="large.jpg")
    make_calf(hero_image=factories.make_picture(file=large, presets=("social",)))
    html = read(visitor, "/blog/calf/")
    page = Document(html)
    assert "<title>Calf &amp; heel, Tern Street Clinic</title>" in html
    assert page.links("canonical") == [f"{SITE}/blog/calf/"]
    assert page.meta("description") == "Why a calf hurts."
    assert page.meta("og:title") == "Calf & heel"
    assert page.meta("og:url") == f"{SITE}/blog/calf/"
    assert page.meta("og:type") == "article"
    assert urlsplit(page.meta("og:image")).netloc == "127.0.0.1:8000"
    assert (page.meta("og:image:width"), page.meta("og:image:height")) == ("1200", "630")
    assert page.meta("og:image:alt") == "A calf, drawn"
    assert page.links("alternate") == ["/feed/", "/blog/calf/feed/"]


def test_shared_picture_can_be_fetched(post: BlogPage, visitor: Visitor) -> None:
    address = Document(read(visitor, "/blog/calf/")).meta("og:image")
    response = visitor.get(urlsplit(address).path)
    assert response.status_code == 200
    assert b"".join(response.streaming_content)[:2] == b"\xff\xd8"


def test_canonical_address_has_no_query(post: BlogPage, visitor: Visitor) -> None:
    page = Document(read(visitor, "/blog/calf/?utm_source=x"))
    assert page.links("canonical") == [f"{SITE}/blog/calf/"]


def test_titles_for_search_engines_win(site: Any, visitor: Visitor) -> None:
    factories.make_post(slug="calf", seo_title="Sore calf", search_description="What helps a sore calf.")
    html = read(visitor, "/blog/calf/")
    assert "<title>Sore calf, Tern Street Clinic</title>" in html
    assert Document(html).meta("description") == "What helps a sore calf."


def test_hidden_page_asks_search_engines_to_stay_away(site: Any, visitor: Visitor) -> None:
    factories.make_post(slug="calf", is_hidden_from_search_engines=True)
    page = Document(read(visitor, "/blog/calf/"))
    assert page.meta("robots") == "noindex"
    assert page.links("canonical") == []


@pytest.mark.parametrize("path", ["/search/?q=x", "/book/received/", "/privacy-choices/", "/blog/calf/comment/"])
def test_pages_of_passage_are_not_indexed(post: BlogPage, visitor: Visitor, path: str) -> None:
    assert Document(read(visitor, path)).meta("robots") == "noindex"


def test_post_describes_itself_to_machines(post: BlogPage, visitor: Visitor) -> None:
    data = Document(read(visitor, "/blog/calf/")).json_ld()
    posting = data["BlogPosting"]
    assert posting["headline"] == "Calf & heel"
    assert posting["author"] == [
        {
            "@type": "Person",
            "name": "Maren Holt",
            "jobTitle": "Physiotherapist",
            "url": f"{SITE}/blog/?author=maren-holt",
        }
    ]
    assert posting["mainEntityOfPage"] == f"{SITE}/blog/calf/"
    trail = [(entry["name"], entry["item"]) for entry in data["BreadcrumbList"]["itemListElement"]]
    assert trail == [
        ("Clinic", f"{SITE}/"),
        ("Posts", f"{SITE}/blog/"),
        ("Calf & heel", f"{SITE}/blog/calf/"),
    ]


def test_home_describes_the_clinic_to_machines(site: Any, visitor: Visitor) -> None:
    hours = {"days": ["monday", "friday"], "opens": "08:00", "closes": "16:00"}
    factories.make_settings(
        phone="01632 960 214",
        street="14 Tern Street",
        latitude="52.6",
        longitude="-1.4",
        opening_hours=[("hours", hours)],
    )
    clinic = Document(read(visitor, "/")).json_ld()["MedicalBusiness"]
    assert clinic["name"] == "Tern Street Clinic"
    assert clinic["telephone"] == "01632 960 214"
    assert clinic["address"]["streetAddress"] == "14 Tern Street"
    assert clinic["geo"]["@type"] == "GeoCoordinates"
    (opening,) = clinic["openingHoursSpecification"]
    assert opening["dayOfWeek"] == ["https://schema.org/Monday", "https://schema.org/Friday"]
    assert opening["opens"].startswith("08:00")


def test_titles_can_not_break_out_of_the_page(site: Any, visitor: Visitor) -> None:
    title = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'"
    factories.make_post(slug="calf", title=title, intro=title)
    for path in ("/", "/blog/", "/blog/calf/", "/search/?q=alert"):
        html = read(visitor, path)
        page = Document(html)
        assert "<script>alert" not in html
        assert not [image for image in page.all("img") if "onerror" in image]
    assert Document(read(visitor, "/blog/calf/")).json_ld()["BlogPosting"]["headline"] == title


# --- Addresses -------------------------------------------------------------------------------------------------------


def test_unknown_page_offers_a_way_on(site: Any, visitor: Visitor) -> None:
    html = read(visitor, "/nowhere/", status=404)
    assert "This page is not here" in html
    assert 'action="/search/"' in html
    assert Document(html).meta("robots") == "noindex"


@pytest.mark.parametrize("path", ["/about", "/blog/calf", "/book", "/search"])
def test_missing_slash_is_added_for_good(post: BlogPage, visitor: Visitor, path: str) -> None:
    response = visitor.get(path)
    assert (response.status_code, response["Location"]) == (301, f"{path}/")


@pytest.mark.parametrize(("is_permanent", "status"), [(True, 301), (False, 302)], ids=["for good", "for now"])
def test_old_address_leads_to_the_new_one(post: BlogPage, visitor: Visitor, is_permanent: bool, status: int) -> None:
    Redirect.add_redirect("/old", redirect_to=post, is_permanent=is_permanent)
    response = visitor.get("/old/")
    assert (response.status_code, response["Location"]) == (status, f"{SITE}/blog/calf/")


def test_old_address_of_a_private_page_leads_nowhere(post: BlogPage, visitor: Visitor) -> None:
    Redirect.add_redirect("/old", redirect_to=post)
    PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.LOGIN)
    read(visitor, "/old/", status=404)


def test_preview_without_a_valid_token_is_not_found(site: Any, visitor: Visitor) -> None:
    read(visitor, "/preview/?content_type=blog.blogpage&token=x", status=404)


# --- Lists and search ------------------------------------------------------------------------------------------------


def test_long_list_is_divided_into_pages(site: Any, visitor: Visitor) -> None:
    for number in range(13):
        factories.make_post(title=f"Number {number:02}")
    first, second = read(visitor, "/blog/"), read(visitor, "/blog/?page=2")
    assert "Page 1 of 2" in first
    assert 'rel="next" href="/blog/?page=2"' in first
    assert 'rel="prev" href="/blog/"' in second
    titles = {f"Number {number:02}" for number in range(13)}
    shown = [{title for title in titles if title in html} for html in (first, second)]
    assert [len(titles) for titles in shown] == [12, 1]
    assert shown[0] | shown[1] == titles


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "99999999", "²", ""])
def test_page_that_is_none_is_not_found(site: Any, visitor: Visitor, page: str) -> None:
    factories.make_post()
    read(visitor, f"/blog/?page={page}", status=404)


def test_pages_of_a_filtered_list_keep_the_filter(site: Any, visitor: Visitor) -> None:
    topic = factories.make_topic(slug="running")
    for _ in range(13):
        factories.make_post(topics=[topic])
    assert 'href="/blog/?page=2&amp;topic=running"' in read(visitor, "/blog/?topic=running")


@pytest.mark.parametrize(
    ("query", "heading"),
    [("topic=running", "Running"), ("tag=raises", "raises"), ("author=maren-holt", "Maren Holt")],
    ids=["topic", "tag", "author"],
)
def test_list_is_filtered(post: BlogPage, visitor: Visitor, query: str, heading: str) -> None:
    factories.make_post(title="Something else")
    html = main_of(read(visitor, f"/blog/?{query}"))
    assert f"<h1>{heading}</h1>" in html
    assert "Calf &amp; heel" in html
    assert "Something else" not in html


@pytest.mark.parametrize("query", ["topic=no", "tag=no", "author=no", "topic=running&author=no", "topic=%00"])
def test_unknown_filter_is_not_found(post: BlogPage, visitor: Visitor, query: str) -> None:
    read(visitor, f"/blog/?{query}", status=404)


def test_empty_list_says_so(site: Any, visitor: Visitor) -> None:
    factories.make_index()
    assert "Nothing here yet." in read(visitor, "/blog/")


def test_search_finds(post: BlogPage, visitor: Visitor) -> None:
    factories.make_post(title="Something else")
    html = main_of(read(visitor, "/search/?q=calf"))
    assert "1 result for “calf”" in html
    assert "Calf &amp; heel" in html
    assert "Something else" not in html


def test_search_shows_an_empty_form_first(site: Any, visitor: Visitor) -> None:
    html = main_of(read(visitor, "/search/"))
    assert 'name="q"' in html
    assert "Nothing found" not in html


def test_search_says_that_nothing_was_found(site: Any, visitor: Visitor) -> None:
    assert "Nothing found for “&lt;b&gt;”" in read(visitor, "/search/?q=<b>")


def test_search_refuses_what_is_too_long(site: Any, visitor: Visitor) -> None:
    assert "Please search for something shorter" in read(visitor, f"/search/?q={'x' * 101}", status=400)


# --- What no page may have -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_page_loads_only_our_own_files_and_has_nothing_inline(post: BlogPage, visitor: Visitor, path: str) -> None:
    html = read(visitor, path, status=404 if path == "/nowhere/" else 200)
    page = Document(html)
    inline = [attributes for attributes, _ in page.raw if attributes.get("type") != "application/ld+json"]
    assert inline == []
    assert page.all("style") == []
    for tag, attributes in page.elements:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        for address in _loaded(tag, attributes):
            assert not urlsplit(address).netloc, address
    assert "csrfmiddlewaretoken" not in html


def _loaded(tag: str, attributes: dict[str, str]) -> list[str]:
    """What the browser fetches because of this element; a link to follow is another matter."""
    sets = [part.split()[0] for part in attributes.get("srcset", "").split(",") if part.strip()]
    rels = {"stylesheet", "preload", "icon", "modulepreload"}
    hrefs = [attributes["href"]] if tag == "link" and attributes.get("rel") in rels else []
    return [address for address in (attributes.get("src"), *sets, *hrefs) if address]


def test_static_files_have_hashed_names_and_exist(post: BlogPage, visitor: Visitor) -> None:
    page = Document(read(visitor, "/blog/calf/"))
    static = {
        address
        for tag, attributes in page.elements
        for address in _loaded(tag, attributes)
        if address.startswith("/static/")
    }
    assert len(static) >= 5
    for address in static:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", address), address
        assert (django_settings.STATIC_ROOT / address.removeprefix("/static/")).is_file()


def test_own_accent_is_linked_only_if_there_is_one(site: Any, visitor: Visitor) -> None:
    assert "/theme.css" not in read(visitor, "/")
    factories.make_settings(accent_light="#5B2A86")
    assert re.search(r'<link rel="stylesheet" href="/theme.css\?v=[0-9a-f]{8}">', read(visitor, "/"))


# --- Forms -----------------------------------------------------------------------------------------------------------


def test_comment_is_sent_without_javascript(post: BlogPage, visitor: Visitor) -> None:
    typed = {"author_name": "Ada", "email": "", "body": "It hurt.", "parent": ""}
    check = visitor.post("/blog/calf/comment/", typed)
    assert "Check your comment" in check.text
    assert check["Cache-Control"] == "private, no-store"
    sent = typed | {"ticket": fetch_ticket(comment_ticket_path(post))["ticket"]}
    response = visitor.post("/blog/calf/comment/", sent)
    assert (response.status_code, response["Location"]) == (303, "/blog/calf/comment/received/")
    assert "Thank you" in read(visitor, response["Location"])
    assert ReaderComment.objects.get().body == "It hurt."


def test_answer_to_a_comment_is_sent(post: BlogPage, visitor: Visitor) -> None:
    root = factories.make_comment(post)
    assert "You are replying to Ada" in read(visitor, f"/blog/calf/comment/?parent={root.pk}")
    ticket = fetch_ticket(comment_ticket_path(post))["ticket"]
    response = visitor.post(
        "/blog/calf/comment/", {"author_name": "Bo", "body": "Same here.", "parent": root.pk, "ticket": ticket}
    )
    assert response.status_code == 303
    assert ReaderComment.objects.get(author_name="Bo").parent == root


def test_comment_with_mistakes_comes_back_as_it_was_typed(post: BlogPage, visitor: Visitor) -> None:
    ticket = fetch_ticket(comment_ticket_path(post))["ticket"]
    response = visitor.post(
        "/blog/calf/comment/", {"author_name": "Ada", "email": "nonsense", "body": "It <b>hurt</b>.", "ticket": ticket}
    )
    assert response.status_code == 400
    assert "<title>Error: " in response.text
    assert "There is a problem" in response.text
    assert 'href="#email"' in response.text
    assert "It &lt;b&gt;hurt&lt;/b&gt;." in response.text
    assert not ReaderComment.objects.exists()


def test_empty_comment_names_what_is_missing(post: BlogPage, visitor: Visitor) -> None:
    response = visitor.post("/blog/calf/comment/", {})
    assert response.status_code == 400
    assert "Enter your name." in response.text
    assert "Write your comment." in response.text


def booking(**fields: Any) -> dict[str, Any]:
    typed = {"name": "Ada", "email": "ada@visitor.example", "phone": "", "message": "", "service": ""}
    return typed | {"consent": Visitor().get("/api/v1/booking/options/").json()["consent"]["version"]} | fields


def test_appointment_is_asked_for_without_javascript(site: Any, visitor: Visitor) -> None:
    service = factories.make_service(name="Podiatry")
    day = visitor.get("/api/v1/booking/options/").json()["first_date"]
    typed = booking(service=service.pk, date_1=day, part_1="morning")
    check = visitor.post("/book/", typed)
    assert "Check what you ask for" in check.text
    assert "Podiatry" in check.text
    response = visitor.post("/book/", typed | {"ticket": fetch_ticket(BOOKING_TICKET_PATH)["ticket"]})
    assert (response.status_code, response["Location"]) == (303, "/book/received/")
    assert "Thank you" in read(visitor, response["Location"])
    request = AppointmentRequest.objects.get()
    assert (request.name, request.service) == ("Ada", service)


def test_appointment_without_consent_is_not_asked_for(site: Any, visitor: Visitor) -> None:
    response = visitor.post("/book/", booking(consent="", ticket=fetch_ticket(BOOKING_TICKET_PATH)["ticket"]))
    assert response.status_code == 400
    assert 'href="#consent"' in response.text
    assert 'value="ada@visitor.example"' in response.text
    assert not AppointmentRequest.objects.exists()


def test_form_sent_from_another_site_is_refused(site: Any) -> None:
    stranger = Visitor(HTTP_SEC_FETCH_SITE="cross-site")
    response = stranger.post("/book/", booking(ticket=fetch_ticket(BOOKING_TICKET_PATH)["ticket"]))
    assert response.status_code == 403
    assert not AppointmentRequest.objects.exists()


def test_choice_is_made_without_javascript(site: Any, visitor: Visitor) -> None:
    revision = visitor.get("/api/v1/consent/").json()["revision"]
    response = visitor.post("/privacy-choices/", {"action": "accept", "revision": revision, "next": "/blog/"})
    assert (response.status_code, response["Location"]) == (303, "/blog/")
    assert set(response.cookies) == {"consent"}
    assert "display:none" in visitor.get("/privacy-choices/bar.css").text
    assert "Allowed" in read(visitor, "/privacy-choices/receipt/")


def test_comment_heading_counts_answers_too(post: BlogPage, visitor: Visitor) -> None:
    root = factories.make_comment(post)
    for _ in range(2):
        factories.make_comment(post, parent=root)
    assert ">3 comments</h3>" in read(visitor, "/blog/calf/")
    assert "3 comments" in read(visitor, "/blog/")
