"""The command that makes instance files, ``python -m instances.generate --seed 0 --out n30.json``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

from formulations.errors import InstanceError, one_line
from formulations.problems import problem
from formulations.runtime.command_line import Command, Parser, names, whole
from formulations.runtime.standard_output import results
from instances.calibration.devices import read_devices
from instances.files.csv_columns import read_columns
from instances.files.documents import save
from instances.fit_pai import read_fit
from instances.generation.edge_servers import EdgeServers
from instances.generation.generator import SECTIONS, generate, posable
from instances.generation.presets import PRESETS
from instances.generation.split_scenario import FAST_DEVICES, SplitScenario
from instances.schema import Instance


def _fields(kind: type[Any]) -> tuple[str, ...]:
    """Return the options that are fields of what one problem is drawn from."""
    others = ("edge_device", "pai_slope", "pai_threshold")
    return tuple(field.name for field in fields(kind) if field.name not in others)


_STEP_ALLOCATION = ("tightness", "spread", "integer_steps", "weights", "cost_utility_weights", "local_max_steps")
_SPLIT_OFFLOADING, _GQAP, _EDGE = _fields(SplitScenario), _fields(EdgeServers), ("edge_device",)
_OPTIONS = {
    ("users", "users_csv"): tuple(SECTIONS),
    ("preset", *_STEP_ALLOCATION): ("step_allocation",),
    (*_SPLIT_OFFLOADING, "pai_csv"): ("split_offloading",),
    _GQAP: ("gqap",),
    (*_EDGE, "device_table"): ("split_offloading", "gqap"),
}
"""Options, and the problems of which at least one has to be posed for them to have an effect."""


def _run(options: argparse.Namespace) -> None:
    _check_problems(options)
    made = make(options)
    _check_overwriting([path for path, _ in made], force=options.force)
    for path, instance in made:
        save(instance, path)
        described = "; ".join(map(_describe, instance.problems, _sections(instance)))
        print(f"{one_line(str(path))}: {described}, {instance.sha256[:12]}", file=results())


def _check_overwriting(paths: Sequence[Path], *, force: bool) -> None:
    """Refuse to overwrite a file, before any is written."""
    for path in paths:
        if path.exists() and not force:
            raise InstanceError(f"--out: expected a file that is not there yet, or --force with it, got '{path}'")


def make(options: argparse.Namespace) -> list[tuple[Path, Instance]]:
    """Return every instance that the options ask for, with the file it belongs in.

    A preset with several values of S0 makes one file for each, named after it.
    """
    posed = {name: SECTIONS[name] for name in options.problem if name in SECTIONS}
    columns = None if options.users_csv is None else read_columns(options.users_csv, posed)
    preset = PRESETS[options.preset]
    sweep: Sequence[float | None] = (options.local_max_steps,)
    if options.local_max_steps is None and preset.local_max_steps:
        sweep = preset.local_max_steps
    made = []
    for local_max_steps in sweep:
        suffix = f"_local{local_max_steps:g}" if len(sweep) > 1 else ""
        path = options.out.with_name(f"{options.out.stem}{suffix}{options.out.suffix}")
        instance = generate(
            options.preset,
            problems=options.problem,
            name=path.stem if options.name is None else f"{options.name}{suffix}",
            users=options.users,
            seed=options.seed,
            **{name: getattr(options, name) for name in _STEP_ALLOCATION} | {"local_max_steps": local_max_steps},
            split_offloading=_scenario(options),
            gqap=_given(options, _GQAP + _EDGE) if "gqap" in options.problem else None,
            devices=None if options.device_table is None else read_devices(options.device_table),
            columns=columns,
            others=_others(options),
        )
        made.append((path, instance))
    return made


def _scenario(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the options say of split offloading."""
    given = _given(options, _SPLIT_OFFLOADING + _EDGE)
    if options.pai_csv is not None:
        fit = read_fit(options.pai_csv)
        if fit.threshold < 0.0:
            raise InstanceError(
                f"{options.pai_csv}: expected points whose fit has b_F >= 0 steps, got {fit.threshold:.6g}"
            )
        given |= {"pai_slope": fit.slope, "pai_threshold": fit.threshold}
    return given


