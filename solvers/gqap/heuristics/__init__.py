"""Heuristics of the GQAP: greedy, tabu search, SciPy."""
