"""Values that no generalised quadratic assignment problem has, and what is said about each."""

from __future__ import annotations

from typing import Any

GQAP: dict[str, Any] = {
    "items": 3,
    "places": 2,
    "assignment_cost": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
    "flow": [[0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [2.0, 3.0, 0.0]],
    "distance": [[0.0, 7.0], [7.0, 0.0]],
    "cost_factor": 0.5,
    "weight": [1.0, 2.0, 3.0],
    "capacity": [4.0, 5.0],
}
"""A valid section."""

_FINITE, _SIZE = "expected a finite number", "expected a whole number from 1 to 4000"

WRONG_GQAP_VALUES: list[tuple[str, Any, str, str]] = [
    ("items", 0, "", f"{_SIZE}, got 0"),
    ("items", 2.5, "", f"{_SIZE}, got 2.5"),
    ("places", 4001, "", f"{_SIZE}, got 4001"),
    ("places", "2", "", f'{_SIZE}, got "2"'),
    ("assignment_cost", 1.0, "", "expected a list of rows of numbers, got 1.0"),
    ("assignment_cost", [[1.0, 2.0]], "", "expected 3 x 2 numbers (items x places), got 1 x 2"),
    ("assignment_cost", [[1.0, 2.0], [3.0], [5.0, 6.0]], "[1]", "expected 2 numbers as in row 0, got 1"),
    ("assignment_cost", [1.0, 2.0, 3.0], "[0]", "expected a list of numbers, got 1.0"),
    ("assignment_cost", [[1.0, 2.0], [3.0, float("nan")], [5.0, 6.0]], "[1][1]", f"{_FINITE}, got NaN"),
    ("assignment_cost", [[1.0, 2.0], [3.0, 4.0], [5.0, "6"]], "[2][1]", f'{_FINITE}, got "6"'),
    ("flow", [], "", "expected 3 x 3 numbers (items x items), got 0 x 0"),
    ("flow", [[]] * 3, "", "expected 3 x 3 numbers (items x items), got 3 x 0"),
    ("flow", [[0.0] * 2] * 3, "", "expected 3 x 3 numbers (items x items), got 3 x 2"),
    ("flow", [[0.0] * 3, [0.0, float("inf"), 0.0], [0.0] * 3], "[1][1]", f"{_FINITE}, got Infinity"),
    ("distance", [[0.0, None], [7.0, 0.0]], "[0][1]", f"{_FINITE}, got null"),
    ("distance", [[0.0, True], [7.0, 0.0]], "[0][1]", f"{_FINITE}, got true"),
    ("distance", None, "", "expected a list of rows of numbers, got null"),
    ("cost_factor", float("inf"), "", f"{_FINITE}, got Infinity"),
    ("cost_factor", [1.0], "", f"{_FINITE}, got [1.0]"),
    ("weight", [1.0, -2.0, 3.0], "[1]", f"{_FINITE} >= 0, got -2.0"),
    ("weight", [1.0, 2.0], "", "expected 3 numbers (one per item), got 2"),
    ("weight", 1.0, "", "expected a list of numbers, got 1.0"),
    ("capacity", [4.0, float("-inf")], "[1]", f"{_FINITE} >= 0, got -Infinity"),
    ("capacity", [4.0, 5.0, 6.0], "", "expected 2 numbers (one per place), got 3"),
]
"""Field, value, index named, and what the sentence says."""

GQAP_OVERFLOWS: list[tuple[str, Any]] = [
    ("assignment_cost", [[1e308, 1e308], [1e308, 4.0], [5.0, 6.0]]),
    ("distance", [[0.0, 1e308], [1e308, 0.0]]),
    ("flow", [[0.0, 1e308, 2.0], [1.0, 0.0, 3.0], [2.0, 3.0, 0.0]]),
    ("cost_factor", 1e307),
    ("weight", [1e308, 1e308, 1e308]),
    ("capacity", [1e308, 1e308]),
]
"""Field and value of numbers that are finite alone but not in a sum."""
