"""Further constraints in the decomposition: users that have to be served, and rows that couple users."""
