"""The least concave function above the accuracy index F at whole splits: the lines a relaxation needs.

For every batch a user's worth is alpha_i F(n) plus a line in n, so its best whole split is a corner of the concave
envelope of F over N_hat..N. Chords between neighbouring corners therefore describe F to a solver without loss.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.fields import FloatArray
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.split_point import SplitsOfTasks


class Chords(NamedTuple):
    """Lines F(N) - ``slope`` (N - n) + ``intercept``, each not below F at any allowed split; shape (K,) both.

    ``slope`` is in 1/step; ``intercept`` is 0 for the last chord and grows towards smaller splits.
    """

    slope: FloatArray
    intercept: FloatArray


def envelope_corners(data: SplitsOfTasks) -> FloatArray:
    """Corners of the envelope in ascending order [steps]: N_hat, then every split from the steepest chord's end.

    F is convex below b_F and concave above. Its envelope is the chord from N_hat to the split that is reached at
    the largest mean slope, and F itself from there on; with N_hat >= b_F that split is N_hat + 1.
    """
    splits = np.arange(data.min_local_steps, data.total_steps + 1, dtype=np.float64)
    if splits.size <= 2:
        return splits
    accuracy = accuracy_index(data, splits)
    mean_slope = (accuracy[1:] - accuracy[0]) / (splits[1:] - splits[0])
    return np.concatenate([splits[:1], splits[1 + int(np.argmax(mean_slope)) :]])


def envelope_chords(data: SplitsOfTasks, most: int) -> Chords:
    """Chords between neighbouring corners, evenly thinned out to ``most`` where there are more."""
    corners = envelope_corners(data)
    accuracy = accuracy_index(data, corners)
    slope = np.diff(accuracy) / np.diff(corners)
    intercept = accuracy[1:] - accuracy_index(data, np.array(float(data.total_steps)))
    intercept = intercept + slope * (data.total_steps - corners[1:])
    kept = np.unique(np.linspace(0, slope.size - 1, min(most, slope.size)).round().astype(int))
    return Chords(slope[kept], intercept[kept])
