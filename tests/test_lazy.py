"""A package whose names are loaded when first used looks like any other."""

from __future__ import annotations

import subprocess
import sys

import pytest

import radpred
import radpred.segment
import radpred.table
from radpred.lazy import looked_up


@pytest.mark.parametrize("package", [radpred, radpred.segment, radpred.table])
def test_every_name_is_there_and_no_other(package):
    assert all(getattr(package, name) is not None for name in package.__all__)
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'x'"):
        package.x  # noqa: B018 - the look-up is the test


def test_a_module_is_loaded_when_its_name_is_used():
    code = (
        "import sys, radpred\n"
        "assert 'radpred.image' not in sys.modules\n"
        "radpred.Grid\n"
        "assert 'radpred.image' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_comes_from_its_home():
    assert looked_up("radpred", {"Grid": "radpred.image"})("Grid") is radpred.Grid
