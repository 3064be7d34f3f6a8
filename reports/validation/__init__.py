"""Every method on public instances, against published values."""
