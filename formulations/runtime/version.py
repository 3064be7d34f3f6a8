"""The version of the package, which its metadata takes from here."""

VERSION = "0.1.0"
"""Of ``diffload``, also where it is used from a clone that is not installed."""
