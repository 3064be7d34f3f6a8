"""Proofs of bounds of the GQAP that can be read again: written with linear programmes, checked without."""
