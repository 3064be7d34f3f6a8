"""Measures how long a denoising step takes on the machine at hand."""
