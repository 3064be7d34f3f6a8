"""Step allocation by SCIP, and by HiGHS with outer approximation."""
