"""Certificates of the bound of several servers: prices of users and branches, and a checker without the solver."""
