"""Algorithms 1 and 3 of paper A, successive convex approximation: as published, and improved."""
