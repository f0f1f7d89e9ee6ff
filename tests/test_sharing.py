"""Share links, the page that asks for a Mastodon server, and the picture other sites show with a shared link."""

from __future__ import annotations

import re
from contextlib import closing
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import regex
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from blog.models import BlogPage
from blog.sharing import share_links
from home.models import Picture
from home.site_settings import ShareNetwork
from tests import factories
from tests.conftest import Visitor

SITE = "http://127.0.0.1:8000"
ADDRESS = f"{SITE}/blog/post/"
FAMILY = "👨‍👩‍👧‍👦"
TITLES = {
    "ampersands and the like": "Knees & hips #1: 50% \"off\" 'now' + more? a/b = c; d",
    "already encoded": "100%25 %0D%0A &amp; <b>bold</b>",
    "two lines": "Knees\nand hips",
    "emoji of many parts": f"{FAMILY} on the run 🏃🏽‍♀️🇪🇪",
    "right to left": "ألم الركبة عند צליעה",
    "marks that combine": "Fu\u00dfschmerz, cafe\u0301, ก็",
    "as long as a title gets": "Stairs. " * 31 + "Stairs!",
}
# Where a network takes the title and where the address.
FIELDS = {
    "whatsapp": ("text", "text"),
    "facebook": (None, "u"),
    "linkedin": (None, "url"),
    "bluesky": ("text", "text"),
    "threads": ("text", "url"),
    "telegram": ("text", "url"),
    "reddit": ("title", "url"),
    "x": ("text", "url"),
}
HOSTS = {
    "whatsapp": "wa.me",
    "facebook": "www.facebook.com",
    "linkedin": "www.linkedin.com",
    "bluesky": "bsky.app",
    "threads": "www.threads.com",
    "telegram": "t.me",
    "reddit": "www.reddit.com",
    "x": "x.com",
}


def links_of(title: str, *networks: str, url: str = ADDRESS) -> dict[str, str]:
    found = share_links(title=title, url=url, networks=list(networks) or ShareNetwork.values)
    return {link["network"]: link["url"] for link in found}


def fields_of(link: str) -> dict[str, str]:
    """What the other side reads in the link; each field once."""
    found = parse_qs(urlsplit(link).query, strict_parsing=True)
    assert all(len(values) == 1 for values in found.values())
    return {name: values[0] for name, values in found.items()}


def published_links(visitor: Visitor, title: str) -> dict[str, str]:
    factories.make_settings(share_networks=[("network", network) for network in ShareNetwork.values])
    post = factories.make_post(title=title, slug="post")
    shares = visitor.get(f"/api/v1/posts/{post.pk}/").json()["share"]
    return {share["network"]: share["url"] for share in shares}


# --- Links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())
def test_title_and_address_arrive_whole_at_every_network(title: str, site: Any, visitor: Visitor) -> None:
    links = published_links(visitor, title)
    assert links.keys() == set(ShareNetwork.values)
    for network, (title_field, url_field) in FIELDS.items():
        link = urlsplit(links[network])
        assert (link.scheme, link.netloc, link.fragment) == ("https", HOSTS[network], ""), network
        fields = fields_of(links[network])
        if title_field == url_field:
            assert fields == {url_field: f"{title} {ADDRESS}"}, network
        else:
            assert fields == {url_field: ADDRESS} | ({title_field: title} if title_field else {}), network


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())
def test_link_has_no_character_that_could_end_it(title: str, site: Any, visitor: Visitor) -> None:
    for network, link in published_links(visitor, title).items():
        assert re.fullmatch(r"[\w.~:/?&=%-]+", link, flags=re.ASCII), network
        assert "+" not in link, network


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())
def test_e_mail_has_the_title_as_its_subject_and_both_in_its_body(title: str, site: Any, visitor: Visitor) -> None:
    link = published_links(visitor, title)["email"]
    assert link.startswith("mailto:?")
    assert fields_of(link) == {"subject": title.replace("\n", " "), "body": f"{title}\n\n{ADDRESS}"}


