"""Split offloading with several servers by SCIP and HiGHS."""
