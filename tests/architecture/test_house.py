"""Facts about the house itself: contracts, schemas, measures, and what never enters it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import radpred
from radpred.stages.commands.schema import NAME, schema

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "radpred").rglob("*.py"))
OUTSIDE_KERNELS = [path for path in MODULES if "kernels" not in path.parts]


def tracked() -> list[Path]:
    """Return the files that belong to the project."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("needs a git checkout")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name]


def test_the_shipped_schema_is_the_one_of_the_settings():
    assert (ROOT / "workflow" / "schemas" / NAME).read_bytes() == schema()


@pytest.mark.parametrize("name", radpred.__all__)
def test_every_public_name_exists(name):
    assert getattr(radpred, name) is not None


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_has_at_most_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_a_room_has_at_most_twelve_modules():
    rooms = {path.parent for path in MODULES}
    counts = {room: len({*room.glob("*.py")} - {room / "__init__.py"}) for room in rooms}
    assert [str(room) for room, n in counts.items() if n > 12] == []


@pytest.mark.parametrize("path", OUTSIDE_KERNELS, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_function_has_at_most_40_lines_of_code(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = [
        f"{node.name}: {_code_lines(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and _code_lines(node) > 40
    ]
    assert long == []


def _code_lines(node: ast.FunctionDef) -> int:
    """Return the lines of a function's body without its docstring."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return (node.end_lineno or 0) - first.lineno + 1


def test_importing_radpred_leaves_numpy_s_error_state_alone():
    code = (
        "import numpy as np\nbefore = np.geterr()\n"
        "import radpred, radpred.deploy, radpred.explain.shap_values\n"
        "import radpred.pipeline.measuring.extract\n"
        "assert np.geterr() == before\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_no_file_is_larger_than_a_megabyte():
    assert [p for p in tracked() if p.is_file() and p.stat().st_size > 1_000_000] == []


def test_no_image_data_is_tracked():
    endings = (".nii", ".nii.gz", ".nrrd", ".mha", ".dcm", ".parquet")
    assert [p for p in tracked() if p.name.endswith(endings)] == []


def test_the_constraints_name_versions_and_no_addresses():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[\w.+!]+", line)] == []