@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\u2028", "\x85"])
def test_no_other_header_gets_into_an_e_mail(line_break: str) -> None:
    link = links_of(f"Knees{line_break}Bcc: everybody@clinic.example", "email")["email"]
    assert fields_of(link)["subject"] == "Knees Bcc: everybody@clinic.example"
    assert "\r" not in unquote(link)
    assert fields_of(link).keys() == {"subject", "body"}


def test_copied_link_is_the_address_itself(site: Any, visitor: Visitor) -> None:
    assert published_links(visitor, "Knees")["copy"] == ADDRESS


def test_labels_are_words(site: Any, visitor: Visitor) -> None:
    labels = [link["label"] for link in share_links(title="", url=ADDRESS, networks=["copy", "email", "threads", "x"])]
    assert labels == ["Copy link", "E-mail", "Threads", "X"]


def test_network_that_is_no_longer_known_is_left_out(site: Any, visitor: Visitor) -> None:
    factories.make_settings(share_networks=[("network", network) for network in ("email", "orkut", "copy")])
    shares = visitor.get(f"/api/v1/posts/{factories.make_post().pk}/").json()["share"]
    assert [share["network"] for share in shares] == ["email", "copy"]


# --- Limits ----------------------------------------------------------------------------------------------------------


def characters(text: str) -> list[str]:
    """As a reader counts them."""
    return regex.findall(r"\X", text)


def counted_by_x(text: str) -> int:
    """Latin letters once, the rest of what is used here twice; an emoji twice, however it is made."""
    return sum(1 if len(char) == 1 and ord(char) < 0x1100 else 2 for char in characters(text))


LONG = {"latin": "Stairs, " * 62 + "toes", "families": FAMILY * 500, "mixed": f"é{FAMILY} 膝" * 125, "cjk": "膝" * 500}


@pytest.mark.parametrize("title", LONG.values(), ids=LONG.keys())
def test_title_of_500_characters_arrives_whole_where_no_limit_is_known(title: str) -> None:
    assert len(characters(title)) == 500
    links = links_of(title)
    assert fields_of(links["email"])["subject"] == title
    assert fields_of(links["whatsapp"])["text"] == f"{title} {ADDRESS}"
    assert fields_of(links["telegram"])["text"] == title
    assert fields_of(links["threads"])["text"] == title


@pytest.mark.parametrize("title", LONG.values(), ids=LONG.keys())
def test_long_title_is_cut_between_two_characters(title: str) -> None:
    links = links_of(title)
    bluesky, address = fields_of(links["bluesky"])["text"].rsplit(" ", 1)
    assert address == ADDRESS
    shortened = {
        "bluesky": bluesky,
        "x": fields_of(links["x"])["text"],
        "reddit": fields_of(links["reddit"])["title"],
    }
    for network, short in shortened.items():
        assert short.endswith("…"), network
        kept = characters(short.removesuffix("…"))
        assert kept, network
        assert kept == characters(title)[: len(kept)], network


@pytest.mark.parametrize("title", LONG.values(), ids=LONG.keys())
def test_long_title_keeps_the_limit(title: str) -> None:
    links = links_of(title)
    assert len(characters(fields_of(links["bluesky"])["text"])) <= 300
    assert len(fields_of(links["reddit"])["title"]) <= 300
    assert counted_by_x(fields_of(links["x"])["text"]) + len(" ") + 23 <= 280


def test_limit_of_bluesky_is_used_to_the_last_character() -> None:
    room = 300 - len(f" {ADDRESS}")
    whole, over = ("🦶🏽" * length for length in (room, room + 1))
    assert fields_of(links_of(whole)["bluesky"])["text"] == f"{whole} {ADDRESS}"
    assert fields_of(links_of(over)["bluesky"])["text"] == f"{'🦶🏽' * (room - 1)}… {ADDRESS}"


def test_limit_of_x_counts_wide_characters_twice() -> None:
    for char, length in (("a", 256), ("é", 256), ("e\u0301", 256), ("—", 128 * 2), ("膝", 128), ("🦶", 128)):
        assert fields_of(links_of(char * length)["x"])["text"] == char * length, char
        assert fields_of(links_of(char * (length + 1))["x"])["text"].endswith(f"{char}…"), char


