"""A folder of wheels installs without a network, and what it installs measures a case."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = os.environ.get("RADPRED_WHEELHOUSE", "")
PYTHON = os.environ.get("RADPRED_WHEELHOUSE_PYTHON", sys.executable)
ONE_CASE = """
from radpred.datasets.phantom import cuboid, noise_box
from radpred.io import write_image, write_mask
import numpy as np, radpred, sys
shape = (10, 12, 14)
write_image(noise_box(shape, rng=np.random.default_rng(0)), "scan.nii.gz")
write_mask(cuboid(shape, start=(3, 4, 5), stop=(7, 8, 9)), "mask.nii.gz")
found = radpred.Extractor({}).extract("scan.nii.gz", "mask.nii.gz")
assert found.notna().sum() > 30, found
print("measured", sys.version_info[:2], len(found))
"""

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="RADPRED_WHEELHOUSE names no folder; `make wheelhouse` fills one"
)


def cut_off(*words: str | Path, cwd: Path) -> str:
    """Return what a command says that has no network, where a process may be cut off from it."""
    may = shutil.which("unshare") and os.name == "posix" and os.geteuid() == 0
    line = [*(["unshare", "--net"] if may else []), *map(str, words)]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
    env = {**kept, "PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run(line, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """Return an empty environment into which radpred was installed from the folder alone."""
    folder = tmp_path_factory.mktemp("offline")
    cut_off(PYTHON, "-m", "venv", folder / "env", cwd=folder)
    pip = [folder / "env" / "bin" / "python", "-m", "pip", "install", "--no-compile", "--no-index"]
    cut_off(*pip, "--find-links", Path(FOLDER).resolve(), "radpred[slurm,s3]", cwd=folder)
    return folder


def test_it_measures_a_case(installed):
    assert "measured" in cut_off(installed / "env/bin/python", "-c", ONE_CASE, cwd=installed)


def test_its_command_says_what_it_can(installed):
    assert "radpred" in cut_off(installed / "env/bin/radpred", "--help", cwd=installed)


def test_the_workflow_came_with_it(installed):
    code = "from radpred.workflow import pipeline_folder as f; print(f().joinpath('Snakefile'))"
    found = cut_off(installed / "env/bin/python", "-c", code, cwd=installed).strip()
    assert Path(found).is_file()
    assert Path(found).is_relative_to(installed)
