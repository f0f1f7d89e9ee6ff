from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent / "content"


def load(name: str) -> dict[str, Any]:
    """One file of the demo clinic’s texts, by its name without the ending."""
    with (ROOT / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def load_all(folder: str) -> list[dict[str, Any]]:
    return [load(f"{folder}/{path.stem}") for path in sorted((ROOT / folder).glob("*.toml"))]