def test_address_that_leaves_no_room_goes_alone() -> None:
    address = f"{SITE}/blog/{'long-' * 60}/"
    assert fields_of(links_of("Knees", url=address)["bluesky"])["text"] == address


# --- Mastodon --------------------------------------------------------------------------------------------------------

MASTODON = "/blog/post/share/mastodon/"
SERVERS = {
    "mastodon.social": "mastodon.social",
    "  Mastodon.Social ": "mastodon.social",
    "https://mastodon.social": "mastodon.social",
    "HTTPS://mastodon.social/@ada/1234?lang=en#replies": "mastodon.social",
    "http://mastodon.social/": "mastodon.social",
    "@ada@mastodon.social": "mastodon.social",
    "ada@mastodon.social": "mastodon.social",
    "mastodon.social.": "mastodon.social",
    "social.münchen.de": "social.xn--mnchen-3ya.de",
    "social。例え。jp": "social.xn--r8jz45g.jp",
    "xn--mnchen-3ya.social": "xn--mnchen-3ya.social",
    "дом.рф": "xn--d1aqf.xn--p1ai",
    f"{'a' * 63}.example": f"{'a' * 63}.example",
}
NO_SERVERS = [
    "",
    "   ",
    "mastodon",
    "localhost",
    "mastodon.social:443",
    "https://mastodon.social:8443/",
    "127.0.0.1",
    "127.1",
    "0x7f.0.0.1",
    "0x7f.1",
    "１２７.0.0.1",
    "[::1]",
    "2130706433",
    "ftp://mastodon.social",
    "javascript:alert(1)",
    "//mastodon.social",
    "https://",
    "@ada@",
    "mastodon.social\\evil.example",
    "mastodon.social evil.example",
    "mastodon.social\nevil.example",
    "mastodon.social\0",
    "mastodon_social.example",
    "-mastodon.social",
    "mastodon-.social",
    "mastodon..social",
    ".social",
    "mastodon.s",
    "mastodon.123",
    "mastodon.social.1",
    "mastodon.social%2eevil.example",
    "℀.example",
    "xn--a.social",
    "\u202emastodon.social",
    "<script>alert(1)</script>",
    f"{'a' * 64}.example",
    "a." * 126 + "example",
    "é" * 20_000 + ".example",
]


@pytest.fixture
def post(site: Any) -> BlogPage:
    return factories.make_post(title=f'Knees & "hips" {FAMILY} 100% <b>', slug="post")


def attributes(html: str, tag: str) -> list[dict[str, str]]:
    found = [dict(re.findall(r'([\w-]+)="([^"]*)"', element)) for element in re.findall(rf"<{tag}\b[^>]*>", html)]
    return [{name: unescape(value) for name, value in element.items()} for element in found]


def outward(response: Any) -> list[dict[str, str]]:
    main = response.text[response.text.index("<main") : response.text.index("</main>")]
    return [link for link in attributes(main, "a") if urlsplit(link["href"]).netloc]


def test_mastodon_leads_to_a_page_of_ours(post: BlogPage, transport: str, visitor: Visitor) -> None:
    (url,) = [
        share["url"] for share in visitor.get(f"/api/v1/posts/{post.pk}/").json()["share"] if "mastodon" in share["url"]
    ]
    assert url == f"{SITE}{MASTODON}"
    response = visitor.get(urlsplit(url).path)
    assert response.status_code == 200
    assert "Your Mastodon server" in response.text
    (field,) = [field for field in attributes(response.text, "input") if field.get("name") == "server"]
    assert field["value"] == ""
    assert outward(response) == []
    assert '<meta name="robots" content="noindex">' in response.text


def test_any_cache_may_keep_the_page_that_asks(post: BlogPage, transport: str, visitor: Visitor) -> None:
    response = visitor.get(MASTODON)
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert {f"page-{post.pk}", "site"} <= set(response["Cache-Tag"].split(","))
    assert not response.cookies


