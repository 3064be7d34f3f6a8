"""The JSON Schema of instance files; ``python -m instances.json_schema`` writes it anew."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from formulations.constraints.registry import label, own_types
from formulations.problems import PROBLEMS, problems
from formulations.runtime.command_line import Command, Parser
from formulations.runtime.standard_output import results
from instances.schema import SCHEMA, Instance
from instances.storage.atomic import replacing

URN = "urn:diffload:instance-schema:1"
"""Name of the schema, which is no address: nothing is fetched to validate a file."""

SCHEMA_FILE = Path(__file__).parent / "published" / "instance_schema_v1.json"
"""The published schema."""


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of an instance file."""
    schema = Instance.model_json_schema()
    for brought in problems()[len(PROBLEMS) :]:
        del schema["properties"][brought.name], schema["$defs"][brought.name]
    schema["properties"]["constraints"]["items"] = {"anyOf": _own_constraints(schema["$defs"])}
    for model in [schema, *schema["$defs"].values()]:
        model["description"] = model["description"].partition("\n\nRaises")[0].replace("\n\n", " ")
    at_least_one = {"anyOf": [{"required": [known.name]} for known in PROBLEMS]}
    schema["properties"][SCHEMA] = {"type": "string", "description": "Where this schema is, for editors."}
    return {SCHEMA: "https://json-schema.org/draft/2020-12/schema", "$id": URN} | schema | at_least_one


def _own_constraints(definitions: dict[str, Any]) -> list[dict[str, str]]:
    """Replace the definition of constraints at large by one for each type of the package, and refer to them."""
    del definitions["Constraint"]
    names = []
    for kind in own_types():
        names.append(f"{label(kind, 'on')}.{label(kind, 'type')}")
        definitions[names[-1]] = kind.model_json_schema()
    return [{"$ref": f"#/$defs/{name}"} for name in names]


def schema_text() -> str:
    """Return the text of :data:`SCHEMA_FILE`."""
    return json.dumps(json_schema(), indent=2) + "\n"


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "--out", type=Path, default=SCHEMA_FILE, metavar="FILE", help="file to write (default: the published one)"
    )


def _run(options: Namespace) -> None:
    with replacing(options.out) as file:
        file.write(schema_text().encode())
    print(options.out, file=results())


main = Command(
    module="instances.json_schema",
    summary="Write the published JSON Schema of instance files anew.",
    arguments=_arguments,
    run=_run,
    example=("--out instance_schema.json",),
)
"""Writes the JSON Schema."""

if __name__ == "__main__":
    main.script()
