"""What the documents say is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import resolve

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    read_by_us = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', read("cms/settings.py")))
    rows = [line for line in read("docs/operations.md").splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])}
    assert documented == read_by_us


def test_the_readme_names_the_two_commands() -> None:
    recipes = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)`?", read("README.md")))
    assert {"run", "test"} <= named <= recipes


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", document.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_paths_of_the_api_that_documents_name_exist(document: Path) -> None:
    named = set(re.findall(r"`(?:GET |POST |PUT |DELETE )?(/api/v1/[\w/-]*)`", document.read_text(encoding="utf-8")))
    for path in named - {"/api/v1/"}:
        assert resolve(path), path
