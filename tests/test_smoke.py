from __future__ import annotations

from tests import factories


def test_home(site, visitor) -> None:
    factories.make_post()
    for path in ["/", "/blog/", "/book/", "/privacy-choices/", "/search/?q=x", "/feed/", "/sitemap.xml"]:
        assert visitor.get(path).status_code == 200, path
