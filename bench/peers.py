"""This site in four ways, its limits, and a stock Wagtail: all running, all with the same post."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from bench import nginx
from bench.processes import ROOT, Server, granian, site

FILE, SAME_BYTES, CACHED = "nginx, the file", "Granian, the same bytes", "this site"
BEHIND, STOCK = "this site behind nginx", "stock Wagtail"
ANEW, UNCACHED = "this site, made anew", "this site, nothing kept"
IDENTITY, GZIP = "identity", "gzip"
POST, THREAD = "/blog/glutes-and-running/", "/blog/kneecap-pain-on-stairs/"
# One address for all, whatever port they listen on: it stands in the pages.
ADDRESS = {"SITE_URL": "http://127.0.0.1:8000", "LOG_LEVEL": "WARNING"}
NOTHING_KEPT = {"PAGE_CACHE_MB": "0"}
# Room for no page: each is made anew, as after a change, from the parts that did not change.
NO_PAGE_KEPT = {"PAGE_CACHE_MB": "0.000001"}
Paths = dict[str, str]


@dataclass(frozen=True)
class Peer:
    """Where a peer gives each page, and the servers whose work that is."""

    name: str
    urls: dict[str, str]
    servers: Sequence[Server]


@contextmanager
def running(server: Server, path: str = POST) -> Iterator[Server]:
    server.start(path)
    try:
        yield server
    finally:
        server.stop()


def paths_of(server: Server) -> Paths:
    comments = f"/api/v1/posts/{_number(server, THREAD)}/comments/?limit=50"
    return {"post": POST, "list": "/blog/", "home": "/", "api": "/api/v1/posts/?limit=20", "comments": comments}


def _number(server: Server, path: str) -> int:
    with urlopen(f"{server.url}/api/v1/pages/by-path/?path={path}") as answer:  # noqa: S310
        number: int = json.load(answer)["id"]
        return number


def uncached(name: str, data_dir: Path, started: ExitStack) -> Peer:
    return _of_site(name, data_dir, started, NOTHING_KEPT)


def _of_site(name: str, data_dir: Path, started: ExitStack, setting: dict[str, str]) -> Peer:
    server = started.enter_context(running(site(data_dir, **ADDRESS, **setting)))
    return Peer(name, _urls(server, paths_of(server)), [server])


def peers(data_dir: Path, work: Path, started: ExitStack) -> Iterator[Peer]:
    """Each runs until `started` is left; the first is this site alone."""
    alone = started.enter_context(running(site(data_dir, **ADDRESS)))
    paths = paths_of(alone)
    cached = Peer(CACHED, _urls(alone, paths), [alone])
    yield cached
    bodies = _save_bodies(cached.urls, work / "bodies")
    files = {page: f"/{page}" for page in paths}
    same_bytes = granian("bench.same_bytes:application", log=work / "same_bytes.log", BODIES=str(bodies))
    started.enter_context(running(same_bytes, files["post"]))
    yield Peer(SAME_BYTES, _urls(same_bytes, files), [same_bytes])
    yield _of_site(ANEW, data_dir, started, NO_PAGE_KEPT)
    yield uncached(UNCACHED, data_dir, started)
    stock = started.enter_context(running(_stock(alone, data_dir, work / "stock")))
    yield Peer(STOCK, _urls(stock, {"post": POST}), [stock])
    if nginx.installed():
        plain = started.enter_context(running(nginx.Nginx.of_files(work / "plain", bodies), files["post"]))
        yield Peer(FILE, _urls(plain, files), [plain])
        behind = started.enter_context(running(site(data_dir, **ADDRESS, NUM_PROXIES="1")))
        front = started.enter_context(running(nginx.Nginx.in_front_of(behind, work / "front", data_dir)))
        yield Peer(BEHIND, _urls(front, paths), [front, behind])


def _stock(api: Server, data_dir: Path, directory: Path) -> Server:
    """A stock Wagtail with the same post, which is read from our API."""
    directory.mkdir()
    content = [f"{api.url}/api/v1/", str(_number(api, POST)), str(data_dir / "media")]
    command = [sys.executable, "-m", "bench.stock.load", *content]
    subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"], "STOCK_DIR": str(directory)}, check=True)
    return granian("bench.stock.wsgi:application", log=directory / "server.log", STOCK_DIR=str(directory))


def _urls(server: Server, paths: Paths) -> dict[str, str]:
    return {page: f"{server.url}{path}" for page, path in paths.items()}


def _save_bodies(urls: dict[str, str], directory: Path) -> Path:
    """What the site gives, as files: `post` and, compressed, `post.gz`."""
    directory.mkdir()
    for page, url in urls.items():
        (directory / page).write_bytes(_body(url, IDENTITY))
        (directory / f"{page}.gz").write_bytes(_body(url, GZIP))
    return directory


def _body(url: str, encoding: str) -> bytes:
    """As it is sent, still encoded."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc)
    connection.request("GET", f"{parts.path}?{parts.query}", headers={"Accept-Encoding": encoding})
    said = connection.getresponse().read()
    connection.close()
    return said
