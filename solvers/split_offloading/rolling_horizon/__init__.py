"""The periodic mechanism of paper B over many intervals, driven by any method of split offloading."""