def test_page_that_asks_takes_no_server_from_its_address(post: BlogPage, visitor: Visitor) -> None:
    assert visitor.get(f"{MASTODON}?server=evil.example").content == visitor.get(MASTODON).content


@pytest.mark.parametrize(("typed", "host"), SERVERS.items(), ids=SERVERS.keys())
def test_server_gets_a_link_with_title_and_address(typed: str, host: str, post: BlogPage, visitor: Visitor) -> None:
    response = visitor.post(MASTODON, {"server": typed})
    assert response.status_code == 200
    (link,) = outward(response)
    target = urlsplit(link["href"])
    assert (target.scheme, target.netloc, target.path, target.fragment) == ("https", host, "/share", "")
    assert fields_of(link["href"]) == {"text": f"{post.title} {ADDRESS}"}
    assert f"Open {host}" in response.text
    assert set(link["rel"].split()) == {"noopener", "noreferrer", "nofollow"}


@pytest.mark.parametrize("typed", NO_SERVERS, ids=[repr(typed)[:40] for typed in NO_SERVERS])
def test_what_is_no_server_is_asked_for_again(typed: str, post: BlogPage, visitor: Visitor) -> None:
    response = visitor.post(MASTODON, {"server": typed})
    assert response.status_code == 400
    assert "There is a problem" in response.text
    assert 'href="#server"' in response.text
    (field,) = [field for field in attributes(response.text, "input") if field.get("name") == "server"]
    assert field["value"].replace("\0", "") == typed.strip().replace("\0", "")
    assert field["aria-invalid"] == "true"
    assert outward(response) == []


def test_longest_title_fits_what_every_server_takes(site: Any, visitor: Visitor) -> None:
    factories.make_post(title="膝" * 255, slug="post")
    (link,) = outward(visitor.post(MASTODON, {"server": "mastodon.social"}))
    title, address = fields_of(link["href"])["text"].rsplit(" ", 1)
    assert (title, address) == ("膝" * 255, ADDRESS)
    assert len(title) + len(" ") + 23 <= 500


@pytest.mark.parametrize("typed", ["mastodon.social", "nonsense"])
def test_what_somebody_typed_is_kept_nowhere(typed: str, post: BlogPage, transport: str, visitor: Visitor) -> None:
    response = visitor.post(MASTODON, {"server": typed})
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert "Cache-Tag" not in response
    assert not response.cookies
    assert typed not in visitor.get(MASTODON).text.replace("For example mastodon.social", "")


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        pytest.param({"Sec-Fetch-Site": "same-origin"}, True, id="our page"),
        pytest.param({"Origin": SITE}, True, id="old browser on our page"),
        pytest.param({}, True, id="no browser"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, False, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site", "Origin": SITE}, False, id="a neighbour's host"),
        pytest.param({"Origin": "https://evil.example"}, False, id="old browser on another site"),
        pytest.param({"Origin": "null"}, False, id="sandboxed frame"),
    ],
)
def test_link_is_made_for_our_own_page_only(headers: dict[str, str], is_taken: bool, post: BlogPage) -> None:
    sender = Client(HTTP_HOST="127.0.0.1:8000", enforce_csrf_checks=True)
    response = sender.post(MASTODON, {"server": "evil.example"}, headers=headers)
    assert response.status_code == (200 if is_taken else 403)
    assert ("evil.example" in response.text) is is_taken


def test_body_that_no_form_of_ours_sends_is_refused(post: BlogPage, visitor: Visitor) -> None:
    assert visitor.post(MASTODON, {"server": "mastodon.social", "more": "a" * 65 * 1024}).status_code == 400
    assert visitor.put(MASTODON).status_code == 405
    assert visitor.head(MASTODON).status_code == 200


def test_only_a_public_post_that_offers_mastodon_has_the_page(post: BlogPage, transport: str, visitor: Visitor) -> None:
    factories.make_page(slug="about")
    factories.make_post(slug="draft", live=False)
    for path in (f"{page}share/mastodon/" for page in ("/about/", "/blog/", "/blog/draft/", "/blog/no/")):
        assert visitor.get(path).status_code == 404, path
        assert visitor.post(path, {"server": "mastodon.social"}).status_code == 404, path
    factories.make_settings(share_networks=[("network", network) for network in ("copy", "email")])
    assert visitor.get(MASTODON).status_code == 404


