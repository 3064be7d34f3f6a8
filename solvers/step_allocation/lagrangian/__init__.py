"""The Lagrangian bound of one multiplier, and branch and bound with cardinality branching."""
