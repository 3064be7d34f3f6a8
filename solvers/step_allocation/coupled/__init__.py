"""Several multipliers, where rows couple users: dual function, primal recovery, cutting planes."""
