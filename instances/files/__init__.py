"""Instance files: their formats, the hash of an instance, and how files are written safely."""
