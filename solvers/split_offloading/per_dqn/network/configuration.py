"""How a network sees a state, what it looks like and how it is trained: every switch is a field.

:data:`PAPER` is section 6.1.2 of paper B, :data:`TUNED` what replaces it, and :data:`TUNED_MLP` the paper's
network and order of handling with the rest of the training of TUNED (docs/per_dqn.md has the ablations).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from solvers.split_offloading.per_dqn.decision_process.cases import Order
from solvers.split_offloading.per_dqn.decision_process.rewards import Reward
from solvers.split_offloading.per_dqn.replay.priorities import PrioritySetting

Features = Literal["raw", "gains", "raw-pair", "gains-pair"]
"""The state as printed, or gains v_i(b) at a few batch sizes, see :mod:`.features`; of the user in progress alone
at one of several servers, see :mod:`.pair_features`."""

Architecture = Literal["mlp", "sets"]
"""The paper's network of the flattened state, or one of sets of users, see :mod:`.network`."""

Arrangement = Literal["cyclic", "fixed", "by-gain"]
"""Users of the flattened state in the paper's cyclic order; each in one place throughout, which the paper's is
without cyclic shifting; or those pending and those granted by their gain."""

Exploration = Literal["random-or-boltzmann", "boltzmann-or-greedy"]
"""What is done with probability epsilon, and otherwise: the two readings of the paper's hybrid of epsilon-greedy
and Boltzmann exploration."""

Whole = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
AboveZero = Annotated[float, Field(gt=0.0)]


class Configuration(BaseModel):
    """One way of training; the defaults are paper B's (section 6.1.2)."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str = "paper"
    """What it is called."""
    order: Order = "arrival"
    """Who is handled first."""
    reward: Reward = "published"
    """(21), the objective at the last step alone, or the Markov reward J(S_t) - J(S_(t-1))."""
    scaled: bool = False
    """Whether rewards and gains are divided by the mean gain of the case's users, see ``features.case_scales``."""
    features: Features = "raw"
    """What the network is given."""
    architecture: Architecture = "mlp"
    """Which network."""
    arrangement: Arrangement = "cyclic"
    """Where users stand in the state that the paper's network reads; ``by-gain`` needs the gains as features. Whom
    it decides about first is another matter."""
    width: Whole = 256
    """Nodes of a hidden layer."""
    largest_users: Whole = 40
    """Users that the state is padded to where it is flattened, and no more can be handled then."""
    lookahead: bool = False
    """Whether Q is learned as the known reward r(s, grant) plus the rest; needs the incremental reward."""
    both_actions: bool = False
    """Whether a gradient step teaches Q of the action not taken, too: what it would have led to is known, because
    the decision process is deterministic. Needs the incremental reward."""
    double: bool = False
    """Whether the current network chooses the action whose value the target network gives; (23) does not."""
    loss: Literal["squared", "huber"] = "squared"
    """Of the temporal-difference error."""
    learning_rate: AboveZero = 1e-4
    """Of Adam."""
    schedule: Literal["constant", "cosine"] = "constant"
    """Of the learning rate."""
    batch: Whole = 128
    """Transitions of a gradient step."""
    target_every: Whole = 2000
    """Gradient steps after which the target network is renewed."""
    memory: Whole = 400_000
    """Transitions that are kept."""
    warm_up: Whole = 128
    """Transitions in the memory before the first gradient step."""
    terminal_share: Share | None = 0.125
    """Share of terminal transitions of a batch; null leaves it to the priorities."""
    priority_exponent: Share = 0.7
    """Exponent of the priorities; 0 draws uniformly."""
    importance: Share = 0.3
    """Exponent of the importance weights."""
    priority_offset: AboveZero = 0.1
    """Added to the error, in its unit."""
    exploration: Exploration = "random-or-boltzmann"
    """How the actions of a training are drawn."""
    epsilon: tuple[Share, Share] = (0.5, 0.001)
    """Probability of its first way, from the first gradient step to the last of the exploration, linear."""
    temperature: tuple[AboveZero, AboveZero] = (5.0, 0.01)
    """Of its Boltzmann distribution, in the unit of Q, linear."""
    exploration_steps: Whole | None = None
    """Gradient steps over which both of them fall, and then stay; null for the whole training."""
    episodes_at_once: Whole = 16
    """Episodes that are run side by side, with the same weights, before the gradient steps that they pay for."""
    transitions_per_step: Whole = 1
    """New transitions for each gradient step."""
    training_cases: Whole | None = 2000
    """Cases that training draws its episodes from, made once; null makes new ones for every episode."""
    sampling_temperature: AboveZero = 1.0
    """Of the episodes that are sampled for the best of several, in the unit of Q."""

    @property
    def priorities(self) -> PrioritySetting:
        """How transitions are drawn from the memory."""
        return PrioritySetting(self.priority_exponent, self.importance, self.priority_offset, self.terminal_share)

    @model_validator(mode="after")
    def _known_rewards(self) -> Self:
        """Refuse what needs the reward of an action before the end of its episode."""
        for name in ("lookahead", "both_actions"):
            if getattr(self, name) and self.reward != "incremental":
                raise PydanticCustomError(
                    "reward", "expected the incremental reward together with {name}", {"name": name}
                )
        return self

    @model_validator(mode="after")
    def _known_gains(self) -> Self:
        """Refuse an arrangement by gain without gains."""
        if self.arrangement == "by-gain" and self.features != "gains":
            raise PydanticCustomError("arrangement", "expected the features gains with arrangement by-gain")
        return self

    def replaced(self, **fields: object) -> Configuration:
        """The same with other values of some fields, validated."""
        return Configuration.model_validate(self.model_dump() | fields)


PAPER = Configuration(exploration_steps=100_000)
"""As published; the paper says that exploration falls linearly, and not over how many steps."""

PAPER_MOSTLY_GREEDY = PAPER.replaced(name="paper-mostly-greedy", exploration="boltzmann-or-greedy")
"""The second reading of the paper's exploration, everything else as in PAPER."""

TUNED = PAPER.replaced(
    name="tuned",
    order="quarter-gain",
    reward="incremental",
    scaled=True,
    features="gains",
    architecture="sets",
    width=64,
    double=True,
    loss="huber",
    learning_rate=1e-3,
    schedule="cosine",
    batch=256,
    target_every=100,
    warm_up=4096,
    terminal_share=None,
    priority_exponent=0.0,
    importance=0.0,
    epsilon=(0.1, 0.02),
    temperature=(0.1, 0.02),
    exploration_steps=None,
    episodes_at_once=128,
    transitions_per_step=64,
    training_cases=None,
    sampling_temperature=0.1,
)

TUNED_MLP = TUNED.replaced(
    name="tuned-mlp",
    order="arrival",
    architecture="mlp",
    arrangement="by-gain",
    width=256,
    lookahead=True,
    both_actions=True,
    double=False,
)

PAPER_PAIR = PAPER.replaced(features="raw-pair", largest_users=1, exploration_steps=None)
"""The published one for several servers: the network reads the user in progress alone, at each of them."""

TUNED_PAIR = TUNED.replaced(
    features="gains-pair",
    architecture="mlp",
    largest_users=1,
    lookahead=True,
    batch=128,
    memory=100_000,
)
"""Ours for several servers."""

CONFIGURATIONS = {
    configuration.name: configuration for configuration in (TUNED, PAPER, PAPER_MOSTLY_GREEDY, TUNED_MLP)
}
"""Configurations that ship, by name."""

PAIR_CONFIGURATIONS = {configuration.name: configuration for configuration in (TUNED_PAIR, PAPER_PAIR)}
"""Those for several servers."""
