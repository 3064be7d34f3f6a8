from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from formulations.fields import PositivePerUser, per_user_labels, per_user_ranges
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import weight_range
from formulations.step_allocation.parameters import StepAllocation
from instances import InstanceError, load
from instances.files.csv_columns import read_columns
from instances.generate import main
from instances.generation.generator import generate

HEADER = "user,error_decay_per_step,local_max_steps\n"


def read(tmp_path, text: str | bytes):
    path = tmp_path / "users.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_columns(path, {"step_allocation": StepAllocation})


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
        read_columns(path, {"step_allocation": StepAllocation, "stricter": Stricter})
    path.write_text("local_max_steps,wait_seconds\n1,2\n")
    columns = read_columns(path, {"step_allocation": StepAllocation, "stricter": Stricter})
    assert set(columns.fields_of("step_allocation", StepAllocation)) == {"local_max_steps"}
    assert set(columns.fields_of("stricter", Stricter)) == {"local_max_steps", "wait_seconds"}


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
        read_columns(tmp_path / "missing.csv", {"step_allocation": StepAllocation})
    reason = "expected a readable file, got an error (No such file or directory)"
    assert str(caught.value) == f"{tmp_path / 'missing.csv'}: {reason}"


def test_command_imports_users(tmp_path, capsys):
    users, out = tmp_path / "users.csv", tmp_path / "mine.json"
    users.write_text(HEADER + "a,0.03,30\nb,0.04,40\n")
    assert main(["--users-csv", str(users), "--out", str(out)]) == 0
    assert load(out).section("step_allocation").users == 2
    assert main(["--users-csv", str(users), "--users", "3", "--out", str(out)]) == 2
    assert "users: expected 2, the rows of users.csv, got 3" in capsys.readouterr().err


SPLIT = {"split_offloading": SplitOffloading}
BOTH = {"step_allocation": StepAllocation, "split_offloading": SplitOffloading}


def read_from(tmp_path, text: str, sections: dict[str, type[BaseModel]] = SPLIT):
    path = tmp_path / "users.csv"
    path.write_text(text)
    return read_columns(path, sections)


def test_every_per_user_field_of_a_snapshot_can_be_imported(tmp_path):
    names = [*per_user_ranges(SplitOffloading), *per_user_labels(SplitOffloading)]
    original = generate(problems=["split_offloading"], users=7, seed=2).section("split_offloading")
    rows = zip(*(np.asarray(getattr(original, name)).tolist() for name in names), strict=True)
    text = ",".join(names) + "\n" + "\n".join(",".join(map(str, row)) for row in rows)
    made = generate(problems=["split_offloading"], seed=99, columns=read_from(tmp_path, text))
    data = made.section("split_offloading")
    for name in SplitOffloading.model_fields:
        np.testing.assert_array_equal(getattr(data, name), getattr(original, name), err_msg=name)
    assert sorted(names) == sorted(
        ["accuracy_weight", "local_seconds_per_step", "device", "prompt_bits", "latent_bits", "wait_seconds"]
    )
    assert made.provenance["arguments"]["users_csv"]["columns"] == names


def test_devices_of_a_file_are_looked_up_and_their_weights_drawn_for_them(tmp_path):
    columns = read_from(tmp_path, "device,wait_seconds\nRTX 4090,0.5\nGTX 1080, 0.25\n")
    data = generate(problems=["split_offloading"], columns=columns).section("split_offloading")
    assert data.device == ("RTX 4090", "GTX 1080")
    np.testing.assert_array_equal(data.local_seconds_per_step, [0.0496, 0.4854])
    np.testing.assert_array_equal(data.wait_seconds, [0.5, 0.25])
    low, high = weight_range(data, 20.0)
    assert low[1] <= data.accuracy_weight[1] <= 0.05 * high[1]


def test_times_of_a_file_need_no_device(tmp_path):
    columns = read_from(tmp_path, "local_seconds_per_step\n0.4\n0.3\n")
    data = generate(problems=["split_offloading"], columns=columns).section("split_offloading")
    assert data.device == ()
    np.testing.assert_array_equal(data.local_seconds_per_step, [0.4, 0.3])


def test_unknown_device_and_too_fast_device_are_named(tmp_path):
    unknown = read_from(tmp_path, "device\nRTX 4090\nRTX 9999\n")
    with pytest.raises(InstanceError, match=r"^split_offloading.device\[1\]: expected a device of the table"):
        generate(problems=["split_offloading"], columns=unknown)
    fast = read_from(tmp_path, "local_seconds_per_step\n0.4\n0.03\n")
    with pytest.raises(
        InstanceError, match=r"^split_offloading.local_seconds_per_step\[1\]: expected a device slow"
    ):
        generate(problems=["split_offloading"], columns=fast, split_offloading={"fast_devices": "exclude"})


def test_column_with_the_name_of_a_section_is_meant_for_that_one_alone(tmp_path):
    text = "step_allocation.local_seconds_per_step,split_offloading.local_seconds_per_step\n0.003,0.4\n0.002,0.3\n"
    made = generate(problems=list(BOTH), columns=read_from(tmp_path, text, BOTH))
    np.testing.assert_array_equal(made.section("step_allocation").local_seconds_per_step, [0.003, 0.002])
    np.testing.assert_array_equal(made.section("split_offloading").local_seconds_per_step, [0.4, 0.3])


def test_column_of_a_problem_that_is_not_posed_is_refused(tmp_path):
    with pytest.raises(InstanceError, match='row 1, column 1: expected a per-user field, got "local_max_steps"'):
        read_from(tmp_path, "local_max_steps\n3\n")


@pytest.mark.parametrize("name", ["x" * 101, "a\x07b"])
def test_device_name_that_no_instance_takes(name: str, tmp_path):
    with pytest.raises(InstanceError, match="row 2, column device: expected up to 100 printable characters, got"):
        read_from(tmp_path, f"device\n{name}\n")
