"""Algorithm 2 of paper A: P2 from its KKT conditions by bisection, held against CVXPY."""
