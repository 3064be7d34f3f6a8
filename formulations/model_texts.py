"""What the variables, constraints and objectives of the explicit models are, with unit and equation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyomo.environ as pyo

STEP_ALLOCATION = {
    "offload": "a_n, whether user n runs at the edge [-], paper A (9)",
    "steps": "s_n, steps of user n [steps], paper A (2)",
    "local_steps": "l_n, steps of user n on its device [steps], part of s_n in paper A (2)",
    "edge_steps": "e_n, steps of user n at the edge [steps], part of s_n in paper A (2)",
    "user_cost": "cost of user n where it runs [-], summand of paper A (8)",
    "local_quality": "quality cost of user n counted on its device [-], paper A (4) and (7)",
    "edge_quality": "quality cost of user n counted at the edge [-], paper A (4) and (7)",
    "edge_budget": "edge steps of all users within the budget [steps], paper A (1)",
    "step_limit": "steps within the user's own limit where it runs [steps], paper A (2)",
    "local_limit": "steps on the device only where the user stays, within its limit [steps], paper A (2)",
    "edge_limit": "steps at the edge only where the user offloads, within its limit [steps], paper A (2)",
    "place_cost": "cost of user n at least that of the place where it runs [-], paper A (8)",
    "local_quality_cost": "quality cost on the device at least phi_n [-], paper A (4) and (7)",
    "edge_quality_cost": "quality cost at the edge at least phi_n [-], paper A (4) and (7)",
    "supports": "quality cost above supporting lines of phi_n [-], paper A (4) and (7)",
    "step_floor": "lower bound of constraints on the steps where the user runs [steps], beside paper A (2)",
    "local_floor": "lower bound of constraints on the steps on the device [steps], beside paper A (2)",
    "edge_floor": "lower bound of constraints on the steps at the edge [steps], beside paper A (2)",
    "only_place": "users whom further constraints leave one place only [-], beside paper A (9)",
    "coupling": "rows of further constraints [unit of the limit], beside paper A (1)",
    "cost": "cost of all users, to be minimised [-], paper A (8)",
}

SPLIT_OFFLOADING = {
    "granted": "x_i, whether user i is granted [-], paper B (2); by batch size where indexed by it",
    "split": "n_i, steps of user i on its device [steps], paper B (4)",
    "batch": "b, number of granted users [users], paper B (9)",
    "accuracy": "F(n_i), accuracy index of user i [-], paper B (1)",
    "slowdown": "what one more user in the batch adds to the latency of all [s], in paper B (6)",
    "sharing_seconds": "latency that granted users add by sharing the edge [s], in paper B (6)",
    "chosen": "whether the batch has b users [-], paper B (9)",
    "both": "product of the decisions of two users [-], in paper B (18)",
    "batch_size": "the batch counts the granted users [users], paper B (9)",
    "max_batch": "at most B_max users granted [users], paper B (3)",
    "denied_split": "all steps on the device where denied [steps], paper B (5)",
    "accuracy_index": "accuracy at most F(n_i) [-], paper B (1)",
    "accuracy_chords": "accuracy below chords of F's envelope [-], paper B (1)",
    "slowdown_of_all": "what one more user adds, as a sum over users [s], in paper B (6)",
    "sharing": "sharing time is the batch times what one user adds [s], in paper B (6)",
    "one_batch": "the batch has one size [-], paper B (9)",
    "chosen_size": "the chosen size counts the granted users [users], paper B (9)",
    "granted_in_chosen": "users granted in the chosen batch only [-], paper B (9)",
    "forbidden": "users that further constraints deny in a batch [-], beside paper B (2)",
    "mandatory": "users that further constraints grant in a batch [-], beside paper B (2)",
    "widest_lower_split": "least split of a granted user in any batch [steps], beside paper B (4)",
    "lower_split": "least split of a granted user in the chosen batch [steps], beside paper B (4)",
    "widest_upper_split": "largest split of a granted user in any batch [steps], beside paper B (4)",
    "upper_split": "largest split of a granted user in the chosen batch [steps], beside paper B (4)",
    "coupling": "rows of further constraints [unit of the limit], beside paper B (3)",
    "both_granted": "a product is 1 only where both users are granted [-], in paper B (18)",
    "worth": "weighted accuracy less latency of all users, to be maximised [s], (P1) of paper B",
}

GQAP = {
    "assign": "x_ij, whether item i is at place j [-], in the objective",
    "both": "product of two assignments [-], products of the objective",
    "interaction": "z_ij, cost of item i's pairs at place j [cost], products of the objective",
    "one_place": "every item at one place [-]",
    "within_capacity": "weights of the items at a place within its capacity [load]",
    "no_overload": "items that do not fit a place together [-], implied by the capacities",
    "both_chosen": "a product is 1 where both assignments are [-], products of the objective",
    "first_chosen": "a product is 0 where the first assignment is [-], products of the objective",
    "second_chosen": "a product is 0 where the second assignment is [-], products of the objective",
    "other_has_a_place": "products of an assignment add up to it over the other's places [-], RLT-1",
    "capacity_given_one": "capacity of a place times an assignment [load], RLT-1",
    "least_interaction": "pairs of a chosen item cost at least their least [cost], products of the objective",
    "interaction_where_chosen": "cost of an item's pairs where it is chosen [cost], products of the objective",
    "cost": "cost of all assignments and pairs, the objective, to be minimised [cost]",
}

TEXTS: Mapping[str, Mapping[str, str]] = {
    "step_allocation": STEP_ALLOCATION,
    "split_offloading": SPLIT_OFFLOADING,
    "gqap": GQAP,
}
"""Text of every component by problem and name; a name means the same in all models of a problem."""


def document(model: pyo.ConcreteModel, problem: str) -> None:
    """Give every component of a model that has no text of its own the one of its name."""
    for name, text in TEXTS[problem].items():
        component = model.component(name)
        if component is not None and component.doc is None:
            component.doc = text
