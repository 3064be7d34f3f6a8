from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from malformed import malformed_instances
from malformed_file import DOCUMENT, GQAP_DOCUMENT, SPLIT_DOCUMENT
from malformed_gqap import GQAP_OVERFLOWS
from malformed_split import OVERFLOWS

from formulations.constraints.base import Constraint
from formulations.constraints.registry import label, own_types
from formulations.gqap.parameters import GQAP
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.section import Section
from formulations.split_offloading.parameters import SplitOffloading
from formulations.step_allocation.parameters import StepAllocation
from instances import InstanceError, load
from instances.json_schema import SCHEMA_FILE, schema_text
from instances.library import LIBRARY

SCHEMA = json.loads(SCHEMA_FILE.read_text())

_TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "integer": int,
    "null": type(None),
}
_ANNOTATIONS = {"title", "description", "default", "$schema", "$id", "$defs"}


def valid(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value satisfies a JSON Schema, for the keywords that ours uses; any other keyword is an error."""
    keywords = sorted(schema.keys() - _ANNOTATIONS, key=lambda keyword: keyword != "type")
    return all(_holds(keyword, schema[keyword], value, schema) for keyword in keywords)


def _holds(keyword: str, rule: Any, value: Any, schema: dict[str, Any]) -> bool:
    match keyword:
        case "$ref":
            return valid(value, SCHEMA["$defs"][rule.removeprefix("#/$defs/")])
        case "anyOf":
            return any(valid(value, choice) for choice in rule)
        case "type":
            if rule == "integer" and isinstance(value, float):
                return value.is_integer()
            return isinstance(value, _TYPES[rule]) and (rule == "boolean" or not isinstance(value, bool))
        case "const":
            return value == rule and not isinstance(value, bool)
        case "enum":
            return any(value == allowed and not isinstance(value, bool) for allowed in rule)
        case "required":
            return all(name in value for name in rule)
        case "properties":
            return all(valid(value[name], property_) for name, property_ in rule.items() if name in value)
        case "additionalProperties":
            return rule is True or all(name in schema["properties"] for name in value)
        case "items":
            return all(valid(item, rule) for item in value)
        case "minItems" | "minLength":
            return len(value) >= rule
        case "maxItems" | "maxLength":
            return len(value) <= rule
        case "minimum":
            return rule <= value < math.inf
        case "maximum":
            return value <= rule
        case "exclusiveMinimum":
            return rule < value < math.inf
        case "exclusiveMaximum":
            return value < rule
    raise NotImplementedError(keyword)


def test_published_schema_is_current():
    assert SCHEMA_FILE.read_text() == schema_text(), "run `python -m instances.json_schema`"


@pytest.mark.parametrize("kind", own_types(), ids=lambda kind: kind.__name__)
def test_every_type_of_constraint_is_described(kind: type[Constraint]):
    name = f"{label(kind, 'on')}.{label(kind, 'type')}"
    assert {"$ref": f"#/$defs/{name}"} in SCHEMA["properties"]["constraints"]["items"]["anyOf"]
    definition = SCHEMA["$defs"][name]
    assert definition["description"]
    assert set(definition["properties"]) == set(kind.model_fields)
    assert all(schema["description"] for schema in definition["properties"].values())


@pytest.mark.parametrize("section", [StepAllocation, SplitOffloading, GQAP, MultiEdgeOffloading])
def test_every_field_is_described(section: type[Section]):
    properties = SCHEMA["$defs"][section.problem]["properties"]
    assert set(properties) == set(section.model_fields) - {"constraints"}
    for name, schema in properties.items():
        assert schema["description"], name


def test_descriptions_name_units():
    definitions = SCHEMA["$defs"]
    step, split = (definitions[name]["properties"] for name in ("step_allocation", "split_offloading"))
    assert step["edge_step_capacity"]["description"].startswith("S^max_e [steps]")
    assert definitions["gqap"]["properties"]["weight"]["description"].startswith("w_i [load]")
    assert split["bandwidth_hz"]["description"].startswith("W_max [Hz]")
    assert all("description" in schema for schema in SCHEMA["properties"].values())


@pytest.mark.parametrize("name", LIBRARY)
def test_library_files_satisfy_it(name: str):
    assert valid(json.loads((SCHEMA_FILE.parent.parent / f"{name}.json").read_text()), SCHEMA)


_BEYOND_THE_SCHEMA = {
    "version 1.0",  # a whole number is an integer in JSON Schema, however it is written
    "users=3.0",
    "split users=3.0",
    "constraint for user 1.0",
    "error_decay_per_step=[0.02, 0.03]",
    "error_decay_per_step=[0.02, 0.02, 0.02, 0.02]",
    "a number beyond every float",
    "energies that overflow",
    "name of spaces",
    "name of two lines",
    "name that is a path",
    "name with a lone surrogate",
    "NaN in provenance",
    "nested provenance",
    "field twice",
    "JSON called .npz",
    "constraint with limits for other users",
    "constraint with three limits for two users",
    "constraint for user 3 of 3",
    "constraint for a user twice",
    "constraint for nobody",
    "constraint on a problem that is not posed",
    "constraint on the other problem",
    "split min_local_steps=201",
    "split accuracy_weight=[10.0, 20.0]",
    "split device=['a', 'b']",
    "split device=['a', 'b\\n', 'c']",
    *(f"split {field} that overflows" for field, _, _ in OVERFLOWS),
    *(f"gqap {field} that overflows" for field, _ in GQAP_OVERFLOWS),
    "gqap assignment_cost=[[1.0, 2.0]]",
    "gqap assignment_cost=[[1.0, 2.0], [3.0], [5.0, 6.0]]",
    "gqap flow=[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]",
    "gqap assignment_cost=[[1.0, 2.0], [3.0, nan], [5.0, 6.0]]",
    "gqap flow=[[0.0, 0.0, 0.0], [0.0, inf, 0.0], [0.0, 0.0, 0.0]",
    "gqap cost_factor=inf",
    "gqap weight=[1.0, 2.0]",
    "gqap capacity=[4.0, 5.0, 6.0]",
}
"""What the loader refuses and the schema has no words for."""


def test_it_refuses_the_malformed_documents_that_it_has_words_for():
    accepted, refused = set(), set()
    for case in malformed_instances():
        try:
            document = json.loads(case.data.decode())
        except (ValueError, RecursionError):
            continue
        (accepted if valid(document, SCHEMA) else refused).add(case.label)
    assert accepted == _BEYOND_THE_SCHEMA
    assert len(refused) > 40


@pytest.mark.parametrize("document", [DOCUMENT, SPLIT_DOCUMENT, GQAP_DOCUMENT])
def test_it_accepts_the_valid_document(document: dict[str, Any]):
    assert valid(document, SCHEMA)


def test_a_file_may_say_where_its_schema_is(tmp_path: Path) -> None:
    plain, pointed, wrong = tmp_path / "plain.json", tmp_path / "pointed.json", tmp_path / "wrong.json"
    plain.write_text(json.dumps(DOCUMENT))
    pointed.write_text(json.dumps({"$schema": SCHEMA["$id"]} | DOCUMENT))
    wrong.write_text(json.dumps({"$schema": 1} | DOCUMENT))
    assert load(pointed).sha256 == load(plain).sha256
    assert valid(json.loads(pointed.read_text()), SCHEMA)
    assert not valid(json.loads(wrong.read_text()), SCHEMA)
    with pytest.raises(InstanceError, match=r"wrong.json: \$schema: expected a text, got 1$"):
        load(wrong)
    assert SCHEMA["$id"].startswith("urn:")
