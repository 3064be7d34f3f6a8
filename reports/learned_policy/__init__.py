"""What the learned policy is worth."""
