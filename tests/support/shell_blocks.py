"""Commands that the pages show, as one would type them, and the files that stand beside them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]

FENCED = re.compile(r"^( *)```(console|bash|sh)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
INDENTED = re.compile(r"^((?: {4}[^\n]*\n)+)", re.MULTILINE)
INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
CODE = re.compile(r"^( *)```.*?^\1```", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)

PROGRAMS = ("python", "diffload", "pip", "bash")


@dataclass(frozen=True)
class Command:
    """A command of a page, split into words.

    Attributes
    ----------
    page : str
        Path of the page below the root.
    text : str
        The command, without the prompt and the comment.
    inline : bool
        Whether it stands within a sentence, where it may be a part of a command.
    """

    page: str
    text: str
    inline: bool = False

    @property
    def words(self) -> list[str]:
        """The words of the command."""
        return shlex.split(self.text)

    def __str__(self) -> str:
        return f"{self.page}: {self.text}"


def _lines(block: str) -> list[str]:
    """Commands of a block, with continued lines joined."""
    lines = re.sub(r"\\\n\s*", "", block).splitlines()
    stripped = (line.strip().removeprefix("$ ") for line in lines)
    found = (re.sub(r"\s+#\s.*$", "", line).strip() for line in stripped)
    return [line for line in found if line.split(" ")[0] in PROGRAMS]


def commands(page: Path) -> list[Command]:
    """Commands of a page, in their order within each kind: blocks first, then those within sentences."""
    name = str(page.relative_to(ROOT))
    text = page.read_text(encoding="utf-8")
    prose = CODE.sub("", text)
    blocks = [match[3] for match in FENCED.finditer(text)] + INDENTED.findall(prose)
    inline = (re.sub(r"\s+", " ", found) for found in INLINE.findall(INDENTED.sub("", prose)))
    return [
        *(Command(name, line) for block in blocks for line in _lines(block)),
        *(
            Command(name, line, inline=True)
            for line in inline
            if line.split(" ")[0] in PROGRAMS and len(line.split(" ")) > 1
        ),
    ]


def files(page: Path) -> dict[str, str]:
    """Files that a page shows, by their names."""
    return dict(FILE.findall(page.read_text(encoding="utf-8")))
