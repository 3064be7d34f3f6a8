"""What is measured in the objective's unit says so in its heading."""

from __future__ import annotations

import diffload


def test_seconds_of_split_offloading_are_labelled():
    heading = str(diffload.compare("n30", "greedy", problem="split_offloading")).splitlines()
    row = next(place for place, line in enumerate(heading) if line.startswith("method"))
    at = heading[row].index("objective") + len("objective") - 1
    assert heading[row + 1][at] == "s"
