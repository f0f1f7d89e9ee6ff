"""deploy/nginx.conf, filled in for a place and ports of its own, and an nginx that runs with a configuration."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.processes import ROOT, Server, free_port

SHIPPED = ROOT / "deploy" / "nginx.conf"
# Where Debian puts it, which is on the administrator's path only.
PLACES = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin"
# The limit: files, and nothing else to do. As deploy/nginx.conf where it matters, but without its log.
FILES_ONLY = """
user {user};
pid {directory}/nginx.pid;
worker_processes auto;
error_log {directory}/error.log;
include /etc/nginx/modules-enabled/*.conf;
events {{ worker_connections 4096; }}
http {{
{temporary}
    access_log off;
    default_type text/html;
    sendfile on;
    keepalive_requests 10000;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        gzip_static on;
    }}
}}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def installed() -> str | None:
    return shutil.which("nginx", path=PLACES)


@dataclass(frozen=True)
class Place:
    """Where an nginx works: its own files, and the site that it stands in front of."""

    directory: Path
    data_dir: Path
    site_port: int
    port: int
    http_port: int
    name: str = "localhost"
    is_encrypted: bool = True

    def fill(self, text: str) -> str:
        """The five values that an operator puts in, and what else differs where it isn't the system that starts it."""
        for shipped, own in {
            "clinic.example": self.name,
            "/srv/gait/var": str(self.data_dir),
            "127.0.0.1:8000": f"127.0.0.1:{self.site_port}",
            "/etc/ssl/gait": str(self.directory),
            "/var/cache/gait": str(self.directory / "cache"),
            "user www-data;": f"user {user()};",
            "/run/nginx.pid": str(self.directory / "nginx.pid"),
            "/var/log/nginx": str(self.directory),
            "http {\n": f"http {{\n{temporary(self.directory)}",
            "listen 443 ssl http2": f"listen 127.0.0.1:{self.port}" + (" ssl http2" if self.is_encrypted else ""),
            "listen 80": f"listen 127.0.0.1:{self.http_port}",
        }.items():
            if shipped not in text:
                raise ValueError(f"{shipped!r} does not stand in the configuration")
            text = text.replace(shipped, own)
        return re.sub(r" *listen \[::\].*\n", "", text)


def user() -> str:
    """Whose name nginx takes: an administrator's temporary directories are closed to others."""
    return "root" if os.getuid() == 0 else "www-data"


def temporary(directory: Path) -> str:
    """Where it may put what does not fit into its memory."""
    return "".join(f"    {kind}_temp_path {directory}/{kind};\n" for kind in TEMPORARY)


def make_certificate(directory: Path, name: str) -> None:
    """One that nobody but ourselves has signed."""
    directory.mkdir(parents=True, exist_ok=True)
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    command += ["-keyout", str(directory / "privkey.pem"), "-out", str(directory / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)


class Nginx(Server):
    def __init__(self, directory: Path, configuration: str, *, port: int) -> None:
        path = directory / "nginx.conf"
        directory.mkdir(parents=True, exist_ok=True)
        path.write_text(configuration, encoding="utf-8")
        self.arguments = [installed() or "nginx", "-c", str(path), "-e", str(directory / "error.log")]
        super().__init__([*self.arguments, "-g", "daemon off;"], port=port, log=directory / "output.log")

    @classmethod
    def of_files(cls, directory: Path, root: Path) -> Nginx:
        port = free_port()
        places = {"directory": directory, "root": root, "port": port, "user": user()}
        return cls(directory, FILES_ONLY.format(**places, temporary=temporary(directory)), port=port)

    @classmethod
    def in_front_of(cls, site: Server, directory: Path, data_dir: Path) -> Nginx:
        """The shipped configuration without TLS, which would be what is measured."""
        port = free_port()
        place = Place(directory, data_dir, site.port, port, free_port(), name="127.0.0.1", is_encrypted=False)
        make_certificate(directory, "localhost")
        return cls(directory, place.fill(SHIPPED.read_text(encoding="utf-8")), port=port)

    def check(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self.arguments, "-t"], capture_output=True, text=True)
