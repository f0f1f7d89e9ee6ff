"""Pages by their path: what each type says, what is nobody's business, and where old addresses lead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.rich_text import RichText

from blog.models import BlogPage
from home.models import HomePage, StandardPage
from tests import factories
from tests.conftest import Visitor


def by_path(visitor: Visitor, path: str) -> Any:
    return visitor.get("/api/v1/pages/by-path/", {"path": path})


def body_of(visitor: Visitor, *blocks: tuple[str, Any]) -> list[dict[str, Any]]:
    page = factories.make_page(body=list(blocks))
    return list(by_path(visitor, f"/{page.slug}/").json()["body"])


def html_of(visitor: Visitor, source: str) -> str:
    return str(body_of(visitor, ("paragraph", source))[0]["value"]["html"])


def restrict(page: Page, kind: str) -> None:
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=kind)
    restriction.groups.set([Group.objects.create(name="Readers")] if kind == PageViewRestriction.GROUPS else [])


# What every type says


@pytest.mark.parametrize(
    ("path", "label", "fields"),
    [
        ("/", "home.HomePage", {"hero", "services_heading", "posts_heading", "body"}),
        ("/about/", "home.StandardPage", {"intro", "hero", "body"}),
        ("/blog/", "blog.BlogIndexPage", {"intro", "topics"}),
        ("/blog/post/", "blog.BlogPage", {"intro", "hero", "body", "authors", "topics", "tags", "share", "comments"}),
    ],
)
def test_each_type_has_its_fields(path: str, label: str, fields: set[str], site: Page, visitor: Visitor) -> None:
    factories.make_page(slug="about", title="About")
    factories.make_post(slug="post")
    answer = by_path(visitor, path)
    data = answer.json()
    assert answer.status_code == 200
    assert data["meta"]["type"] == label
    assert data["meta"]["path"] == path
    assert data["meta"]["html_url"] == f"http://127.0.0.1:8000{path}"
    assert {"id", "title", "meta", "breadcrumbs", *fields} <= data.keys()


def test_a_page_tells_what_its_editor_wrote(site: Page, visitor: Visitor) -> None:
    fields = {"seo_title": "For search", "search_description": "In short", "is_hidden_from_search_engines": True}
    page = factories.make_page(title="About us", intro="Who we are", slug="about", **fields)
    data = by_path(visitor, "/about/").json()
    assert (data["id"], data["title"], data["intro"]) == (page.pk, "About us", "Who we are")
    assert (data["meta"]["seo_title"], data["meta"]["search_description"]) == ("For search", "In short")
    assert data["meta"]["noindex"] is True


def test_the_front_page_has_its_own_words(site: HomePage, visitor: Visitor) -> None:
    data = by_path(visitor, "/").json()
    assert (data["hero"]["title"], data["hero"]["text"]) == ("Welcome", "Come in.")
    assert data["breadcrumbs"] == []


def test_the_list_of_posts_names_all_topics_in_their_order(site: Page, visitor: Visitor) -> None:
    factories.make_index()
    factories.make_topic(name="B", slug="b", sort_order=2)
    factories.make_topic(name="A", slug="a", sort_order=3, description="First letter")
    topics = by_path(visitor, "/blog/").json()["topics"]
    assert [topic["name"] for topic in topics] == ["B", "A"]
    assert topics[1] == {"slug": "a", "name": "A", "url": "/blog/?topic=a", "description": "First letter"}


def test_breadcrumbs_lead_up_to_the_front_page(site: Page, visitor: Visitor) -> None:
    parent = factories.make_page(title="Services", slug="services")
    parent.add_child(instance=StandardPage(title="Feet", slug="feet"))
    crumbs = by_path(visitor, "/services/feet/").json()["breadcrumbs"]
    assert crumbs == [{"title": "Clinic", "url": "/"}, {"title": "Services", "url": "/services/"}]


def test_a_draft_parent_is_no_breadcrumb(site: Page, visitor: Visitor) -> None:
    parent = factories.make_page(title="Hidden parent", slug="hidden", live=False)
    parent.add_child(instance=StandardPage(title="Feet", slug="feet"))
    answer = by_path(visitor, "/hidden/feet/")
    assert [crumb["title"] for crumb in answer.json()["breadcrumbs"]] == ["Clinic"]


@pytest.mark.parametrize("path", ["/about", "/about/"])
def test_a_path_may_lack_its_last_slash(path: str, site: Page, visitor: Visitor) -> None:
    factories.make_page(slug="about")
    assert by_path(visitor, path).json()["meta"]["path"] == "/about/"


@pytest.mark.parametrize("path", ["", "about", "//" * 600, "/a\0b/", "/a\nb/"])
def test_what_is_no_path_is_refused(path: str, site: Page, visitor: Visitor) -> None:
    answer = by_path(visitor, path)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["path"]


@pytest.mark.parametrize("path", ["/../", "/about/../about/", "//about/", "/About/", "/%61bout/", "/clinic/about/"])
def test_a_page_has_one_path(path: str, site: Page, visitor: Visitor) -> None:
    factories.make_page(slug="about")
    answer = by_path(visitor, path)
    assert answer.status_code == 404 or answer.json()["meta"]["path"] == "/about/"


# What nobody may see


def make_draft() -> None:
    factories.make_page(slug="hidden", live=False)


def make_expired() -> None:
    factories.make_page(slug="hidden", expire_at=timezone.now() - timedelta(seconds=1))


def make_scheduled() -> None:
    factories.make_page(slug="hidden", live=False, go_live_at=timezone.now() + timedelta(hours=1))


def make_private() -> None:
    restrict(factories.make_page(slug="hidden"), PageViewRestriction.LOGIN)


def make_for_a_group() -> None:
    restrict(factories.make_page(slug="hidden"), PageViewRestriction.GROUPS)


def make_outside() -> None:
    root = Page.get_first_root_node()
    other = root.add_child(instance=HomePage(title="Other", slug="other", hero_title="x", hero_text="x"))
    other.add_child(instance=StandardPage(title="Hidden", slug="hidden"))


HIDING = [make_draft, make_expired, make_scheduled, make_private, make_for_a_group, make_outside]


@pytest.mark.parametrize("make", HIDING)
def test_every_hidden_page_has_the_same_404(make: Any, site: Page, visitor: Visitor) -> None:
    unknown = by_path(visitor, "/hidden/")
    make()
    hidden = by_path(visitor, "/hidden/")
    assert unknown.status_code == hidden.status_code == 404
    assert unknown.content == hidden.content
    assert dict(unknown.headers) == dict(hidden.headers)
    assert unknown.json() == {"code": "not_found", "detail": "Not found.", "errors": {}}


@pytest.mark.parametrize("kind", [PageViewRestriction.LOGIN, PageViewRestriction.GROUPS])
def test_a_restriction_holds_for_everything_below(kind: str, site: Page, visitor: Visitor) -> None:
    post = factories.make_post(slug="post")
    restrict(factories.make_index(), kind)
    assert by_path(visitor, "/blog/").status_code == 404
    assert by_path(visitor, "/blog/post/").status_code == 404
    assert visitor.get(f"/api/v1/posts/{post.pk}/").status_code == 404
    assert by_path(visitor, "/").status_code == 200


def test_a_restriction_does_not_reach_a_neighbour(site: Page, visitor: Visitor) -> None:
    restrict(factories.make_page(slug="about"), PageViewRestriction.LOGIN)
    factories.make_page(slug="about-us")
    assert by_path(visitor, "/about-us/").status_code == 200


def test_a_restricted_site_has_no_page_at_all(site: Page, visitor: Visitor) -> None:
    factories.make_page(slug="about")
    restrict(site, PageViewRestriction.LOGIN)
    assert by_path(visitor, "/").status_code == by_path(visitor, "/about/").status_code == 404
    assert visitor.get("/api/v1/pages/").json()["count"] == 0


def test_without_a_site_there_are_no_pages(site: Page, visitor: Visitor) -> None:
    Site.objects.all().delete()
    assert by_path(visitor, "/").status_code == 404
    assert visitor.get("/api/v1/pages/").json()["count"] == 0
    assert visitor.get("/api/v1/posts/").json()["count"] == 0


# Where old addresses lead


@pytest.mark.parametrize(("is_permanent", "status"), [(True, 301), (False, 302)])
def test_an_old_address_leads_to_its_page(is_permanent: bool, status: int, site: Page, visitor: Visitor) -> None:
    page = factories.make_page(slug="about")
    Redirect.objects.create(old_path="/old", redirect_page=page, is_permanent=is_permanent)
    answer = by_path(visitor, "/old/")
    assert (answer.status_code, answer["Location"]) == (status, "http://127.0.0.1:8000/about/")
    assert answer.json() == {"location": "http://127.0.0.1:8000/about/"}
    page_answer = visitor.get("/old/")
    assert (page_answer.status_code, page_answer["Location"]) == (status, "http://127.0.0.1:8000/about/")


def test_an_old_address_may_lead_elsewhere(site: Page, visitor: Visitor) -> None:
    Redirect.objects.create(old_path="/old", redirect_link="https://elsewhere.example/x")
    assert by_path(visitor, "/old/")["Location"] == "https://elsewhere.example/x"
    assert visitor.get("/old/")["Location"] == "https://elsewhere.example/x"


@pytest.mark.parametrize("make", HIDING)
def test_an_old_address_of_a_hidden_page_leads_nowhere(make: Any, site: Page, visitor: Visitor) -> None:
    make()
    Redirect.objects.create(old_path="/old", redirect_page=Page.objects.get(slug="hidden"))
    assert by_path(visitor, "/old/").content == by_path(visitor, "/unknown/").content
    assert visitor.get("/old/").status_code == 404


def test_a_redirect_of_this_site_wins_over_one_of_all_sites(site: Page, visitor: Visitor) -> None:
    Redirect.objects.create(old_path="/old", redirect_link="https://all.example/")
    Redirect.objects.create(old_path="/old", site=Site.objects.get(), redirect_link="https://this.example/")
    assert by_path(visitor, "/old/")["Location"] == "https://this.example/"


def test_a_page_wins_over_a_redirect(site: Page, visitor: Visitor) -> None:
    factories.make_page(slug="about")
    Redirect.objects.create(old_path="/about", redirect_link="https://elsewhere.example/")
    assert by_path(visitor, "/about/").status_code == 200


# What stands in a body


def test_every_block_has_its_value(site: Page, visitor: Visitor) -> None:
    picture = factories.make_picture(presets=("body",), description="Not this")
    blocks = body_of(visitor, *factories.every_block(picture=picture, links_to=site))
    values = {block["type"]: block["value"] for block in blocks}
    assert all(block["id"] for block in blocks)
    assert values["heading"] == {"text": "Why it hurts", "anchor": "why-it-hurts"}
    assert values["quote"] == {"text": "Load is medicine.", "source": "Maren"}
    assert (values["callout"]["tone"], values["callout"]["title"]) == ("warning", "See someone")
    assert values["callout"]["html"] == '<p>See <a href="/" rel="noopener">this</a>.</p>'
    assert values["exercise"]["steps"] == ["Up.", "Down."]
    assert values["image"]["caption"] == "A foot"
    assert values["image"]["picture"]["src"].startswith("/media/images/")
    assert values["call_to_action"]["url"] == "/book/"
    assert values["cookie_table"] == {}


def test_a_video_is_a_card_of_our_own(site: Page, visitor: Visitor) -> None:
    (block,) = body_of(visitor, ("video", {"url": factories.VIDEO, "title": "A film", "caption": "", "poster": None}))
    assert block["value"]["embed_url"] == "/embed/youtube/aqz-KE-bpKQ/"
    assert (block["value"]["provider"], block["value"]["purpose"]) == ("youtube", "media")
    assert block["value"]["poster"] is None


def test_a_map_is_a_card_of_our_own(site: Page, visitor: Visitor) -> None:
    place = {"title": "Here", "address": "Street", "latitude": "51.5", "longitude": "-0.12", "poster": None}
    (block,) = body_of(visitor, ("map", place))
    assert block["value"]["embed_url"] == "/embed/openstreetmap/51.50000,-0.12000/"


def test_a_link_leads_to_the_path_of_its_page(site: Page, visitor: Visitor) -> None:
    page = factories.make_page(slug="about")
    assert html_of(visitor, f'<p><a linktype="page" id="{page.pk}">x</a></p>') == (
        '<p><a href="/about/" rel="noopener">x</a></p>'
    )


@pytest.mark.parametrize("make", HIDING)
def test_a_link_to_a_hidden_page_is_only_text(make: Any, site: Page, visitor: Visitor) -> None:
    make()
    page = Page.objects.get(slug="hidden")
    html = html_of(visitor, f'<p><a linktype="page" id="{page.pk}">x</a></p>')
    assert "href" not in html
    assert ">x<" in html


@pytest.mark.parametrize(
    "source",
    [
        '<p><a linktype="page" id="999999">x</a></p>',
        '<p><a linktype="page" id="one">x</a></p>',
        '<p><a linktype="document" id="1">x</a></p>',
        '<p><a href="javascript:alert(1)">x</a></p>',
        '<p><a href="JaVaScRiPt&#58;alert(1)">x</a></p>',
        '<p><a href="data:text/html,x">x</a></p>',
        '<p>x<script>alert("bad")</script></p>',
        '<p>x<img src="https://evil.example/x" onerror="alert(1)"></p>',
        '<p>x<iframe src="https://evil.example/"></iframe></p>',
        '<p style="color:red" onclick="alert(1)">x</p>',
        '<embed embedtype="media" url="https://evil.example/">x',
    ],
)
def test_rich_text_keeps_only_what_is_harmless(source: str, site: Page, visitor: Visitor) -> None:
    html = html_of(visitor, source)
    assert "x" in html
    for harmful in ("href", "script", "alert", "evil", "style", "onclick", "iframe", "img"):
        assert harmful not in html.lower()


@pytest.mark.parametrize(
    "href", ["https://a.example/?a=1&amp;b=2", "mailto:a@b.example", "tel:+441632960214", "/book/"]
)
def test_other_links_stay(href: str, site: Page, visitor: Visitor) -> None:
    assert f'href="{href}"' in html_of(visitor, f'<p><a href="{href}">x</a></p>')


def test_a_callout_is_cleaned_too(site: Page, visitor: Visitor) -> None:
    text = RichText('<p>x<script>alert(1)</script><a href="javascript:x">y</a></p>')
    (block,) = body_of(visitor, ("callout", {"tone": "note", "title": "T", "text": text}))
    assert block["value"]["html"] == '<p>x<a rel="noopener">y</a></p>'


# Previews


def preview(visitor: Visitor, token: str, content_type: str = "blog.blogpage") -> Any:
    return visitor.get("/api/v1/preview/", {"content_type": content_type, "token": token})


def edited_post() -> BlogPage:
    post = factories.make_post(
        slug="post", title="Published", tags=["calf"], topics=[factories.make_topic(name="Feet")]
    )
    post.title = "Only a draft"
    return post


def test_a_preview_shows_the_draft_and_is_kept_by_no_cache(site: Page, visitor: Visitor) -> None:
    answer = preview(visitor, edited_post().create_page_preview().token)
    assert answer.status_code == 200
    assert answer.json()["title"] == "Only a draft"
    assert [tag["name"] for tag in answer.json()["tags"]] == ["calf"]
    assert [topic["name"] for topic in answer.json()["topics"]] == ["Feet"]
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "Cache-Tag" not in answer
    assert visitor.get("/api/v1/pages/by-path/?path=/blog/post/").json()["title"] == "Published"


def test_a_preview_page_is_kept_by_no_cache_either(site: Page, visitor: Visitor) -> None:
    token = edited_post().create_page_preview().token
    answer = visitor.get("/preview/", {"content_type": "blog.blogpage", "token": token})
    assert "Only a draft" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"


def test_a_preview_token_lasts_an_hour(site: Page, visitor: Visitor, time_machine: Any) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    token = edited_post().create_page_preview().token
    time_machine.shift(timedelta(minutes=59))
    assert preview(visitor, token).status_code == 200
    time_machine.shift(timedelta(minutes=2))
    assert preview(visitor, token).status_code == 404


@pytest.mark.parametrize("token", ["", "x", "id=1:x:y", "\0", "é", "x" * 5000])
def test_a_made_up_token_shows_nothing(token: str, site: Page, visitor: Visitor) -> None:
    edited_post().create_page_preview()
    assert preview(visitor, token).status_code == 404
    assert visitor.get("/preview/", {"content_type": "blog.blogpage", "token": token}).status_code == 404


@pytest.mark.parametrize("content_type", ["", "home.standardpage", "auth.user", "BLOG.BLOGPAGE", "blog.author", "\0"])
def test_a_token_is_good_for_its_own_type(content_type: str, site: Page, visitor: Visitor) -> None:
    token = edited_post().create_page_preview().token
    assert preview(visitor, token, content_type).status_code == 404


def test_a_signed_token_whose_draft_is_gone_shows_nothing(site: Page, visitor: Visitor) -> None:
    page_preview = edited_post().create_page_preview()
    page_preview.delete()
    assert preview(visitor, page_preview.token).status_code == 404


@pytest.mark.parametrize("model", [BlogPage, StandardPage])
def test_a_page_that_was_never_saved_can_be_previewed(model: Any, site: Page, visitor: Visitor) -> None:
    """As Wagtail's preview panel does it while a page is being added."""
    parent = factories.make_index() if model is BlogPage else site
    page = model(title="Brand new", slug="brand-new", intro="Not saved", body=[("paragraph", "<p>Text</p>")])
    page.depth, page.path = parent.depth + 1, type(page)._get_children_path_interval(parent.path)[0]
    page.set_url_path(parent)
    content_type = model.get_content_type_str()
    token = page.create_page_preview().token
    answer = preview(visitor, token, content_type)
    assert (answer.status_code, answer.json()["title"]) == (200, "Brand new")
    shown = visitor.get("/preview/", {"content_type": content_type, "token": token})
    assert "Brand new" in shown.content.decode()
    assert not Page.objects.filter(slug="brand-new").exists()


