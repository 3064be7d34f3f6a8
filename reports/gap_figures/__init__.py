"""Figures of a sweep: profiles, gaps against time, convergence, and the solutions themselves."""
