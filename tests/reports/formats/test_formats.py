"""The same table as text, CSV, LaTeX and HTML."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from reports.formats import csv_text, html_page, latex, plain_text, terminal
from reports.tables.table import Column, Row, Table

NASTY = 'a_b & c% <script>"x"</script> $1 {y} #2 ^~\\'

TABLE = Table(
    title=f"title {NASTY}",
    lead=("lead",),
    alerts=("alert & more",),
    columns=(Column("method", "method", numeric=False), Column("gap", "abs. gap", "%"), Column("run", "run", "s")),
    rows=(Row((NASTY, "-1.5", "2.0e-07"), "optimal"), Row(("plain", "-", "12.0"), "error")),
    notes=(f"note {NASTY}",),
    records=[{"method": NASTY, "gap": -1.5, "run": 2e-7}, {"method": "plain", "gap": None, "run": 1 / 3}],
)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_html_is_balanced_and_escaped() -> None:
    reader = Reader()
    page = html_page.render([TABLE, TABLE])
    reader.feed(page)
    assert reader.open == []
    assert "script" not in reader.seen
    assert reader.seen.count("table") == 2
    assert reader.text.count(NASTY) == 2
    assert not {"src", "href", "@import"} & set(page.split())


def test_csv_reads_back_exactly() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text.render([TABLE, TABLE]))))
    assert [row["method"] for row in rows] == [NASTY, "plain"] * 2
    assert [float(row["run"]) for row in rows] == [2e-7, 1 / 3] * 2
    assert rows[1]["gap"] == ""


def test_csv_starts_anew_where_columns_change() -> None:
    other = Table(title="", columns=(), rows=(), records=[{"other": 1}])
    assert csv_text.render([TABLE, other]).endswith("\n\nother\n1\n")


@pytest.mark.parametrize("text", ["=1+1", "+1", "@SUM(A1)", "\t=1", "=cmd|'/c calc'!A0"])
def test_csv_has_no_formula_of_a_text_and_keeps_numbers(text: str) -> None:
    record = {"name": text, "gain": -1.5, "count": 3, "none": None, "plain": "n=3 -1"}
    (row,) = csv.DictReader(io.StringIO(csv_text.render([Table("t", (), (), records=[record])])))
    assert row == {
        "name": "'" + text.replace("\t", "\\t"),
        "gain": "-1.5",
        "count": "3",
        "none": "",
        "plain": "n=3 -1",
    }


def test_no_control_character_of_a_text_reaches_the_terminal() -> None:
    text = "a\x1b[2Jb\nc\r\x9b\u202e"
    table = Table(
        text, (Column("a", text, numeric=False),), (Row((text,)),), (text,), (text,), (text,), [{"a": text}]
    )
    console = Console(file=io.StringIO(), width=200)
    terminal.show(table, console)
    assert isinstance(console.file, io.StringIO)
    for shown in (plain_text.render([table]), csv_text.render([table]), console.file.getvalue()):
        assert all(line.isprintable() for line in shown.split("\n"))
        assert "a\\x1b[2Jb\\nc\\r\\x9b\\u202e" in shown


def test_what_is_escaped_moves_no_column() -> None:
    columns = (Column("a", "a", numeric=False), Column("b", "b", numeric=False))
    heading, rule, *rows = plain_text.render(
        [Table("", columns, (Row(("a\x1b\n", "right")), Row(("plain", "right"))))]
    ).splitlines()[2:]
    assert [row.index("right") for row in rows] == [heading.index("b")] * 2 == [len(r"a\x1b\n") + 2] * 2
    assert len(rule) == len(rows[0])


def test_latex_escapes_and_sets_numbers() -> None:
    text = latex.render([TABLE])
    assert r"a\_b \& c\% \textless{}script\textgreater{}" in text
    assert r"\$1 \{y\} \#2 \textasciicircum{}\textasciitilde{}\textbackslash{}" in text
    assert r"& $-1.5$ & $2.0\times 10^{-7}$ \\" in text
    for rule in ("toprule", "midrule", "bottomrule"):
        assert text.count(f"\\{rule}") == 1
    assert r"\begin{tabular}{lrr}" in text
    assert latex.number("-") == "-"


def structure(text: str) -> list[tuple[str, list[str]]]:
    """Alignment and rows of every tabular; fails where braces, environments or dollars do not pair."""
    bare = re.sub(r"\\[&%$#_{}]", "", text)
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert all(line.count("$") % 2 == 0 for line in bare.splitlines())
    assert not re.search(r"[#%^~\"]", re.sub(r"\\times 10\^", "", bare))
    open_environments: list[str] = []
    for which, name in re.findall(r"\\(begin|end)\{(\w+)\}", bare):
        if which == "begin":
            open_environments.append(name)
        else:
            assert open_environments.pop() == name
    assert open_environments == []
    tabulars = re.findall(r"\\begin\{tabular\}\{([lr]+)\}\n(.*?)\\end\{tabular\}", bare, re.DOTALL)
    return [(alignment, re.findall(r"^(.*?) \\\\$", body, re.MULTILINE)) for alignment, body in tabulars]


def test_latex_has_the_structure_of_a_table() -> None:
    (alignment, rows), again = structure(latex.render([TABLE, TABLE]))
    assert again == (alignment, rows)
    assert alignment == "lrr"
    assert len(rows) == 2 + len(TABLE.rows)
    assert all(row.count("&") == len(alignment) - 1 for row in rows)
    assert latex.escape("[x]") == "{[}x]"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
def test_latex_compiles(tmp_path: Path) -> None:
    document = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}"
    (tmp_path / "table.tex").write_text(f"{document}\n{latex.render([TABLE])}\\end{{document}}\n")
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"], cwd=tmp_path, capture_output=True
    )
    assert run.returncode == 0, run.stdout.decode(errors="replace")[-2000:]


def test_a_narrow_terminal_gets_blocks_that_repeat_the_first_column() -> None:
    wide = [line.text for line in plain_text.lines(TABLE)]
    narrow = [line.text for line in plain_text.lines(TABLE, len(NASTY) + 8)]
    assert sum(NASTY in line for line in wide) == 3
    assert sum(NASTY in line for line in narrow) == 4
    for shown in (wide, narrow):
        assert sum(line.endswith("12.0") for line in shown) == 1


@pytest.mark.parametrize("width", [20, 60, 400])
def test_nothing_is_cut_on_a_terminal(width: int) -> None:
    text = io.StringIO()
    terminal.show(TABLE, Console(file=text, width=width, force_terminal=True, color_system="standard"))
    for cells in (row.cells for row in TABLE.rows):
        for cell in cells:
            assert cell in text.getvalue()
    assert "\x1b[" in text.getvalue()
