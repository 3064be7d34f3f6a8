from __future__ import annotations

import pytest

from formulations.errors import InstanceError
from instances.calibration.devices import TABLE, find, local_devices, read_devices, save_devices

DEVICES = read_devices().devices


def test_table_has_the_devices_of_the_paper():
    local = local_devices(DEVICES)
    assert {"RTX 2060", "GTX 1080", "RTX 4090"} <= set(local)
    assert {"H100 PCIe", "A100-SXM4-80GB", "H200"} <= set(DEVICES) - set(local)
    assert all(DEVICES[name].place == "local" for name in local)


@pytest.mark.parametrize("name", DEVICES)
def test_every_row_is_plausible_and_says_where_it_is_from(name: str):
    row = DEVICES[name]
    assert row.model
    assert row.pixels
    assert row.precision
    assert row.batches
    assert row.source
    if row.seconds_per_step_p25 is not None:
        assert row.seconds_per_step_p25 <= row.seconds_per_step <= row.seconds_per_step_p75
    assert row.has_line == (row.fits is not None)
    if row.has_line:
        assert row.line_seconds(1.0) == pytest.approx(row.seconds_per_step, rel=0.30), (
            "lines and medians at batch 1 come from different runs, but of the same device"
        )


def test_edge_devices_with_a_line_gain_from_batching():
    for name in ("H100 PCIe", "A100-SXM4-80GB", "A100-SXM4-40GB", "A100 80GB PCIe"):
        assert DEVICES[name].line_seconds(20.0) < 20.0 * DEVICES[name].line_seconds(1.0)


def test_no_line_without_k_and_h():
    assert not DEVICES["H200"].has_line
    with pytest.raises(ValueError, match="H200 was measured at batch 1 alone"):
        DEVICES["H200"].line_seconds(2.0)


def test_saved_table_reads_the_same(tmp_path):
    path = tmp_path / "devices.csv"
    save_devices(path, DEVICES)
    assert path.read_bytes() == TABLE.read_bytes(), "the table in the package is written as the program writes it"
    again = read_devices(path)
    assert again.devices == DEVICES
    assert (again.file, len(again.sha256)) == ("devices.csv", 64)


def test_unknown_device_gets_a_suggestion():
    with pytest.raises(
        InstanceError, match=r'edge_device: expected a device of the table, got "H100PCIe" \(did you'
    ):
        find(DEVICES, "edge_device", "H100PCIe")


HEADER, FIRST = TABLE.read_text().splitlines()[:2]


def with_quartiles(low: object, middle: object, high: object) -> str:
    """The table's first row with another median and other quartiles."""
    _, place, *rest = FIRST.split(",")
    return ",".join(map(str, (f"device {low} {middle} {high}", place, middle, low, high, *rest[3:])))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "row 1, column 1: expected the column device, got none"),
        (HEADER.replace("fits", "fit") + "\n", 'row 1, column 11: expected the column fits, got "fit"'),
        (HEADER.replace(",source", "") + "\n", "row 1, column 16: expected the column source, got none"),
        (HEADER + ",watts\n", 'row 1, column 17: expected no column, got "watts"'),
        (
            f"{HEADER}\n{with_quartiles(0.1, 0.2, 0.3)}\n{with_quartiles(0.25, 0.2, 0.3)}\n",
            "row 3, column seconds_per_step_p25: expected at most the median 0.2, got 0.25",
        ),
        (
            f"{HEADER}\n{with_quartiles(0.1, 0.2, '')}\n\n{with_quartiles('', 0.2, 0.1)}\n",
            "row 4, column seconds_per_step_p75: expected at least the median 0.2, got 0.1",
        ),
        (f"{HEADER}\nx,local\n", "row 2: expected 16 values, got 2"),
        (f"{HEADER}\n{FIRST}\n\n{FIRST}\n", 'row 4: expected every device once, got "GTX 1080" twice'),
        (f"{HEADER}\n{FIRST.replace('GTX 1080', '')}\n", 'row 2, column device: expected a name, got ""'),
        (
            f"{HEADER}\n{FIRST.replace('local', 'cloud')}\n",
            'row 2, column place: expected local or edge, got "cloud"',
        ),
        (
            f"{HEADER}\n{FIRST.replace('0.4854', '0')}\n",
            'row 2, column seconds_per_step: expected a finite number > 0, got "0"',
        ),
        (
            f"{HEADER}\n{FIRST.replace('0.4854', 'nan')}\n",
            'row 2, column seconds_per_step: expected a finite number > 0, got "nan"',
        ),
        (
            f"{HEADER}\n{FIRST.replace(',43,', ',4.5,')}\n",
            'row 2, column records: expected a whole number > 0, got "4.5"',
        ),
        (
            f"{HEADER}\n{FIRST.replace(',43,,', ',43,0.1,')}\n",
            "row 2: expected both k and h or none of them, got one",
        ),
    ],
)
def test_bad_table_is_refused_with_row_and_column(text: str, sentence: str, tmp_path):
    path = tmp_path / "devices.csv"
    path.write_text(text)
    with pytest.raises(InstanceError) as caught:
        read_devices(path)
    assert str(caught.value).startswith(f"{path}: {sentence}")


def test_missing_table(tmp_path):
    with pytest.raises(InstanceError, match="expected a readable file, got an error"):
        read_devices(tmp_path / "none.csv")
    with pytest.raises(InstanceError, match="cannot write to"):
        save_devices(tmp_path / "none" / "devices.csv", DEVICES)
