"""The figures and tables of both papers from our own runs, with the certified optimum drawn into each."""
