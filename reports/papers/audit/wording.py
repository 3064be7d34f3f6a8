"""What each statement is called on the page, and how its paper says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Wording(NamedTuple):
    """Heading of a statement, and the paper's own words; none where the paper says it by a formula alone."""

    heading: str
    quote: str = ""


WORDING: Mapping[str, Wording] = {
    "a-np-hard": Wording("The problem is NP-hard", "make this problem become an intractable NP-hard problem"),
    "a-monotone": Wording(
        "Both slopes of the optimality conditions keep their sign",
        r"$D_n(a_n, \zeta_n, \delta)$ is non-decreasing for $a_n$ […] "
        r"$I_n(\zeta_n, \delta)$ is non-increasing of $\zeta_n$",
    ),
    "a-convergence": Wording(
        "The algorithm converges", "The convergence of Algorithm 3 is also evident from the preceding analysis."
    ),
    "a-p2-optimum": Wording(
        "The optimality conditions, corrected, solve the subproblem",
        "The optimal solution of the proposed objective function can be obtained by Algorithm 2",
    ),
    "a-p2-printed": Wording(
        "The algorithm as printed solves the subproblem",
        "Thus Steps 3-8 of Algorithm 3 can guarantee to find the global optimal solutions for P2.",
    ),
    "a-p1-optimum": Wording(
        "The algorithm finds the global optimum",
        "Its primary objective is the determination of the globally optimal solution for the original "
        "optimization problem P1.",
    ),
    "a-complexity": Wording(
        "The work grows linearly with the users",
        "Therefore, the overall complexity can be derived as O((I + 3KI)N).",
    ),
    "a-superior": Wording(
        "The joint objective is better than the baselines'",
        "the proposed algorithm achieves superior joint optimization performance compared to the baselines",
    ),
    "a-baseline": Wording(
        "Time, accuracy and energy are all better than the random baseline's",
        "we can see that all proposed methods outperform the baseline, demonstrating our method's superiority",
    ),
    "a-time-falls": Wording(
        "A larger edge budget makes the total time fall",
        "the total consumption time is decreased as $S^{max}_e$ increase",
    ),
    "a-energy-rises": Wording(
        "A larger edge budget makes the energy rise",
        "the energy consumption also increases with increasing reverse diffusion steps",
    ),
    "a-equal-weights": Wording(
        "Equal weights beat all other weights",
        "the red line (proposed equal weights) outperforms others comprehensively",
    ),
    "a-fig2": Wording(
        "The objective declines with the budget, then levels off",
        "all three lines exhibit an initial decline followed by a stabilization phase",
    ),
    "b-np-hard": Wording(
        "Choosing users and splits is NP-hard",
        "The multi-dimensional coupled integer programming problem shown in (P1) is NP-hard.",
    ),
    "b-reduction": Wording(
        "With fixed splits the problem is a quadratic assignment problem",
        "the simplified version can be more accurately described as a GQAP",
    ),
    "b-closed-form": Wording(
        "The best split has no closed form",
        "Due to the difficulty in obtaining a closed-form expression for $n_i^*$, its solution can be found using "
        "libraries for solving equations, such as SciPy.",
    ),
    "b-concave": Wording(
        "The performance is strictly concave in the split",
        r"In this sense, $\mathscr{O}(n_i^*)$ is strictly concave.",
    ),
    "b-nesting": Wording(
        "Nesting the split in the choice of users costs nothing",
        "This approach helps prevent any negative impact of the nested sub-problem formulation on the optimality",
    ),
    "b-conservative": Wording(
        "Counting the first batch for every step is conservative",
        "it provides a conservative estimate of the worst-case latency",
    ),
    "b-transmission": Wording(
        "Sending takes far less time than computing",
        "the transmission latency is remarkably lower than the computational latency",
    ),
    "b-linear-latency": Wording(
        "A step's latency is linear in the batch",
        "approximately linear, usually with a large constant term",
    ),
    "b-fig10-trends": Wording(
        "More users or fewer GPUs lower the performance",
        "average performance declines as the number of users increases or the number of GPUs decreases",
    ),
    "b-latency-gain": Wording(
        "What offloading gains in latency outweighs the lost accuracy",
        "latency reduction achieved through offloading, which outweighs the performance loss from potential PAI "
        "degradation",
    ),
    "b-baseline-1-2": Wording(
        "The best split beats the fixed split",
        "baseline 1 consistently maintains a stable performance gap above baseline 2",
    ),
    "b-remark-1": Wording(
        "A weak emphasis counts latency alone, a strong one accuracy alone",
        "the optimization problem effectively reduces to optimizing solely for latency",
    ),
    "b-remark-1-other-latency": Wording(
        "A larger exponent brings in other kinds of latency",
        r"the exponent of the total latency term in $\mathscr{O}(n_i^*)$ can be increased accordingly",
    ),
    "b-fig7-trends": Wording(
        "GPUs, batch, device and emphasis each move the split one way",
        "with an increase in the number of GPUs on the edge server and the resulting improvement in inference "
        "speed, the optimal number of offloaded steps also increases",
    ),
    "b-fig7-few-gpus": Wording(
        "With few GPUs the batch matters more",
        "with a smaller number of available GPUs, batch size has a more significant impact on the optimal number "
        "of offloaded steps",
    ),
    "b-learned-baselines": Wording(
        "The learned policy beats the three baselines",
        "it consistently outperforms other baseline algorithms",
    ),
    "b-learned-optimal": Wording(
        "The learned policy reaches the optimum", "achieving optimal overall performance"
    ),
    "b-learned-narrower": Wording(
        "The learned policy varies less than the baselines",
        "the performance variation of the proposed method is narrower than that of baselines 1 and 2",
    ),
    "b-learned-above-bb": Wording(
        "Branch and bound with fixed splits stays below the learned policy",
        "the optimality of the method consistently remains lower than that of our proposed method",
    ),
    "b-learned-linear": Wording(
        "The learned policy takes linear time",
        "the proposed DRL-convex hybrid method shows a linear complexity of O(I)",
    ),
    "b-learned-viable": Wording(
        "For many users the learned policy is the method to use",
        "the DRL-convex hybrid algorithm is more viable for larger user counts",
    ),
    "b-learned-learns": Wording(
        "The agent learns in all three scopes",
        "we can observe that the agent can learn effectively in all three cases",
    ),
    "b-learned-fluctuates": Wording(
        "A more general model fluctuates more while it learns",
        "the more generalizable the model, the greater the fluctuation in its convergence curve",
    ),
    "b-learned-specific": Wording(
        "The specific model is the best, by little",
        "the model tailored to specific applications achieves generally superior performance",
    ),
    "b-loss-23": Wording("The loss as printed learns the values of actions"),
    "b-genetic-poorest": Wording(
        "The genetic algorithm is the poorest of the three", "its average performance is the poorest"
    ),
    "b-genetic-unstable": Wording(
        "The genetic algorithm is the least stable of the three",
        "its stability in terms of optimality is noticeably lower than that of the other two algorithms",
    ),
    "b-fig11-superior": Wording(
        "The learned policy beats branch and bound and the genetic algorithm",
        "the proposed DRL-convex hybrid solution outperforms the other methods, achieving superior performance",
    ),
    "b-table-1-genetic": Wording(
        "The genetic algorithm takes time linear in the users",
        r"the Heuristic Algorithm-Based Method has a complexity of $O(2 \cdot P \cdot M \cdot I)$",
    ),
    "b-table-1-exponential": Wording(
        "Branch and bound is impractical for many users",
        r"an exponential complexity of $O(2^{2 \times I})$, which grows rapidly with increasing I",
    ),
    "b-fig4a": Wording(
        "Offloading costs accuracy, and personalisation more",
        "both the accuracy and personalization metrics exhibit a downward trend, with the decline in "
        "personalization being more pronounced",
    ),
    "b-reward-backpropagation": Wording(
        "Earlier rewards make learning easier",
        "to mitigate the difficulties that sparse rewards present to the agent's learning, we implement reward "
        "backpropagation",
    ),
    "b-replay-ratio": Wording(
        "Replaying the last steps more often improves training",
        "we set the ratio of selected terminal states to preceding states at 1:7",
    ),
    "b-cyclic-shift": Wording(
        "Cyclic shifting shows the agent which user it decides on",
        "to enable the agent to more easily capture the distinct characteristics of the currently selected user, "
        "we apply cyclic shifting",
    ),
    "b-fig4b-fit": Wording(
        "A sigmoid fits the measured accuracy index",
        r"The fitting curve for the relationship between PAI and the split point with "
        r"$a_{\mathscr{F}} = 0.0413$ and $b_{\mathscr{F}} = 71.44$.",
    ),
}
