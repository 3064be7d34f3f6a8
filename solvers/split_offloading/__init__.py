"""Methods for split offloading (paper B), one a file."""
