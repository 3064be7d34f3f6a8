"""What a person takes away: the instance, the Python lines that solve it again, and the picture."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from instances import save
from instances.files import json_format, shipped
from instances.storage import file_names
from reports.drawing.figure import Panel
from reports.explorer import pictures
from reports.explorer.answer import Answer
from reports.explorer.controls import CONTROLS
from reports.explorer.uploads import MOST_USERS


def instance(found: Answer, panels: Sequence[Panel]) -> tuple[str, bytes]:
    """The instance as a file: its name and its bytes."""
    name = f"{stem(found)}.json"
    with tempfile.TemporaryDirectory() as folder:
        save(found.instance, Path(folder) / name)
        return name, (Path(folder) / name).read_bytes()


def python(found: Answer, panels: Sequence[Panel]) -> tuple[str, bytes]:
    """The Python lines as a file."""
    return f"{stem(found)}.py", found.scenario.python().encode()


def picture(found: Answer, panels: Sequence[Panel]) -> tuple[str, bytes]:
    """Both charts as one SVG file, drawn for print."""
    from reports.drawing import draw

    with tempfile.TemporaryDirectory() as folder:
        written = draw.save(pictures.figure(stem(found), found, panels), Path(folder))
        return f"{stem(found)}.svg", next(path for path in written if path.suffix == ".svg").read_bytes()


def stem(found: Answer) -> str:
    """Name of the files without ending."""
    return f"{file_names.stem(found.instance.name)}_explored"


@cache
def library() -> tuple[str, ...]:
    """Names of the library's instances that can be explored; their numbers are not read, which takes seconds."""
    found = []
    for name in shipped.names():
        document = json_format.parse(name, shipped.find(name).read_bytes())
        sizes = [document[posed]["users"] for posed in CONTROLS if posed in document]
        if sizes and max(sizes) <= MOST_USERS:
            found.append(name)
    return tuple(found)
