"""Where a method runs: child processes with a hard time limit, their streams, order of the runs, progress."""
