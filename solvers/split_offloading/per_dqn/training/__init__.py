"""Training of the Q-network: learner, checkpoints, learning curve, scopes."""
