"""Branch and bound over ranges of batches, and over which models servers hold."""
