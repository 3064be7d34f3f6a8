"""What surrounds a run: how commands begin and end, plug-ins, interrupts held while kernels compile."""
