"""Split offloading by SCIP and HiGHS."""
