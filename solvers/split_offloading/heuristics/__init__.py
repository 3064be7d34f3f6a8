"""Heuristics of split offloading: the baselines of paper B, greedy, the genetic algorithm."""
