from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from formulations.fields import PositivePerUser, per_user_ranges
from formulations.step_allocation.parameters import StepAllocation
from instances import InstanceError, load
from instances.csv_columns import read_columns
from instances.generate import main
from instances.generator import generate

HEADER = "user,error_decay_per_step,local_max_steps\n"


def read(tmp_path, text: str | bytes):
    path = tmp_path / "users.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_columns(path, [StepAllocation])


def test_columns_take_the_place_of_the_preset(tmp_path):
    columns = read(tmp_path, HEADER + "ann,0.02,30\nbob, 3e-2 ,40.5\ncem,0.04,50\n")
    made = generate(columns=columns, seed=4)
    data = made.section("step_allocation")
    np.testing.assert_array_equal(data.error_decay_per_step, [0.02, 0.03, 0.04])
    np.testing.assert_array_equal(data.local_max_steps, [30.0, 40.5, 50.0])
    preset = generate(users=3, seed=4).section("step_allocation")
    np.testing.assert_array_equal(data.edge_max_steps, preset.edge_max_steps)
    assert data.edge_step_capacity > 0.0
    assert made.provenance["arguments"]["users_csv"] == {
        "file": "users.csv",
        "sha256": columns.sha256,
        "columns": ["error_decay_per_step", "local_max_steps"],
    }


def test_every_per_user_field_can_be_imported(tmp_path):
    names = list(per_user_ranges(StepAllocation))
    original = generate("contended", users=7).section("step_allocation")
    rows = zip(*(getattr(original, name).tolist() for name in names), strict=True)
    text = ",".join(names) + "\n" + "\n".join(",".join(map(repr, row)) for row in rows)
    data = generate("contended", columns=read(tmp_path, text)).section("step_allocation")
    for name in StepAllocation.model_fields:
        np.testing.assert_array_equal(getattr(data, name), getattr(original, name))
    assert len(names) == 11


@settings(max_examples=50, deadline=None, database=None)
@given(st.lists(st.floats(0.0, 1e300), min_size=1, max_size=5))
def test_numbers_are_read_exactly(tmp_path_factory, numbers: list[float]):
    text = "local_max_steps\n" + "\n".join(map(repr, numbers))
    columns = read(tmp_path_factory.mktemp("csv"), text)
    np.testing.assert_array_equal(columns.values["local_max_steps"], numbers)


def test_what_spreadsheets_write_is_read(tmp_path):
    text = b"\xef\xbb\xbf" + b'"local_max_steps","user"\r\n"30","a, b"\r\n\r\n"40","c\nd"\r\n,\r\n'
    np.testing.assert_array_equal(read(tmp_path, text).values["local_max_steps"], [30.0, 40.0])


def test_sections_that_share_a_column_both_have_their_say(tmp_path):
    """A later section may refuse a zero that step allocation takes."""

    class Stricter(BaseModel):
        model_config = {"arbitrary_types_allowed": True}
        local_max_steps: PositivePerUser
        wait_seconds: PositivePerUser

    path = tmp_path / "users.csv"
    path.write_text("local_max_steps,wait_seconds\n1,2\n0,2\n")
    with pytest.raises(InstanceError, match="row 3, column local_max_steps: expected a finite number > 0, got 0"):
        read_columns(path, [StepAllocation, Stricter])
    path.write_text("local_max_steps,wait_seconds\n1,2\n")
    columns = read_columns(path, [StepAllocation, Stricter])
    assert set(columns.fields_of(StepAllocation)) == {"local_max_steps"}
    assert set(columns.fields_of(Stricter)) == {"local_max_steps", "wait_seconds"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected a header and one row per user, got 0 rows"),
        (HEADER, "expected a header and one row per user, got 1 rows"),
        ("user\na\n", "row 1: expected at least one column with a per-user field, got none"),
        (
            "error_decay,local_max_steps\n1,2\n",
            'row 1, column 1: expected a per-user field, got "error_decay" (did you mean error_decay_per_step?)',
        ),
        ("users\n3\n", 'row 1, column 1: expected a per-user field, got "users"'),
        ("edge_step_capacity\n3\n", 'row 1, column 1: expected a per-user field, got "edge_step_capacity"'),
        ("local_max_steps;user\n3;a\n", 'row 1, column 1: expected a per-user field, got "local_max_steps;user"'),
        ("local_max_steps,local_max_steps\n1,2\n", "row 1, column local_max_steps: expected the column once"),
        (HEADER + "a,0.1,3\nb,0.1\n", "row 3: expected 3 values, got 2"),
        (HEADER + "a,0.1,3\n\nb,0.1,4,5\n", "row 4: expected 3 values, got 4"),
        (
            HEADER + "a,0.1,3\nb,x,4\n",
            'row 3, column error_decay_per_step: expected a finite number >= 0, got "x"',
        ),
        (HEADER + "a,,3\n", 'row 2, column error_decay_per_step: expected a finite number >= 0, got ""'),
        (HEADER + "a,0.1,-3\n", "row 2, column local_max_steps: expected a finite number >= 0, got -3"),
        (HEADER + "a,0.1,nan\n", "row 2, column local_max_steps: expected a finite number >= 0, got nan"),
        (HEADER + "a,0.1,1e999\n", "row 2, column local_max_steps: expected a finite number >= 0, got 1e999"),
        (HEADER + "a,0.1,1_000\n", 'row 2, column local_max_steps: expected a finite number >= 0, got "1_000"'),
        (
            'local_seconds_per_step\n"0,002"\n',
            'row 2, column local_seconds_per_step: expected a finite number > 0, got "0,002"',
        ),
        (
            "local_seconds_per_step\n0\n",
            "row 2, column local_seconds_per_step: expected a finite number > 0, got 0",
        ),
        (
            'user,local_max_steps\na,3\n"b,4\nc,5\n',
            "row 3: expected values between commas with every quote closed, got an error",
        ),
        (
            'local_max_steps,user\n3,"a\n4,b\n',
            "row 2: expected values between commas with every quote closed, got an error",
        ),
        (b"local_max_steps\n\xff\n", "expected text in UTF-8, got another byte at 16"),
    ],
)
def test_bad_file_is_refused_with_row_and_column(text: str | bytes, sentence: str, tmp_path):
    with pytest.raises(InstanceError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'users.csv'}: {sentence}")
    assert str(caught.value).isprintable()


@settings(max_examples=200, deadline=None, database=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: (HEADER + text).encode("utf-8", "replace")))
def test_no_bytes_raise_anything_else(tmp_path_factory, data: bytes):
    try:
        message = f"{read(tmp_path_factory.mktemp('csv'), data).users} users"
    except InstanceError as error:
        message = str(error)
    assert message != "0 users"
    assert message.isprintable()


def test_missing_file_reads_like_a_missing_instance(tmp_path):
    with pytest.raises(InstanceError) as caught:
        read_columns(tmp_path / "missing.csv", [StepAllocation])
    reason = "expected a readable file, got an error (No such file or directory)"
    assert str(caught.value) == f"{tmp_path / 'missing.csv'}: {reason}"


def test_command_imports_users(tmp_path, capsys):
    users, out = tmp_path / "users.csv", tmp_path / "mine.json"
    users.write_text(HEADER + "a,0.03,30\nb,0.04,40\n")
    assert main(["--users-csv", str(users), "--out", str(out)]) == 0
    assert load(out).section("step_allocation").users == 2
    with pytest.raises(SystemExit) as ended:
        main(["--users-csv", str(users), "--users", "3", "--out", str(out)])
    assert ended.value.code == 2
    assert "users: expected 2, the rows of users.csv, got 3" in capsys.readouterr().err
