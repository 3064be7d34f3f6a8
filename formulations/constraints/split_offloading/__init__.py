"""Further constraints on split offloading (paper B)."""