# --- The list on the page --------------------------------------------------------------------------------------------


def test_links_tell_the_other_side_nothing_and_say_where_they_open(post: BlogPage, visitor: Visitor) -> None:
    html = visitor.get("/blog/post/").text
    links = [link for link in attributes(html, "a") if link.get("class") == "share-link"]
    assert all(set(link["rel"].split()) == {"noopener", "noreferrer", "nofollow"} for link in links)
    stay = [link["href"] for link in links if "target" not in link]
    assert [urlsplit(href).scheme for href in stay] == ["mailto", "http"]
    leave = [link for link in links if link.get("target") == "_blank"]
    assert len(leave) == len(links) - 2 == html.count("(opens in a new tab)")


def test_list_follows_the_order_of_the_settings(post: BlogPage, visitor: Visitor) -> None:
    factories.make_settings(share_networks=[("network", network) for network in ("x", "email", "mastodon")])
    links = [link for link in attributes(visitor.get("/blog/post/").text, "a") if link.get("class") == "share-link"]
    assert [urlsplit(link["href"]).netloc for link in links] == ["x.com", "", "127.0.0.1:8000"]


# --- The picture -----------------------------------------------------------------------------------------------------


def picture_of(size: tuple[int, int], kind: str = "JPEG", mode: str = "RGB", **fields: Any) -> Picture:
    output = BytesIO()
    Image.new(mode, size, "#0A5A4E").save(output, kind)
    file = ContentFile(output.getvalue(), name=f"picture.{kind.lower()}")
    return factories.make_picture(file=file, presets=("social",), **fields)


def shown_with(visitor: Visitor, path: str) -> dict[str, str]:
    """The tags of a page's picture, by name."""
    metas = attributes(visitor.get(path).text, "meta")
    found = [(meta["property"], meta["content"]) for meta in metas if meta.get("property", "").startswith("og:image")]
    assert len(found) == len(dict(found))
    return dict(found)


def fetched(visitor: Visitor, address: str) -> bytes:
    assert address.startswith(f"{SITE}/")
    with closing(visitor.get(urlsplit(address).path)) as response:
        assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
        assert "immutable" in response["Cache-Control"]
        return b"".join(response.streaming_content)


@pytest.mark.parametrize(
    ("size", "kind", "mode"),
    [
        ((2400, 1600), "JPEG", "RGB"),
        ((600, 400), "JPEG", "RGB"),
        ((60, 40), "JPEG", "RGB"),
        ((500, 1400), "PNG", "RGBA"),
        ((1200, 630), "WEBP", "RGB"),
        ((1199, 631), "JPEG", "L"),
    ],
)
def test_picture_is_a_jpeg_of_one_size(
    size: tuple[int, int], kind: str, mode: str, site: Any, transport: str, visitor: Visitor
) -> None:
    factories.make_post(slug="post", hero_image=picture_of(size, kind, mode), hero_alt="A knee")
    tags = shown_with(visitor, "/blog/post/")
    assert (tags["og:image:width"], tags["og:image:height"], tags["og:image:alt"]) == ("1200", "630", "A knee")
    image = Image.open(BytesIO(fetched(visitor, tags["og:image"])))
    assert (image.format, image.size) == ("JPEG", (1200, 630))


def test_focal_point_stays_in_the_picture(site: Any, visitor: Visitor) -> None:
    output = BytesIO()
    tall = Image.new("RGB", (400, 1200), "white")
    tall.paste("#D9472B", (100, 1000, 300, 1100))
    tall.save(output, "PNG")
    picture = factories.make_picture(
        file=ContentFile(output.getvalue(), name="tall.png"),
        presets=("social",),
        focal_point_x=200,
        focal_point_y=1050,
        focal_point_width=200,
        focal_point_height=100,
    )
    factories.make_post(slug="post", hero_image=picture)
    image = Image.open(BytesIO(fetched(visitor, shown_with(visitor, "/blog/post/")["og:image"])))
    assert any(red > 180 and green < 120 for _, (red, green, _) in image.resize((12, 6)).getcolors())


