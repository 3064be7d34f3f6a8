"""Heuristics and baselines of split offloading with several edge servers."""