# The list of all pages


def test_the_list_of_pages_names_what_search_engines_may_know(site: Page, visitor: Visitor) -> None:
    factories.make_post(slug="post")
    factories.make_post(slug="quiet", is_hidden_from_search_engines=True)
    factories.make_page(slug="about", last_published_at=timezone.now())
    factories.make_page(slug="quiet-page", is_hidden_from_search_engines=True)
    make_draft()
    answer = visitor.get("/api/v1/pages/").json()
    assert [entry["meta"]["path"] for entry in answer["results"]] == ["/", "/blog/", "/blog/post/", "/about/"]
    assert answer["count"] == 4
    assert answer["results"][-1]["last_published_at"]
    assert by_path(visitor, "/quiet-page/").status_code == 200


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "limit=-1", "offset=-1", "offset=x", "limit="])
def test_a_list_refuses_numbers_out_of_range(query: str, site: Page, visitor: Visitor) -> None:
    answer = visitor.get(f"/api/v1/pages/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.split("=")[0]]


# What is the same on every page


def entry(label: str, *, page: Page | None = None, url: str = "") -> tuple[str, dict[str, Any]]:
    return ("link", {"label": label, "page": page, "url": url})


def test_menus_lead_to_public_pages_only(site: Page, visitor: Visitor) -> None:
    about = factories.make_page(slug="about")
    make_draft()
    hidden = Page.objects.get(slug="hidden")
    menu = [entry("About", page=about), entry("Hidden", page=hidden), entry("Book", url="/book/"), entry("Nothing")]
    factories.make_settings(menu=menu, footer_menu=menu[1:3], social=[entry("Elsewhere", url="https://a.example/")])
    data = visitor.get("/api/v1/site/").json()
    assert data["menu"] == [{"label": "About", "url": "/about/"}, {"label": "Book", "url": "/book/"}]
    assert data["footer"]["menu"] == [{"label": "Book", "url": "/book/"}]
    assert data["social"] == [{"label": "Elsewhere", "url": "https://a.example/"}]


def test_hours_are_told_in_the_clinics_time(site: Page, visitor: Visitor) -> None:
    hours = [("hours", {"days": ["monday", "friday"], "opens": "08:00", "closes": "19:30"})]
    factories.make_settings(opening_hours=hours, opening_note="Closed in May")
    data = visitor.get("/api/v1/site/").json()
    assert data["opening_hours"] == [{"days": ["monday", "friday"], "opens": "08:00", "closes": "19:30"}]
    assert (data["opening_note"], data["timezone"]) == ("Closed in May", "Europe/London")


@pytest.mark.parametrize(
    ("phone", "country", "uri"),
    [
        ("01632 960 214", "GB", "tel:+441632960214"),
        ("+44 1632 960214", "", "tel:+441632960214"),
        ("01632 960 214", "", ""),
        ("ask at the door", "GB", ""),
        ("", "GB", ""),
    ],
)
def test_a_phone_number_can_be_dialled(phone: str, country: str, uri: str, site: Page, visitor: Visitor) -> None:
    factories.make_settings(phone=phone, country=country)
    contact = visitor.get("/api/v1/site/").json()["contact"]
    assert (contact["phone"], contact["phone_uri"]) == (phone, uri)


def test_a_site_that_nobody_has_set_up_answers_with_defaults(db: None, visitor: Visitor) -> None:
    factories.make_site()
    answer = visitor.get("/api/v1/site/")
    assert (answer.status_code, answer.json()["name"]) == (200, "Our clinic")
