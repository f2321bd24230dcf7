"""Files are written whole: on the disk before they are renamed, and the rename on the disk, too."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from radpred.deploy import bundle
from radpred.io import write_mask
from radpred.stages.work.files import write_bytes
from radpred.table import write_table
from radpred.writing import remove_unfinished, write_whole


def mask_at(path: Path) -> None:
    from radpred.datasets.phantom import cuboid

    write_mask(cuboid((4, 4, 4), start=(1, 1, 1), stop=(3, 3, 3)), path)


WRITERS = {
    "bytes.json": lambda path: write_bytes(path, b"some"),
    "table.parquet": lambda path: write_table(pd.DataFrame({"a": [1.0]}), path, metadata={}),
    "mask.nii.gz": mask_at,
    "model.zip": lambda path: bundle._write_zip(path, {"member": b"some"}),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.skipif(os.name == "nt", reason="folders cannot be opened there")
def test_a_file_reaches_the_disk_then_its_name_then_its_folder(name, tmp_path, monkeypatch):
    steps = []
    fsync, rename = os.fsync, Path.replace

    def synced(handle):
        found = os.fstat(handle)
        steps.append("folder" if found.st_ino == tmp_path.stat().st_ino else "file")
        fsync(handle)

    def renamed(self, target):
        steps.append("name")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    WRITERS[name](tmp_path / name)
    assert steps == ["file", "name", "folder"]
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_writer_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "table.json"
    path.write_text("old")

    def fail(unfinished: Path) -> None:
        unfinished.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_whole(path, fail)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path):
    for name in (".0123456789ab-P1.json", "P1.json", ".radpred.lock"):
        (tmp_path / name).touch()
    remove_unfinished(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".radpred.lock", "P1.json"]
