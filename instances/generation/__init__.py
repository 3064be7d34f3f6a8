"""What the generator of instances is made of: presets, draws, scenarios."""
