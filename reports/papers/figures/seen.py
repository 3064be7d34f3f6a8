"""What is seen in each picture, for readers who do not see it."""

from __future__ import annotations

from collections.abc import Mapping

SEEN: Mapping[str, str] = {
    "a-fig1": (
        "Three panels over the edge's step budget per user: total time falls, accuracy rises slowly, energy "
        "rises. The improved algorithm lies on the black line of the certified optimum; the published one "
        "leaves it in the middle of the range; the random baseline lies far below in all three."
    ),
    "a-fig2": (
        "The objective over the edge's step budget for three local step limits. The optimum falls evenly and "
        "levels off at about 60 steps per user, the improved algorithm on it; the published algorithm stays "
        "above it and jumps."
    ),
    "b-fig3": (
        "Seconds of one denoising step over the batch size on a logarithmic ordinate, one line a device: the "
        "GTX 1080 Ti is the slowest, then the RTX 2080 Ti, the RTX 3080 and the RTX 4090; the H100 at the "
        "edge is the fastest for all but the smallest batches."
    ),
    "b-fig4b": (
        "The personalised accuracy index over the local steps: a sigmoid that rises from 0.05 at no step to "
        "0.99 at 200, with 0.59 at 80 steps marked."
    ),
    "b-fig7a": (
        "Offloaded steps over the emphasis on accuracy for three devices and two batches: each line stays at "
        "120 steps, falls and ends at none; a faster device and a larger batch fall at a weaker emphasis."
    ),
    "b-fig7b": (
        "Offloaded steps over the emphasis on accuracy for 2, 4 and 8 GPUs and two batches: each line falls "
        "from 120 steps to none, later with more GPUs; the larger batch of 20 with 2 GPUs offloads nothing."
    ),
    "b-fig8": (
        "Objective per user during training for networks of three scopes, and their loss to the optimum: all "
        "come close to the black lines of the certified optimum within a few hundred gradient steps."
    ),
    "b-fig9": (
        "Bars of objective, accuracy and latency on six cases for three networks and the certified optimum: "
        "those of one case are of nearly the same height."
    ),
    "b-fig10a": (
        "Objective per user over 5 to 40 users: the learned policy lies on the certified optimum and falls "
        "slowly, baselines 1 and 2 fall far below it until 20 users, and all-local is level."
    ),
    "b-fig10b": (
        "Objective per user over 1 to 8 GPUs in two panels: the learned policy lies on the certified optimum, "
        "then come all-local and the two baselines that offload everyone, which gain most from more GPUs."
    ),
    "b-fig11": (
        "Objective per user over the users, and the loss to the optimum: branch and bound with fixed splits "
        "loses about half a second a user, the learned policy less than a thousandth, the genetic algorithm "
        "nothing that can be seen."
    ),
    "b-table1": (
        "Processor time of a snapshot over the users, both axes logarithmic: the exact scan and the greedy "
        "method stay below a millisecond, the network and the genetic algorithm reach tenths of a second, and "
        "branch and bound rises steeply."
    ),
}
"""By the name of the picture's file."""
