"""What is done to a document or to its bytes: values at the edge of what numbers can be, junk, and damage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from fuzzing.documents import SECTIONS, Document, constraints, size_of

FLOATS = (
    0.0,
    -0.0,
    5e-324,
    1e-310,
    2.2250738585072014e-308,
    1e-300,
    1e-200,
    1e-100,
    1e-30,
    1e-12,
    0.1,
    1.0,
    1.0 + 2.0**-52,
    3.0,
    1e6,
    1e12,
    1e30,
    1e100,
    1e150,
    1e200,
    1e300,
    1.7976931348623157e308,
)
"""Finite numbers of every size, the smallest and the largest included."""

WHOLE = (0, 1, 2, 3, 7, 100, 4000, 10**6, 10**7, 2**31, 2**53 + 1, 2**63, 10**20, 10**309, 10**400, -1, -(2**63))
"""Whole numbers, many of them no size that a computer can hold."""

JUNK: tuple[Any, ...] = (
    None,
    True,
    False,
    "",
    "1",
    "NaN",
    "\x00",
    "\ud800",
    [],
    {},
    [[]],
    [None],
    {"a": 1},
    float("nan"),
    float("inf"),
    float("-inf"),
    -1.0,
    -1e-300,
    1.5,
    "x" * 500,
    [1.0] * 50,
    [[1.0, 2.0], [3.0]],
)
"""Values that hardly any field takes."""


def extreme_values(draw: Random, document: Document) -> None:
    """Put extreme numbers where numbers are, in a few leaves or in a whole field."""
    for section in _sections(document):
        names = [name for name, value in section.items() if _is_number(value) or isinstance(value, list)]
        for name in draw.sample(names, min(len(names), draw.choice([1, 1, 2, 3, 8]))):
            section[name] = _extreme(draw, section[name], draw.random() < 0.5)


def _extreme(draw: Random, value: Any, together: bool) -> Any:
    """The same value with extreme numbers in it, all of them or one alone."""
    if isinstance(value, list) and value:
        if not together:
            index = draw.randrange(len(value))
            return [*value[:index], _extreme(draw, value[index], False), *value[index + 1 :]]
        one = draw.choice(FLOATS)
        return [_filled(item, one) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return draw.choice(WHOLE) if draw.random() < 0.3 else draw.choice((0, 1, 2, 3))
    return draw.choice(FLOATS) * draw.choice((1.0, 1.0, 1.0, 3.7)) if _is_number(value) else value


def _filled(value: Any, number: float) -> Any:
    if isinstance(value, list):
        return [_filled(item, number) for item in value]
    return number if _is_number(value) else value


def scaled_values(draw: Random, document: Document) -> None:
    """Multiply all numbers of a few fields by one extreme factor: users stay as different as they were."""
    factor = draw.choice((1e-300, 1e-150, 1e-60, 1e-20, 1e-9, 1e9, 1e20, 1e60, 1e150))
    for section in _sections(document):
        for name in draw.sample(list(section), min(len(section), draw.randint(1, 5))):
            section[name] = _scaled(section[name], factor)


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, list):
        return [_scaled(item, factor) for item in value]
    return value * factor if isinstance(value, float) else value


def further_constraints(draw: Random, document: Document) -> None:
    """Add constraints, with ordinary limits or extreme ones."""
    posed = [name for name in ("step_allocation", "split_offloading") if name in document]
    if not posed:
        return
    problem = draw.choice(posed)
    added = constraints(draw, problem, size_of(document[problem]))
    if draw.random() < 0.3:
        one = draw.choice(added)
        name = draw.choice([name for name in one if name not in ("on", "type")])
        one[name] = _extreme(draw, one[name], draw.random() < 0.5)
    document["constraints"] = added


def junk_values(draw: Random, document: Document) -> None:
    """Put junk in a field, in an item of a list, or in place of a whole part; drop, add or rename a field."""
    for _ in range(draw.choice((1, 1, 2, 3))):
        holder, key = draw.choice(list(_places(document)))
        what = draw.random()
        if what < 0.6:
            holder[key] = _copied(draw.choice(JUNK + WHOLE))
        elif what < 0.75 and isinstance(holder, dict):
            del holder[key]
        elif what < 0.85 and isinstance(holder, list):
            holder.insert(key, _copied(draw.choice(JUNK)))
        elif what < 0.95 and isinstance(holder, dict):
            holder[draw.choice((f"{key}s", "", "colour", "\ud800", "constraints", "type"))] = _copied(
                draw.choice(JUNK)
            )
        else:
            holder[key] = _copied(document)


def _copied(value: Any) -> Any:
    """A deep copy, so that no document holds itself, nor anything that another one holds."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a document that holds something: its holder and key."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _sections(document: Document) -> Iterator[Document]:
    return (document[name] for name in SECTIONS if isinstance(document.get(name), dict))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


ON_DOCUMENTS: dict[str, tuple[Callable[[Random, Document], None], ...]] = {
    "as drawn": (),
    "extreme": (extreme_values,),
    "scaled": (scaled_values,),
    "constraints": (further_constraints,),
    "extreme constraints": (scaled_values, further_constraints),
    "junk": (junk_values,),
    "junk constraints": (further_constraints, junk_values),
}
"""What is done to documents, by the name that counts are kept under."""

WORDS = (
    b"null",
    b"NaN",
    b"-",
    b"1e999",
    b"1e-400",
    b"{}",
    b"[[",
    b'"',
    b"\\ud800",
    b"\xff",
    b"\xef\xbb\xbf",
    b"9" * 400,
    b",",
    b"-0",
    b"0",
    b"e5",
    b".",
    b"\n",
    b"\0",
    "٣".encode(),
    b"0x10",
    b"1_0",
)
"""Pieces that are put into the bytes of a file."""


def damaged(draw: Random, data: bytes) -> bytes:
    """Bytes with a few pieces changed, doubled, moved or cut."""
    for _ in range(draw.choice((1, 1, 2, 4))):
        start, length = draw.randrange(len(data) + 1), draw.choice((0, 1, 1, 2, 8))
        end = min(len(data), start + length)
        match draw.randrange(6):
            case 0:
                data = data[:start] + draw.choice(WORDS) + data[end:]
            case 1:
                data = data[:start] + bytes([draw.randrange(256)]) + data[start + 1 :]
            case 2 if data:
                flipped = bytearray(data)
                flipped[start % len(data)] ^= 1 << draw.randrange(8)
                data = bytes(flipped)
            case 3:
                data = data[:start]
            case 4:
                other = draw.randrange(len(data) + 1)
                data = data[:start] + data[other : other + 30] + data[start:]
            case _:
                data = data[:start] + data[end:]
    return data
