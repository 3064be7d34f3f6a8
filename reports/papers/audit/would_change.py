"""What would change each verdict, and what speaks for the authors where one is against them."""

from __future__ import annotations

from collections.abc import Mapping

_BUDGETS = "the paper's C1, C2, S0, S1, weights and budgets, which are not published."
_DEVICES = "the measurements behind Fig. 3; the H100 NVL of the paper is stood in for by the H100 PCIe."
_TRAINING = "a finished training in the published configuration: several seeds, held-out cases, a flat curve."

WOULD_CHANGE: Mapping[str, str] = {
    "a-np-hard": "a fault in the proof of docs/theory/hardness.md.",
    "a-monotone": "a subproblem on which a clamped a_n makes I_n rise.",
    "a-convergence": "an instance on which the loop ends at its iteration limit.",
    "a-p2-optimum": "a subproblem on which another solver finds a feasible point with a lower objective.",
    "a-p2-printed": "the authors' word that line 8 is to be read alone; then it holds in part.",
    "a-p1-optimum": "a choice of shift, margins and start that reaches the optimum; the paper states none of "
    "them.",
    "a-complexity": "a count that takes in the searches for zeta_n and delta, and grows faster than N.",
    "a-superior": _BUDGETS,
    "a-baseline": "the steps of the random baseline, which the paper does not publish: fewer are faster and "
    "cheaper.",
    "a-time-falls": _BUDGETS,
    "a-energy-rises": _BUDGETS,
    "a-equal-weights": "the authors' word which comparison is meant: each component by itself, or their sum.",
    "a-fig2": _BUDGETS,
    "b-np-hard": "a constraint that couples users by more than the size of the batch, such as a second server.",
    "b-reduction": "a choice of users on which (18) and P1 differ.",
    "b-closed-form": "nothing: the formula is an identity.",
    "b-concave": "an N_hat below b_F, for which it does not hold.",
    "b-nesting": "an objective in which the best split of one user depends on another user's split.",
    "b-conservative": "a latency of a step that falls with the batch.",
    "b-transmission": "a larger bandwidth than the published 1 MHz, or smaller latents.",
    "b-linear-latency": _DEVICES,
    "b-fig10-trends": "B_max of Fig. 10, which is not published; with one above 40 the fall may go on.",
    "b-latency-gain": _DEVICES,
    "b-baseline-1-2": "nothing: the best split is at least as good as any fixed one.",
    "b-remark-1": "an N_hat below b_F.",
    "b-remark-1-other-latency": "a definition of the exponent that the remark speaks of.",
    "b-fig7-trends": _DEVICES,
    "b-fig7-few-gpus": _DEVICES,
    "b-learned-baselines": _TRAINING,
    "b-learned-optimal": _TRAINING,
    "b-learned-narrower": _TRAINING,
    "b-learned-above-bb": _TRAINING,
    "b-learned-linear": "an implementation whose single call grows with I, as one that is not padded does.",
    "b-learned-viable": "a problem without a fast exact method, such as several servers.",
    "b-learned-learns": _TRAINING,
    "b-learned-fluctuates": _TRAINING,
    "b-learned-specific": _TRAINING,
    "b-loss-23": "the authors' word that max_a is meant.",
    "b-reward-backpropagation": _TRAINING,
    "b-replay-ratio": _TRAINING,
    "b-cyclic-shift": _TRAINING,
    "b-genetic-poorest": "the authors' genome, selection and survival.",
    "b-genetic-unstable": "the authors' genome, selection and survival.",
    "b-fig11-superior": _TRAINING + " And the authors' genetic algorithm.",
    "b-table-1-genetic": "nothing that is published.",
    "b-table-1-exponential": "the authors' branch and bound; the count is an upper bound on any.",
    "b-fig4a": "the images or the models behind the figure.",
    "b-fig4b-fit": "the points that the sigmoid was fitted to.",
}

FOR_THE_AUTHORS: Mapping[str, str] = {
    "a-p1-optimum": (
        'III-E calls the optimum of P1 the "primary objective" of Algorithm 3, which is an aim, and III-F says '
        "that SCA "
        "loses some optimality and claims the optimum of P2 alone. Line 9 of the algorithm, which returns the "
        "result "
        '"as the optimal solution of P1", says more, and is what is judged here.'
    ),
    "b-np-hard": (
        "The GQAP with arbitrary costs is NP-hard, as the paper cites, and the paper itself only infers "
        "hardness. The "
        "costs of (18) are not arbitrary, though: every pair of granted users costs the same, which leaves the "
        "size of "
        "the batch. In the model of Turing machines neither side is proven, since F is not rational."
    ),
    "b-closed-form": (
        'Section 5.2 speaks of a "difficulty in obtaining" a closed form, and SciPy finds the same split. '
        "Section 6.2 "
        "then says that there is none and leaves the split out of branch and bound for that reason, which costs "
        "it the "
        "comparison of Fig. 11."
    ),
}
"""The best case that can be made for a statement that does not hold here."""
