"""Error (4), utility (7) and the quality cost phi_n: for arrays, for kernels and for models."""
