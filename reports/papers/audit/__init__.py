"""The statements of the two papers, each with what was measured, ``python -m reports.claims``."""