def test_picture_for_sharing_wins_over_the_main_one_and_any_over_ours(
    site: Any, transport: str, visitor: Visitor
) -> None:
    own, main = (picture_of((1300, 700), description=text) for text in ("Drawn for sharing", "The main one"))
    factories.make_post(slug="both", social_image=own, hero_image=main, hero_alt="Main")
    factories.make_post(slug="main", hero_image=main)
    factories.make_post(slug="none", title="Knees")
    both, only_main, none = (shown_with(visitor, f"/blog/{slug}/") for slug in ("both", "main", "none"))
    assert len({tags["og:image"] for tags in (both, only_main, none)}) == 3
    assert both["og:image:alt"] == "Drawn for sharing"
    assert only_main["og:image:alt"] == "The main one"
    assert urlsplit(none["og:image"]).path.startswith("/static/")


def test_picture_without_words_is_called_by_the_title(site: Any, visitor: Visitor) -> None:
    factories.make_post(slug="post", title="Knees & hips", hero_image=picture_of((60, 40)))
    assert shown_with(visitor, "/blog/post/")["og:image:alt"] == "Knees & hips"


def test_our_own_picture_is_small_and_kept_for_ever(site: Any, visitor: Visitor) -> None:
    address = shown_with(visitor, "/")["og:image"]
    assert re.search(r"/social\.[0-9a-f]{12}\.jpg$", address)
    body = fetched(visitor, address)
    image = Image.open(BytesIO(body))
    assert (image.format, image.size) == ("JPEG", (1200, 630))
    assert len(body) <= 60_000


def test_every_page_for_search_engines_has_a_picture(site: Any, transport: str, visitor: Visitor) -> None:
    factories.make_page(slug="about")
    factories.make_post(slug="post", topics=[factories.make_topic(slug="knees")])
    for path in ("/", "/about/", "/blog/", "/blog/?topic=knees", "/blog/post/", "/book/"):
        tags = shown_with(visitor, path)
        assert (tags["og:image:width"], tags["og:image:height"]) == ("1200", "630"), path
        assert tags["og:image"].startswith(SITE), path
        assert tags["og:image:alt"], path
        assert '<meta name="twitter:card" content="summary_large_image">' in visitor.get(path).text, path


def test_hostile_words_stay_inside_their_tags(site: Any, visitor: Visitor) -> None:
    words = "</script><script>alert(1)</script>\"'><img src=x>"
    factories.make_post(slug="post", title=words, hero_image=picture_of((60, 40)), hero_alt=words)
    assert shown_with(visitor, "/blog/post/")["og:image:alt"] == words
    for path in ("/blog/post/", MASTODON):
        html = visitor.get(path).text
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_draft_shows_nothing_without_a_token(site: Any, transport: str, visitor: Visitor) -> None:
    post = factories.make_post(slug="draft", title="Not yet", live=False, hero_image=picture_of((60, 40)))
    token = post.create_page_preview().token
    wanted = {"content_type": "blog.blogpage", "token": token}
    draft = visitor.get("/preview/", wanted)
    assert "Not yet" in draft.text
    assert "og:" not in draft.text
    assert '<meta name="robots" content="noindex">' in draft.text
    for token in ("", "x", wanted["token"][:-1]):
        refused = visitor.get("/preview/", wanted | {"token": token})
        assert refused.status_code == 404
        assert "Not yet" not in refused.text
    for path in ("/blog/draft/", "/blog/draft/share/mastodon/", "/blog/", "/sitemap.xml", "/feed/"):
        assert "Not yet" not in visitor.get(path).text, path


def test_picture_that_was_not_made_yet_gives_way_to_ours(site: Any, visitor: Visitor) -> None:
    factories.make_post(slug="post", hero_image=factories.make_picture())
    assert Path(urlsplit(shown_with(visitor, "/blog/post/")["og:image"]).path).name.startswith("social.")
