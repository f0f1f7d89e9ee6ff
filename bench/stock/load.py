"""
Fill the stock site with what our API says of a post: `python -m bench.stock.load API_URL POST_ID MEDIA`.

MEDIA is the directory that the pictures' addresses lead into.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.stock.settings")
django.setup()

from django.core.files.base import ContentFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from wagtail.images.models import Image  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from bench.stock.models import (  # noqa: E402
    Author,
    BlogIndexPage,
    BlogPage,
    Comment,
    HomePage,
    PostAuthor,
    StandardPage,
)

Data = dict[str, Any]


def load(api: str, post: int, media: Path) -> None:
    def ask(path: str) -> Any:
        with urlopen(f"{api}{path}") as answer:  # noqa: S310
            return json.load(answer)

    call_command("migrate", verbosity=0)
    data, index = ask(f"posts/{post}/"), _tree(ask("site/"))
    for related in data["related"]:
        other = ask(f"posts/{related['id']}/")
        other["tags"] = data["tags"]
        _add_post(index, other, media)
    page = _add_post(index, data, media)
    Comment.objects.bulk_create(
        Comment(post=page, name=row["author_name"], body=row["body"], created_at=row["created_at"])
        for row in ask(f"posts/{post}/comments/?limit=50")["results"]
    )


def _tree(site: Data) -> BlogIndexPage:
    Page.objects.filter(depth__gt=1).delete()
    home = Page.objects.get(depth=1).add_child(instance=HomePage(title=site["name"], slug="home"))
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "127.0.0.1", "root_page": home})
    for number, entry in enumerate(site["menu"][1:] + site["footer"]["menu"]):
        title, slug = entry["label"], f"page-{number}"
        home.add_child(instance=StandardPage(title=title, slug=slug, body=f"<p>{title}</p>", show_in_menus=True))
    index: BlogIndexPage = home.add_child(instance=BlogIndexPage(title="Posts", slug="blog", show_in_menus=True))
    return index


def _add_post(index: BlogIndexPage, data: Data, media: Path) -> BlogPage:
    page = BlogPage(
        title=data["title"],
        slug=data["meta"]["slug"],
        search_description=data["meta"]["search_description"],
        first_published_at=data["meta"]["first_published_at"],
        intro=data["intro"],
        hero=_image(data["hero"], media),
        body=[_block(block, media) for block in data["body"]],
    )
    page.tags.add(*(tag["name"] for tag in data["tags"]))
    page.post_authors = [PostAuthor(author=_author(author, media)) for author in data["authors"]]
    index.add_child(instance=page)
    return page


def _author(data: Data, media: Path) -> Author:
    fields = {"role": data["role"], "bio": data["bio"], "photo": _image(data["photo"], media)}
    return Author.objects.get_or_create(name=data["name"], defaults=fields)[0]


def _image(data: Data | None, media: Path) -> Image | None:
    if not data:
        return None
    name = data["src"].rpartition("/")[2]
    known = Image.objects.filter(title=name).first()
    return known or Image.objects.create(title=name, file=ContentFile((media / "images" / name).read_bytes(), name))


def _block(block: Data, media: Path) -> tuple[str, Any]:
    """Its words in a block of the stock site; of what has none there, a paragraph."""
    value = block["value"]
    if block["type"] == "heading":
        return "heading", value["text"]
    if block["type"] == "quote":
        return "quote", value["text"]
    if isinstance(value.get("image"), dict) and "src" in value["image"]:
        return "picture", {"image": _image(value["image"], media), "caption": value.get("caption", "")}
    return "paragraph", value.get("html") or f"<p>{value.get('title', '')} {value.get('text', '')}</p>"


if __name__ == "__main__":
    load(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
