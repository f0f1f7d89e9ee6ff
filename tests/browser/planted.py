"""A proxy in front of the site that plants what no page of ours should have."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

KEPT = {"content-type", "location", "set-cookie", "cache-control"}


@contextmanager
def planted(url: str, html: str = "", *, cookie: str = "", keeps_policy: bool = False) -> Iterator[str]:
    """The address of the site at `url` with `html` in each page, `cookie` on each answer, and mostly no policy."""
    kept = KEPT | ({"content-security-policy"} if keeps_policy else set())

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "accept-encoding"}
            answer = client.request(self.command, url + self.path, headers=headers, content=body)
            content = answer.content
            if answer.headers.get("content-type", "").startswith("text/html"):
                content = content.replace(b"</main>", html.replace("HERE", here).encode() + b"</main>")
            self.send_response(answer.status_code)
            for name, value in answer.headers.multi_items():
                if name.lower() in kept:
                    self.send_header(name, value)
            if cookie:
                self.send_header("Set-Cookie", cookie)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with httpx.Client() as client, ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        here = str(server.server_port)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{here}"
        server.shutdown()
        thread.join()
