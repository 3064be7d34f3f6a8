"""An audit of both papers' statements: each is a named check with a measured verdict."""
