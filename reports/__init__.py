"""How results are shown: tables, files and figures, made from results only."""
