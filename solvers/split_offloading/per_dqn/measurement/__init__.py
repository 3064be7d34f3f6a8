"""What policies are worth on held-out snapshots, beside every other quick method."""
