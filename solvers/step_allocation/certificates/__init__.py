"""Certificates of a bound, and their checker, which shares nothing with the solvers."""
