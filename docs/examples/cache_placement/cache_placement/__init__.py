"""Cache placement: which diffusion models an edge server keeps in its memory, so that most requests are hits."""

from formulations.problem import Problem, Sense

PROBLEM = Problem(
    name="cache_placement",
    title="cache placement",
    summary="which models an edge server keeps in its memory",
    sense=Sense.MAXIMISE,
    data="cache_placement.data:CachePlacement",
    evaluation="cache_placement.evaluation",
    methods="cache_placement.methods:METHODS",
    generator="cache_placement.data:generate",
    users="models",
)
