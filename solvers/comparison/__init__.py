"""All methods on one instance: run, held against each other, and as a data frame."""
