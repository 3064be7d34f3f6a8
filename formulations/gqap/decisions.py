"""What a solution of the GQAP decides for each item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.evaluation import named
from formulations.gqap.evaluation import places_of
from formulations.gqap.parameters import GQAP


def per_user(data: GQAP, solution: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return place, weight, own cost and cost of its pairs of every item, shape (n,) each.

    The cost of an ordered pair is counted at the first of the two, so that all costs add up to the objective.
    """
    place = places_of(data, solution["assignment"])
    pairs = data.cost_factor * (data.flow * data.distance[np.ix_(place, place)]).sum(axis=1)
    return {
        "place": place,
        "weight": np.asarray(data.weight),
        "assignment_cost": data.assignment_cost[np.arange(data.items), place],
        "pair_cost": pairs,
    }


def decision(solution: Mapping[str, NDArray[Any]]) -> str:
    """Return where the items are, in a line."""
    places = np.asarray(solution["assignment"])
    return f"{places.size} items at {np.unique(places).size} places{named(places)}"


def dual_units(data: GQAP, names: Iterable[str]) -> dict[str, str]:
    """Return the unit of every multiplier; no method of the GQAP has one of a single limit."""
    return dict.fromkeys(names, "-")
