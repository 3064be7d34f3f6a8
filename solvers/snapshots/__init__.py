"""Many small instances in one call: solved side by side, each validated as any result."""
