"""Measurements behind an instance: how long a denoising step takes on a machine, how accurate a split is."""
