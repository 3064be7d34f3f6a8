"""How it is solved: one method a file, one result for all, and the command that compares them."""
