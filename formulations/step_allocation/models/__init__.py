"""Explicit models of step allocation (paper A): P1 as printed, P1 as a convex MINLP, P2 and its surrogates."""
