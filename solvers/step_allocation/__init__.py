"""Methods for step allocation (paper A), one a file."""
