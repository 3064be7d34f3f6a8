"""Runs the command on valid arguments: load, solve, show, write."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from formulations.gqap.parameters import GQAP
from formulations.runtime.program import INTERRUPTED, say
from formulations.runtime.progress import display
from instances import Instance, load
from instances.files.text_formats import KNOWN_VALUE
from instances.provenance import edge_server
from instances.storage.atomic import writing
from reports.comparison.tables import comparison_table
from reports.formats import folder
from reports.formats.output import Output, write
from reports.tables import numbers
from reports.tables.auxiliary import auxiliary_table
from reports.tables.listing import listing
from solvers.comparison import methods as comparison
from solvers.comparison.arguments import Options
from solvers.comparison.labels import labels
from solvers.comparison.methods import Comparison, Plan
from solvers.core import registry
from solvers.core.result import Result

OWN_SCALE = "times of the tasks are on the scale of this problem's own paper, not comparable between problems"
"""Note below a table where the instance poses several problems."""


def list_methods() -> None:
    """Print every problem with its methods."""
    write(listing(registry.problems(), registry.methods()))


def run(options: Options) -> int:
    """Compare methods on every file, and return the exit status.

    Raises
    ------
    UsageError
        If something named cannot be used; nothing has been run or printed then.
    """
    comparison.check_names(options.solvers, options.problem)
    instances = [load(file) for file in options.files]
    seeds = range(options.seed, options.seed + options.seeds)
    called = labels([instance.name for instance in instances], options.files)
    planned = [
        [comparison.named(plan, label) for plan in comparison.plans(item, options.solvers, options.problem, seeds)]
        for item, label in zip(instances, called, strict=True)
    ]
    with ExitStack() as until_written:
        if options.out is not None:
            with writing(options.out):
                until_written.enter_context(folder.held(options.out))
        session = _Session(options, instances)
        try:
            for index, plans in enumerate(planned):
                session.compare(index, plans)
                if session.over:
                    break
        finally:
            session.end()
    return session.status


class _Session:
    """The comparisons of one call of the command, shown and written as they come."""

    def __init__(self, options: Options, instances: Sequence[Instance]) -> None:
        self.options = options
        self.instances = instances
        self.stems = folder.stems(instance.name for instance in instances)
        self.output = Output(options.format)
        self.progress = display()
        self.results: list[Result] = []
        self.status = 0

    @property
    def over(self) -> bool:
        """Whether going on is of no use: interrupted, or nobody reads and nothing is written."""
        return self.status == INTERRUPTED or (self.output.closed and self.options.out is None)

    def compare(self, index: int, plans: Sequence[Plan]) -> None:
        """Run the plans of one instance."""
        options = self.options
        limits = comparison.default_limits(plans, options.time_limit, options.gap, options.threads)
        for plan in plans:
            compared = comparison.compare_methods(plan, limits, self.progress)
            self._take(index, compared, beside_others=len(plans) > 1)
            if compared.interrupted:
                self.status = INTERRUPTED
                return

    def _take(self, index: int, compared: Comparison, *, beside_others: bool) -> None:
        table = comparison_table(compared)
        if beside_others:
            table = replace(table, notes=(*table.notes, OWN_SCALE))
        instance = self.instances[index]
        edge = edge_server(instance.provenance, compared.plan.problem.name)
        table = replace(table, notes=(*table.notes, *filter(None, [edge]), *_known_value(instance, compared)))
        auxiliary_tables = [
            (item.name, auxiliary_table(item, compared.plan.case.instance, value))
            for item, value in compared.auxiliary_tables
        ]
        shown = [table, *(beside for _, beside in auxiliary_tables)]
        alerts = [f"{item.title}: {alert}" for item in shown for alert in item.alerts]
        self.status = max(self.status, 0 if compared.consistent and not alerts else 1)
        if self.options.format != "table":
            for alert in alerts:
                say(alert)
        self.results.extend(compared.results)
        self.output.add(compared.results, table, shown[1:])
        if self.options.out is not None:
            stem = f"{self.stems[index]}_{compared.plan.problem.name}"
            tables = [(stem, table), *((f"{stem}_{name}", beside) for name, beside in auxiliary_tables)]
            with writing(self.options.out):
                for name, item in tables:
                    folder.write_table(self.options.out, name, item)
                folder.write_logs(self.options.out, stem, compared.results)

    def end(self) -> None:
        """Print and write what is one document for all comparisons."""
        self.output.end()
        if self.options.out is not None:
            with writing(self.options.out):
                folder.write_results(self.options.out, self.results)


def _known_value(instance: Instance, compared: Comparison) -> list[str]:
    """Return what the instance's file says of the best value that is known, beside what was found."""
    value = instance.provenance.get(KNOWN_VALUE)
    if compared.plan.problem.name != GQAP.problem or isinstance(value, bool) or not isinstance(value, int | float):
        return []
    found = numbers.objective(compared.verdict.objective)
    return [f"known value: {numbers.objective(float(value))}, as the file says; best found: {found}"]
