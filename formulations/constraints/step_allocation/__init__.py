"""Further constraints on step allocation (paper A)."""
