"""Elements of an XML file one after the other, none of which stays in memory, from a file that nobody vouches for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from tqdm import tqdm

from blog.importers.records import UnusableFile

MAX_DEPTH = 100
# Control characters that XML has no place for, but exports of old comments do.
_NEVER = bytes(set(range(0x20)) - set(b"\t\n\r"))


def closed(path: Path, *, root: str, whole: Collection[str]) -> Iterator[Element]:
    """
    Every element when it ends: those named in `whole` with all that is in them, of the others only their own text.

    UnusableFile if the file is missing, ends too early, begins with another element than `root` or has a document type.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file, tqdm(total=size, desc="Reading", unit="B", unit_scale=True, disable=None) as bar:
            yield from _walk(_events(_Source(file, bar)), path.name, root, whole)
    except OSError as error:
        raise UnusableFile(f"{path} can’t be read: {error.strerror}.") from error


class _Source:
    def __init__(self, file: IO[bytes], bar: Any) -> None:
        self._file, self._bar = file, bar

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._file.read(size)
        self._bar.update(len(chunk))
        return chunk.translate(None, delete=_NEVER)


def _events(source: _Source) -> Iterator[tuple[str, Element]]:
    try:
        yield from iterparse(source, events=("start", "end"), forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnusableFile("The file has a document type or entities of its own, which no export has.") from error
    except ParseError as error:
        raise UnusableFile(f"The file ends too early or is damaged ({error}).") from error
    except (LookupError, ValueError) as error:
        raise UnusableFile(f"The file is in an encoding that can’t be read ({error}).") from error


def _walk(events: Iterator[tuple[str, Element]], name: str, root: str, whole: Collection[str]) -> Iterator[Element]:
    above: list[Element] = []
    inside = 0
    for event, element in events:
        if event == "start":
            if not above and element.tag != root:
                raise UnusableFile(f"{name} is another kind of file: it begins with <{element.tag[:60]}>.")
            if len(above) >= MAX_DEPTH:
                raise UnusableFile(f"{name} is nested deeper than any export.")
            above.append(element)
            inside += element.tag in whole
            continue
        above.pop()
        inside -= element.tag in whole
        if not inside:
            yield element
            if above:
                del above[-1][:]
