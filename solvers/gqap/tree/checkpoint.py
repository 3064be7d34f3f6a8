"""A search kept in a file, from which it goes on after its process has ended.

Kept are the root with its multipliers, the incumbent, and each open branch as its decisions and its bound. The
nodes above the open branches are bounded anew, which keeps the file small. That is a small share of the work at
level 1; at level 2 it is about the time that the search took from the root to as many nodes.
"""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from formulations.runtime.program import UsageError
from instances.storage.atomic import replacing
from solvers.gqap.bounds.dual_ascent import Work
from solvers.gqap.tree.assignment_tree import EFFORT, Branch, Incumbent, Position, Step, raise_bound
from solvers.gqap.tree.frontier import Frontier
from solvers.gqap.tree.staged_search import StagedSearch

VERSION = 3
"""Version of the layout that is written and read."""


def save(search: StagedSearch, path: Path, instance_hash: str, seconds: float) -> None:
    """Write a search that has begun; a writer that is killed leaves the file that was there before."""
    frontier = search.frontier
    still_open = None
    if frontier is not None:
        still_open = [[branch.bound, [*branch.parent.path, branch.step]] for branch in frontier.branches()]
    place = search.incumbent.place
    facts = {
        "version": VERSION,
        "instance_hash": instance_hash,
        "seconds": seconds,
        "stage": search.stage,
        "nodes": search.nodes,
        "left": search.left,
        "cost": None if place is None else search.incumbent.cost,
        "place": None if place is None else place.tolist(),
        "root_bound": search.root_bound if np.isfinite(search.root_bound) else None,
        "open": still_open,
    }
    root = {f"root_{name}": array for name, array in search.tree.root.node._asdict().items()}
    write = np.savez if search.tree.root.node.triple.size else np.savez_compressed  # triples take long to compress
    with replacing(path) as file:
        write(file, facts=np.array(json.dumps(facts)), **root)


def resume(search: StagedSearch, path: Path, instance_hash: str, deadline: float = np.inf) -> float:
    """Put a search where a file left it; return the seconds that it had run.

    Nodes that the deadline [s of perf_counter] leaves no time for are bounded less well.

    Raises
    ------
    UsageError
        If the file is no such file, of another version, or of another instance.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            facts = json.loads(str(stored["facts"]))
            if facts["version"] != VERSION:
                got = f"one of layout {facts['version']}"
                raise UsageError(f"{path}: expected a search that was kept in layout {VERSION}, got {got}")
            arrays = {name: stored[f"root_{name}"] for name in search.tree.root.node._fields}
        if facts["instance_hash"] != instance_hash:
            raise UsageError(f"{path}: expected a search of this instance, got one of another")
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as fault:
        if isinstance(fault, UsageError):
            raise
        raise UsageError(f"{path}: expected a search that was kept, got {type(fault).__name__}") from None
    if arrays["triple"].size:
        search.tree.add_triples()
    for name, array in search.tree.root.node._asdict().items():
        array[...] = arrays[name]
    if facts["place"] is not None and facts["cost"] < search.incumbent.cost:
        search.incumbent = Incumbent(np.array(facts["place"], dtype=np.int64), facts["cost"])
    search.stage, search.nodes, search.left = facts["stage"], facts["nodes"], facts["left"]
    search.root_bound = np.inf if facts["root_bound"] is None else facts["root_bound"]
    if facts["open"] is not None:  # with nothing open, everything was searched
        search.frontier = Frontier(search.tree, search.incumbent)
        search.frontier.add(open_branches(search, facts["open"], deadline))
    return float(facts["seconds"])


def open_branches(
    search: StagedSearch, kept: list[tuple[int, list[list[object]]]], deadline: float
) -> list[Branch]:
    """The branches that a file lists, below nodes that are bounded anew."""
    tree, work = search.tree, dict[int, Work]()
    target = tree.target(search.incumbent.cost)
    known: dict[tuple[Step, ...], Position] = {(): tree.root}
    branches = []
    for bound, steps in kept:
        path = tuple(Step(int(str(i)), int(str(j)), tuple(tried)) for i, j, tried in steps)  # type: ignore[arg-type]
        if bound >= target:
            continue
        for depth in range(1, len(path)):
            if path[:depth] not in known:
                below = tree.descend(Branch(known[path[: depth - 1]], path[depth - 1], 0))
                if below.items.size > 1:
                    raise_bound(below.node, tree.problem.exclusive, target, EFFORT, work, deadline)
                known[path[:depth]] = below
        branches.append(Branch(known[path[:-1]], path[-1], bound))
    return branches
