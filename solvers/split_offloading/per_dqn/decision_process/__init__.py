"""The Markov decision process of paper B, section 5.3.1: states, actions, rewards, cases."""
