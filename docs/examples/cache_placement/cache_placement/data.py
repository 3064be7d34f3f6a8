"""Data of cache placement, and their generator."""

from typing import Annotated

import numpy as np
from pydantic import Field, field_validator

from formulations.matrices import NonNegativeVector, shaped
from formulations.section import Section


class CachePlacement(Section):
    """Maximise sum_m h_m x_m over binary x, with sum_m b_m x_m <= B."""

    problem = "cache_placement"

    models: Annotated[int, Field(strict=True, ge=1, le=1000)]
    """Number of models."""
    hits_per_hour: NonNegativeVector
    """h_m [1/h], requests of each model."""
    megabytes: NonNegativeVector
    """b_m [MB], size of each model."""
    memory_megabytes: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
    """B [MB], memory of the server."""

    @field_validator("hits_per_hour", "megabytes")
    @classmethod
    def _one_per_model(cls, values, info):
        return shaped(values, (info.data["models"],), "one per model") if "models" in info.data else values


def generate(seed, models=20, share=0.3):
    """Draw sizes and popularities; the memory holds ``share`` of all models."""
    draw = np.random.default_rng(seed)
    megabytes = draw.integers(500, 8000, models).astype(float)
    return {
        "models": models,
        "hits_per_hour": np.round(draw.pareto(1.5, models) * 100.0, 1),
        "megabytes": megabytes,
        "memory_megabytes": int(share * megabytes.sum()),
    }
