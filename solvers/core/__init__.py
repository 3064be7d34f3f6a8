"""What every method shares: registry, limits, results, and how a result is validated."""
