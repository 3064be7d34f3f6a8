"""Lagrangian decomposition by a price per user: paper B's batch scan per server, and prices that make it tight."""
