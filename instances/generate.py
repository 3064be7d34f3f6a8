"""The command that makes instance files, ``python -m instances.generate --seed 0 --out n30.json``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from instances.csv_columns import read_columns
from instances.errors import InstanceError, one_line
from instances.files import save
from instances.generator import SECTIONS, generate
from instances.presets import PRESETS
from instances.schema import Instance

UNUSABLE = 2
"""Exit status where an argument or a file cannot be used."""


class _Parser(argparse.ArgumentParser):
    """Parser that refuses an argument in one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, one_line(f"{self.prog}: {message}") + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = _argument_parser()
    options = parser.parse_args(arguments)
    try:
        for path, instance in make(options):
            save(instance, path)
            data = instance.section("step_allocation")
            users = "1 user" if data.users == 1 else f"{data.users} users"
            print(f"{path}: {users}, budget {data.edge_step_budget:g} edge steps, {instance.sha256[:12]}")
    except InstanceError as error:
        parser.error(str(error))
    return 0


def make(options: argparse.Namespace) -> list[tuple[Path, Instance]]:
    """Every instance that the options ask for, with the file it belongs in.

    A preset with several values of S0 makes one file for each, named after it.
    """
    columns = None if options.users_csv is None else read_columns(options.users_csv, SECTIONS)
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
            name=path.stem if options.name is None else f"{options.name}{suffix}",
            users=options.users,
            seed=options.seed,
            tightness=options.tightness,
            spread=options.spread,
            integer_steps=options.integer_steps,
            weights=options.weights,
            cost_utility_weights=options.cost_utility_weights,
            local_max_steps=local_max_steps,
            columns=columns,
        )
        made.append((path, instance))
    return made


def _argument_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="instances.generate",
        description="Make instance files of step allocation.",
        epilog="\n".join(["presets:", *(f"  {name:10} {preset.summary}" for name, preset in PRESETS.items())]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--out", type=_file, required=True, metavar="FILE", help="file to write, .json or .npz")
    add("--preset", choices=PRESETS, default="paper", help="what everything else is taken from (default: paper)")
    add("--name", help="name of the instance (default: that of the file)")
    add("--users", type=int, metavar="N", help="number of users (default: 30)")
    add("--seed", type=int, default=0, help="seed of the draws (default: 0)")
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
    add(
        "--users-csv",
        metavar="FILE",
        help="per-user fields, one row per user and one column per field, in place of the preset's",
    )
    return parser


def _file(text: str) -> Path:
    path = Path(text)
    if path.suffix not in (".json", ".npz"):
        raise argparse.ArgumentTypeError(f"expected a file name that ends in .json or .npz, got '{text}'")
    return path


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected numbers with commas between them, got '{text}'") from None


if __name__ == "__main__":
    sys.exit(main())
