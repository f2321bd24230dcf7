"""Hostile files end in a clear error or are read: no crash, no hang, no memory beyond a limit."""

from __future__ import annotations

import os
import sys

import pytest

pytest.importorskip("resource", reason="limits are of Unix")
if sys.platform != "linux":
    pytest.skip("the size of the address space is read from /proc", allow_module_level=True)

FORMATS = (
    *("nifti", "nifti_gz", "nrrd", "metaimage", "detached", "png", "numpy", "dicom", "seg"),
    *("rtstruct", "dose", "cases", "boxes", "outcome", "study", "settings", "pyradiomics"),
    "bundle",
)
# The same files on every machine; where seconds are given, as many as they allow.
SECONDS = os.environ.get("RADPRED_FUZZ_SECONDS")
N_FILES = 500  # a format


@pytest.mark.parametrize("name", FORMATS)
def test_a_hostile_file_is_read_or_refused(name):
    from parent import hunt

    if SECONDS is None:
        found = hunt(name, seconds=120, last=N_FILES - 1)
    else:
        found = hunt(name, seconds=float(SECONDS) / len(FORMATS))
    assert found.n > 0
    assert not found.problems, "\n\n".join(found.problems[:5])


def test_every_reader_is_hunted():
    import formats

    assert tuple(formats.FORMATS) == FORMATS
