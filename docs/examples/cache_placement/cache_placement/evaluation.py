"""Evaluator of cache placement: recomputes hits and memory of any choice."""

from formulations.evaluation import Evaluation, Metric, per_user

METRICS = (Metric("memory_share", "memory", "%", ".1f"),)


def describe(data):
    """The problem in one line."""
    return f"{data.models} models, memory of {data.memory_megabytes} MB"


def evaluate_solution(data, solution):
    """Evaluate a solution given as the array ``kept``, 1 for a model in memory."""
    kept = per_user(data.models, "kept", solution["kept"])
    used = float(data.megabytes @ kept)
    hits = float(data.hits_per_hour @ kept)
    return Evaluation(
        objective=hits,
        metrics={"memory_share": 100.0 * used / max(data.memory_megabytes, 1)},
        violations={
            "memory": max(used - data.memory_megabytes, 0.0),
            "binary": float(max(abs(kept * (1.0 - kept)))),
        },
        tolerances={"memory": 1e-9 * data.memory_megabytes},
        magnitude=abs(hits),
    )
