"""What somebody does in a notebook in the first ten minutes, each line as short as one would type it."""

from __future__ import annotations

import matplotlib as mpl
import pytest

import diffload


@pytest.fixture(autouse=True)
def _without_a_screen():
    before = mpl.get_backend()
    mpl.use("agg")
    yield
    from matplotlib import pyplot

    pyplot.close("all")
    mpl.use(before)


def test_the_first_ten_minutes(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    n30 = diffload.load("n30")
    assert "30 users" in str(n30)
    assert "30 users" in n30._repr_html_()

    result = diffload.solve(n30, problem="step_allocation")
    who, objective, bound, decision, time = str(result).splitlines()
    assert who == "n30: step allocation (P1, paper A) by price-search: optimal (gap closed)"
    assert objective == "objective  -8.730084"
    assert bound.startswith("bound      -8.730084, gap ")
    assert decision == "decision   18 of 30 users at the edge: 0 1 3 4 6 7 8 9 10 13 15 16 19 21 22 23 24 25"
    assert time.startswith("time ")
    assert "18 of 30 users" in result._repr_html_()
    assert result.plot().get_ylabel() == "steps [steps]"
    assert len(result.to_frame()) == 30
    assert str(result.duals).endswith(" 1/step")

    tight = n30.replace(edge_step_capacity=500)
    again = diffload.solve(tight, problem="step_allocation")
    assert again.instance_hash != result.instance_hash
    assert again.objective > result.objective

    comparison = diffload.compare(n30, ["price-search", "all-local", "batch-scan"])
    assert "certified optimum -8.730084" in str(comparison)
    assert list(comparison.frame["method"]) == ["price-search", "all-local", "batch-scan", "all-local"]
    assert "<table>" in comparison._repr_html_()
    assert comparison.plot(problem="step_allocation").get_yscale() == "log"
    assert max(map(len, str(comparison).split("\n\n")[1].splitlines())) <= 80

    strict = n30.with_constraint("error_ceiling", most_error=0.265)
    limited = diffload.solve(strict, "price-search")
    assert limited.objective > result.objective
    assert limited.to_frame()["error"].max() <= 0.265 + 1e-6

    model = diffload.build("step_allocation/p1-convex", n30)
    assert diffload.export(model, "n30.nl").exists()

    snapshots = [tight.replace(edge_step_capacity=400 + step) for step in range(1000)]
    many = diffload.solve_many(snapshots, problem="step_allocation")
    assert (many.status == "optimal").all()
    assert many[100].objective == pytest.approx(again.objective, rel=1e-6)
    assert (many.objective[1:] <= many.objective[:-1] + 1e-6).all()  # a larger budget is never worse


def test_the_other_pictures():
    assert diffload.plot.tradeoff("n10", "edge_step_capacity", [100, 400]).lines[0].get_ydata().shape == (2,)
    assert diffload.plot.solution(diffload.solve("edge_servers_8x3")).get_xlabel() == "place"
    with pytest.raises(ValueError, match="records a trace"):
        diffload.plot.convergence(diffload.solve("n10"))


def test_several_servers_have_a_picture():
    result = diffload.solve("multi_20x2")
    ax = result.plot()
    assert ax.get_title() == "multi_20x2, price-decomposition\n9 of 20 users at 2 of 2 servers"
    labels = {text.get_text() for text in ax.get_legend().get_texts()}
    assert labels == {"at server 0", "at server 1", "on the device", "most at a server"}
    drawn = sum(bar.get_height() for bar in ax.patches)
    assert drawn == 20 * result.data.total_steps


def test_a_comparison_that_is_not_there_is_named():
    comparison = diffload.compare("n10", "all-local")
    with pytest.raises(ValueError, match=r"expected one of 'n10' \(step_allocation\), got problem='gqap'"):
        comparison.plot(problem="gqap")


def test_pictures_are_drawn_where_asked():
    from matplotlib import pyplot

    _, axes = pyplot.subplots(1, 2)
    assert diffload.solve("n10").plot(ax=axes[1]) is axes[1]
    assert not axes[0].lines
    assert axes[1].patches
