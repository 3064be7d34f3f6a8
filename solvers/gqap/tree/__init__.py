"""Branch and bound for the GQAP."""
