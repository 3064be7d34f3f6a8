from __future__ import annotations

import numpy as np
import pytest

from instances import InstanceError
from instances.calibration.pai import accuracy_index_measured, fit_accuracy
from instances.fit_pai import main, read_fit

SPLITS = np.arange(20.0, 201.0, 20.0)


def test_points_of_a_file_give_the_fit_of_the_points(tmp_path):
    draw = np.random.default_rng(0)
    index = 1.0 / (1.0 + np.exp(-0.05 * (SPLITS - 90.0))) + draw.normal(0.0, 0.01, SPLITS.size)
    path = tmp_path / "points.csv"
    path.write_text(
        "pai,split\n"
        + "".join(f"{y!r},{n!r}\n" for n, y in zip(SPLITS.tolist(), np.abs(index).tolist(), strict=True))
    )
    assert read_fit(path) == fit_accuracy(SPLITS, np.abs(index))


def test_clip_and_lpips_give_the_index_first(tmp_path):
    clip = np.linspace(0.28, 0.33, SPLITS.size)
    lpips = np.linspace(0.02, 0.4, SPLITS.size)
    path = tmp_path / "points.csv"
    rows = zip(SPLITS.tolist(), clip.tolist(), lpips.tolist(), strict=True)
    path.write_text("split,clip,lpips\n" + "".join(f"{n!r},{c!r},{p!r}\n" for n, c, p in rows))
    assert read_fit(path) == fit_accuracy(SPLITS, accuracy_index_measured(clip[:, None], lpips))


def test_command_prints_the_fit(tmp_path, capsys):
    path = tmp_path / "points.csv"
    path.write_text("split,pai\n0,0.05\n80,0.6\n120,0.88\n200,0.99\n")
    assert main([str(path)]) == 0
    fit = read_fit(path)
    printed = capsys.readouterr().out
    assert f"{fit.slope:.6g} +- {fit.slope_margin_95:.2g} per step" in printed
    assert f"{fit.threshold:.6g} +- {fit.threshold_margin_95:.2g} steps" in printed


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("split,pai\n", "expected a header and one row per point, got 1 rows"),
        ("split,index\n1,2\n", 'row 1, column 2: expected a column split, pai, clip or lpips, got "index"'),
        ("split,clip\n80,0.3\n", "expected the columns split and pai, or split, clip and lpips, got split, clip"),
        (
            "split,pai,clip,lpips\n80,0.3,1,1\n",
            "expected the columns split and pai, or split, clip and lpips, got",
        ),
        ("split,pai\n80,x\n", 'row 2, column pai: expected a finite number >= 0, got "x"'),
        ("split,pai\n80,0.5\n100,0.7\n", "expected at least three points, got 2"),
        (
            "split,pai\n80,0.5\n1e300,0.7\n3,0.1\n",
            "expected an index that follows a sigmoid, got points that none",
        ),
        ("split,pai\n80,1e300\n90,1e308\n3,0.1\n", "expected an index that"),
        ("split,pai\n0,0.9\n100,0.5\n200,0.1\n", "expected an index that rises with the split"),
    ],
)
def test_bad_file_is_refused_in_one_sentence(text: str, sentence: str, tmp_path, capsys):
    path = tmp_path / "points.csv"
    path.write_text(text)
    with pytest.raises(InstanceError) as caught:
        read_fit(path)
    assert str(caught.value).startswith(f"{path}: {sentence}")
    assert main([str(path)]) == 2
    assert capsys.readouterr().err == f"diffload: {caught.value}\n"
