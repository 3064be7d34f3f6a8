"""Shows results as tables, files and figures, made from results only."""

from formulations.runtime.shadow import refuse_shadows

refuse_shadows("instances", "solvers")
