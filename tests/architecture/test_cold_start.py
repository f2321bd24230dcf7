"""What starts quickly loads little: each job loads only what it uses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MEASURE = """
import numpy as np
import radpred
grid = radpred.Grid(shape=(9, 9, 9))
voxels = np.random.default_rng(0).normal(scale=100.0, size=grid.shape)
mask = np.ones(grid.shape, dtype=bool)
image, mask = radpred.Image(voxels=voxels, grid=grid), radpred.Mask(voxels=mask, grid=grid)
features = radpred.Extractor().extract(image, mask)
assert np.isfinite(features).all()
"""
LOADED = "import sys; print(*(name for name in sys.argv[1:] if name in sys.modules))"
LEARNING = ["sklearn", "shap", "xgboost", "mapie", "joblib"]
DRAWING = ["matplotlib", "jinja2"]


def loaded(code, names):
    """Return which of the modules a process has loaded once it has run ``code``."""
    line = [sys.executable, "-W", "ignore", "-c", f"{code}\n{LOADED}", *names]
    done = subprocess.run(line, check=True, capture_output=True, text=True)
    return done.stdout.split()


@pytest.fixture(scope="module")
def compiled_code_is_there():
    """Measure once, so that whatever must be compiled is."""
    loaded(MEASURE, [])


def test_measuring_loads_no_compiler_where_code_was_kept(compiled_code_is_there):
    assert loaded(MEASURE, ["numba"]) == []


def test_measuring_loads_no_part_of_scipy_that_it_does_not_use(compiled_code_is_there):
    parts = ["scipy.ndimage", "scipy.special", "scipy.linalg", "scipy.spatial", "scipy.stats"]
    assert loaded(MEASURE, parts) == []


def test_measuring_loads_nothing_that_learns_draws_or_writes_tables(compiled_code_is_there):
    assert loaded(MEASURE, [*LEARNING, *DRAWING, "pyarrow.parquet", "typer"]) == []


@pytest.mark.parametrize("stage", ["extract", "segment", "commands.features"])
def test_a_stage_that_measures_loads_nothing_that_learns_or_draws(stage):
    parts = ["scipy.ndimage", "scipy.spatial", "scipy.cluster", "skimage"]
    assert loaded(f"import radpred.stages.{stage}", [*LEARNING, *DRAWING, *parts]) == []


@pytest.mark.parametrize("module", ["stages.train", "stages.evaluate", "workflow"])
def test_what_explains_nothing_loads_no_shap_and_what_writes_no_model_no_skops(module):
    assert loaded(f"import radpred.{module}", ["shap", "skops", "numba"]) == []


@pytest.mark.parametrize("module", ["workflow", "stages.assemble"])
def test_who_runs_a_study_loads_nothing_that_learns_or_draws(module):
    assert loaded(f"import radpred.{module}", [*LEARNING, *DRAWING]) == []


@pytest.mark.parametrize("stage", ["train", "evaluate", "bundle", "explain"])
def test_what_learns_draws_nothing(stage):
    assert loaded(f"import radpred.stages.{stage}", DRAWING) == []


def test_importing_kernels_compiles_nothing():
    rooms = sorted(path.parent.name for path in (ROOT / "radpred/kernels").glob("*/__init__.py"))
    code = "\n".join(f"import radpred.kernels.{room}" for room in rooms)
    assert loaded(code, ["numba"]) == []


def test_help_loads_no_numbers():
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom radpred.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
    )
    assert loaded(code, ["numpy", "pandas", "pydantic"]) == []
