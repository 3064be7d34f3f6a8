"""The explicit models of the GQAP by SCIP and HiGHS."""