def _others(options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return what ``--set`` says of the one problem of another package."""
    if not options.set:
        return {}
    names = [name for name in options.problem if name not in SECTIONS]
    if len(names) != 1:
        got = " and ".join(names) or "none"
        raise InstanceError(f"--set: expected one problem of another package with it, got {got}")
    return {names[0]: dict(options.set)}


def _given(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(options, name) for name in names if getattr(options, name) is not None}


def _check_problems(options: argparse.Namespace) -> None:
    """Refuse an option of a problem that is not posed, which would have no effect."""
    parser = main.parser()
    for group, problems in _OPTIONS.items():
        given = [name for name in group if getattr(options, name) != parser.get_default(name)]
        if given and not set(problems) & set(options.problem):
            option = f"--{given[0].replace('_', '-')}"
            wanted, got = " or ".join(problems), " and ".join(options.problem)
            raise InstanceError(f"{option}: expected --problem {wanted} with it, got {got}")


def _sections(instance: Instance) -> list[Any]:
    return [instance.section(problem) for problem in instance.problems]


def _describe(name: str, data: Any) -> str:
    described: str = import_module(problem(name).evaluation).describe(data)
    return described


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("--out", type=_file, required=True, metavar="FILE", help="file to write, .json or .npz")
    add("--force", action="store_true", help="overwrite a file that is there")
    add(
        "--problem",
        type=names,
        default=("step_allocation",),
        metavar="A,B",
        help=f"what the instance poses, of {', '.join(posable())} (default: step_allocation)",
    )
    add("--name", help="name of the instance (default: that of the file)")
    add("--users", type=whole(), metavar="N", help="number of users (default: 30, split offloading: 20, gqap: 12)")
    add("--seed", type=whole(), default=0, help="seed of the draws (default: 0)")
    add(
        "--users-csv",
        metavar="FILE",
        help="per-user fields, one row per user and one column per field, in place of those drawn",
    )
    add(
        "--set",
        type=_setting,
        action="append",
        metavar="NAME=VALUE",
        help="option of the generator of another package's problem; VALUE as in JSON, or a text",
    )
    _add_step_allocation(parser.add_argument_group("step allocation"))
    _add_split_offloading(parser.add_argument_group("split offloading"))
    _add_edge(parser.add_argument_group("split offloading and gqap"))
    _add_gqap(parser.add_argument_group("gqap: users that several edge servers of limited size take"))


def _add_step_allocation(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--preset", choices=PRESETS, default="paper", help="what everything else is taken from (default: paper)")
    add(
        "--tightness",
        type=float,
        metavar="SHARE",
        help="budget as a share of the edge steps used while it is free (default: 0.6)",
    )
    add(
        "--spread",
        type=float,
        default=1.0,
        help="0 for identical users, 1 for the preset's full ranges (default: 1)",
    )
    add("--integer-steps", action="store_true", help="steps are whole numbers")
    add("--weights", type=_numbers, metavar="C1,C2,C3", help="weights of time [1/s], error and energy [1/J]")
    add("--cost-utility-weights", type=_numbers, metavar="W1,W2", help="weights of cost and utility")
    add("--local-max-steps", type=float, metavar="S0", help="most steps on the device, the same for all users")


def _add_split_offloading(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--gpus", type=whole(), metavar="G", help="GPUs of the edge server, the same all the time (default: 8)")
    add("--max-batch", type=whole(), metavar="B", help="most users granted (default: 20)")
    add(
        "--local-devices",
        type=names,
        metavar="A,B",
        help="rows that users' devices are drawn from (default: all that are local)",
    )
    add("--pai-csv", metavar="FILE", help="points that the accuracy index F is fitted to (default: published fit)")
    add("--expected-batch", type=float, metavar="B", help="batch that alpha's interval is made for (default: 20)")
    add("--latency-focus", type=float, metavar="KAPPA", help="kappa' <= 1 of alpha's interval (default: 0.05)")
    add(
        "--fast-devices",
        choices=FAST_DEVICES,
        help="a device no slower than the edge at that batch: alpha as if the edge saved --smallest-saving "
        "(floor, the default), or never drawn (exclude)",
    )
    add(
        "--smallest-saving",
        type=float,
        metavar="SHARE",
        help="of the local time of a step, at most 1 (default: 0.1)",
    )
    add("--slots", type=whole(), metavar="K", help="slots in which users ask (default: 20)")
    add("--slot-seconds", type=float, metavar="S", help="length of a slot (default: 0.05)")


def _add_edge(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--edge-device", metavar="NAME", help="row of the device table for the edge (default: H100 PCIe)")
    add("--device-table", metavar="FILE", help="device table (default: instances/devices.csv)")


def _add_gqap(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--servers", type=whole(), metavar="M", help="number of servers (default: 4)")
    add("--most-images", type=whole(), metavar="P", help="most images of a user, drawn from 1 on (default: 4)")
    add("--fill", type=float, metavar="SHARE", help="images as a share of what all servers take (default: 0.85)")
    add(
        "--backhaul-bits-per-second",
        type=float,
        metavar="R",
        help="rate of a link between neighbouring servers (default: 2e7)",
    )
    add("--weight-spread", type=float, metavar="U", help="latencies weigh 1 - U to 1 + U (default: 0.5)")


def _file(text: str) -> Path:
    path = Path(text)
    if path.suffix not in (".json", ".npz"):
        raise argparse.ArgumentTypeError(f"expected a file name that ends in .json or .npz, got '{text}'")
    return path


def _setting(text: str) -> tuple[str, Any]:
    """Return the name and value of an option; a value that is no JSON is a text."""
    name, equals, value = text.partition("=")
    if not name.isidentifier() or not equals:
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, got '{text}'")
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected numbers with commas between them, got '{text}'") from None


main = Command(
    module="instances.generate",
    summary="Make instance files of step allocation, of split offloading and of edge servers (gqap).",
    arguments=_arguments,
    run=_run,
    example=(
        "--users 50 --tightness 0.3 --out mine.json",
        "--problem split_offloading --users 20 --gpus 4 --seed 7 --out snapshot.json",
    ),
    more="\n".join(["presets:", *(f"  {name:10} {preset.summary}" for name, preset in PRESETS.items())]),
    statuses={0: "every file is written, and named on standard output"},
)
"""Makes instance files."""

if __name__ == "__main__":
    main.script()
