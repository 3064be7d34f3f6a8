"""Lower bounds of the GQAP: dual ascent and the relaxations that it solves."""
