"""Data frames as Parquet, each file written in one step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from instances.storage.atomic import replacing

if TYPE_CHECKING:
    import pandas as pd


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame without its index."""
    with replacing(path) as file:
        frame.to_parquet(file, index=False)
