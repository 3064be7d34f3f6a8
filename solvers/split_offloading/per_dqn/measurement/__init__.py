"""Measures policies on held-out snapshots, beside every other quick method."""
