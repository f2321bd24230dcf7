"""What a process may use is the least of what its control groups and its machine give."""

from __future__ import annotations

from radpred.stages.cluster.limits import core_share, memory_limit, own_limits


def group(folder, **files):
    """Return the folder of a control group with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(text)
    return folder


# The kernel's document on control groups, version 2: cpu.max is "$MAX $PERIOD" in microseconds.
def test_the_tightest_group_says_how_many_cores(tmp_path):
    inner = group(tmp_path / "a", cpu_max="max 100000\n")
    outer = group(tmp_path, cpu_max="250000 100000\n")
    assert core_share([inner, outer]) == 2.5


def test_groups_without_a_limit_leave_all_cores(tmp_path):
    assert core_share([group(tmp_path, cpu_max="max 100000\n")]) is None


def test_the_tightest_group_says_how_much_memory(tmp_path):
    inner = group(tmp_path / "a", memory_max="max\n")
    outer = group(tmp_path, memory_max="2097152\n")
    assert memory_limit([inner, outer]) == 2097152


def test_groups_of_version_1_are_read_too(tmp_path):
    assert memory_limit([group(tmp_path, memory_limit_in_bytes="4096\n")]) == 4096


def test_nothing_is_unlimited():
    limits = own_limits()
    assert 1 <= limits.cores <= limits.machine_cores
