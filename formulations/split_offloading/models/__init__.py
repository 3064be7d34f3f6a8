"""Explicit models of split offloading (paper B): P1, P2, the batch-indexed MILP, the reduction to a GQAP."""
