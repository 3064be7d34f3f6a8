"""The report on a sweep, ``python -m reports.gaps``: optimality gaps of every method on every instance."""
