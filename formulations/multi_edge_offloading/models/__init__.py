"""Explicit models of split offloading with several edge servers."""
