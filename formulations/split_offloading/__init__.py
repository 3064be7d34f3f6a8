"""Split offloading (paper B): whose first denoising steps run in a batch at the edge, and where each splits."""
