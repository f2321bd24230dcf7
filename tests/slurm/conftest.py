"""A cluster, a cohort of two hundred patients, and the study that nothing disturbed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from radpred.pipeline.demo import make_cohort

from .cluster import Run, slurm

N_PATIENTS = 200
# One that ends its process stands in every study here: it must be a row, and nothing else.
ABORTS = "P0007_L1"


@pytest.fixture(scope="session")
def cluster() -> list[str]:
    """Return the names of the nodes."""
    if "SLURM_CONF" not in os.environ or shutil.which("sinfo") is None:
        pytest.skip("no Slurm is named: `make test-slurm` starts one")
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("needs the extra radpred[slurm]")
    try:
        lines = slurm("sinfo", "-h", "-N", "-p", "main", "-o", "%N %T").splitlines()
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"Slurm does not answer: {error}; `make test-slurm` starts one")
    nodes = [line.split()[0] for line in lines if line.split()[1] in ("idle", "mixed", "allocated")]
    if len(nodes) < 2:
        pytest.skip(f"needs two nodes that are up, and there are {lines}")
    return nodes


@pytest.fixture(scope="session")
def cohort(cluster, tmp_path_factory) -> Path:
    """Return a folder with the scans of the made patients."""
    folder = tmp_path_factory.mktemp("cohort of two hundred")
    make_cohort(folder, n_patients=N_PATIENTS, seed=11)
    return folder


@pytest.fixture(scope="session")
def undisturbed(cohort, tmp_path_factory) -> Run:
    """Return the study as it comes out when all goes well, submitted, and over both nodes."""
    run = Run(tmp_path_factory.mktemp("undisturbed"), orders={ABORTS: {"abort": True}})
    assert run.written(cohort).submitted() == 0, run.said()
    assert (run.results / "report.html").is_file(), run.said()
    return run


@pytest.fixture
def root() -> None:
    """Skip where only root can disturb the cluster."""
    if os.geteuid() != 0:
        pytest.skip("only root takes a node down or makes a small disk")
