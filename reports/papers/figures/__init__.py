"""Every figure and table of the two papers, ``python -m reports.figures``."""
