"""What the audit measures beyond the methods of the package: variants, tables, and what a paper leaves open."""
