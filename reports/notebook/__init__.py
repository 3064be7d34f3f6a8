"""Instances, results and comparisons as notebooks show them: HTML and pictures."""
