"""The same bound and search for very many users, who are worked through in blocks."""
