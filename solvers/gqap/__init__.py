"""Methods for the generalised quadratic assignment problem."""
