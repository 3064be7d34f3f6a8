"""The Q-network: features, layers, weights, and the policy that it gives."""
