"""Exact methods of split offloading: the batch scan and what it is made of."""
