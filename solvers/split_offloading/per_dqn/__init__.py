"""PER-DQN, paper B's learned policy (sections 5.3 and 6.1.2): its decision process, its training and its use."""
