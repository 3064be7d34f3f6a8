"""Explicit models given to SCIP, HiGHS and other solvers, with all their tolerances."""
