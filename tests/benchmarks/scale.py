"""What many small lesions take, and what a hundred thousand would: ``python -m benchmarks.scale``.

Run in ``tests/``. Lesions are made on the fly, 24 voxels a side, and measured by the workflow
itself (``features``), in jobs and shards as in any study. ``--docs FILE`` writes what was found,
carried to larger cohorts, with what that assumes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import yaml

from benchmarks import machine
from benchmarks.scaling_page import page
from radpred.image import Grid, Image, Mask
from radpred.io import write_image, write_mask
from radpred.workflow import command

SIDE = 24
STUDY: dict[str, Any] = {
    "name": "scale",
    "outcome": {"column": "event"},
    "device": "cpu",
    "extraction": {"filters": [{"kind": "original"}], "bin_width": 25},
}
TICK_S = 0.5


def main() -> None:
    """Make lesions, measure them, and tell how many a second; write the page if asked."""
    given = _arguments().parse_args()
    folder = given.folder.resolve()
    kept = folder / "scale.json"
    if given.only_plan:
        found = json.loads(kept.read_text(encoding="utf-8"))
    else:
        made_s = made(folder, given.cases)
        found = measured(folder, cores=given.cores)
        found |= {"n_cases": given.cases, "used_cores": given.cores, "making_s": made_s}
    found |= planned(folder / "plan", given.planned) | machine.facts()
    kept.write_text(json.dumps(found, indent=1), encoding="utf-8")
    text = page(found)
    print(text)  # noqa: T201
    if given.docs is not None:
        given.docs.write_text(text, encoding="utf-8")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.scale", description=main.__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--planned", type=int, default=100_000, help="cases of a dry run")
    parser.add_argument("--only-plan", action="store_true", help="the dry run alone, anew")
    parser.add_argument("--folder", type=Path, default=Path("build") / "scale")
    parser.add_argument("--docs", type=Path, help="write the page there, too")
    return parser


def made(folder: Path, n_cases: int) -> float:
    """Make a cohort of lesions that differ in size, place and grey levels; return the seconds."""
    began = time.perf_counter()
    rows = []
    for number in range(n_cases):
        place = folder / "scans" / f"{number // 1000:04d}"
        image, mask = place / f"{number:06d}.nii", place / f"{number:06d}_lesion.nii"
        if not mask.is_file():
            place.mkdir(parents=True, exist_ok=True)
            scan, lesion = lesion_of(number)
            write_image(scan, image)
            write_mask(lesion, mask)
        rows.append((f"C{number}", f"P{number}", str(image), str(mask)))
    cases = pd.DataFrame(rows, columns=["case_id", "patient_id", "image", "mask"])
    cases.to_csv(folder / "cases.csv", index=False)
    outcome = {"patient_id": cases["patient_id"], "event": np.arange(n_cases) % 2}
    pd.DataFrame(outcome).to_csv(folder / "outcome.csv", index=False)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    return time.perf_counter() - began


def lesion_of(number: int) -> tuple[Image, Mask]:
    """Return a scan of noise with one bright ball, and the ball; the same for each number."""
    rng = np.random.default_rng(number)
    grid = Grid(shape=(SIDE,) * 3, spacing=(1.0,) * 3)
    radius, centre = rng.uniform(4, 9), rng.uniform(10, 14, size=3)
    axes = np.indices(grid.shape)
    inside = sum((axes[i] - centre[i]) ** 2 for i in range(3)) <= radius**2
    voxels = rng.normal(0, 40, grid.shape) + inside * rng.uniform(60, 160)
    image = Image(voxels=voxels.astype(np.float32), grid=grid)
    return image, Mask(voxels=inside, grid=grid, name="lesion")


def measured(folder: Path, *, cores: int) -> dict[str, Any]:
    """Run the target ``features``; return seconds, and what the largest process held."""
    line = command(folder / "study.yaml", cores=cores, profile=None, extra=["--quiet", "rules"])
    line.insert(line.index("--snakefile"), "features")
    began = time.perf_counter()
    run = subprocess.Popen(line, cwd=folder, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
    peak = 0.0
    while run.poll() is None:
        peak = max([peak, *resident_mb(run.pid)])
        time.sleep(TICK_S)
    if run.returncode:
        sys.exit(f"the workflow ended with {run.returncode}")
    return {"seconds": time.perf_counter() - began, "largest_mb": peak, **left(folder)}


def planned(folder: Path, n_cases: int) -> dict[str, Any]:
    """Plan a cohort of empty files; return jobs, seconds, and what the largest process held."""
    for place in range(0, n_cases, 1000):
        (folder / "scans" / f"{place:06d}").mkdir(parents=True, exist_ok=True)
    numbers = range(n_cases)
    files = [str(folder / "scans" / f"{n - n % 1000:06d}" / f"{n}.nii") for n in numbers]
    for file in files:
        Path(file).touch()
    ids = [f"P{n}" for n in numbers]
    cases = {"case_id": ids, "patient_id": ids, "image": files, "mask": files}
    pd.DataFrame(cases).to_csv(folder / "cases.csv", index=False)
    outcome = {"patient_id": ids, "event": np.arange(n_cases) % 2}
    pd.DataFrame(outcome).to_csv(folder / "outcome.csv", index=False)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    line = command(folder / "study.yaml", cores=2, profile=None, extra=["-n", "--quiet", "rules"])
    began, peak = time.perf_counter(), 0.0
    run = subprocess.Popen(
        line, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    while run.poll() is None:
        peak = max([peak, *resident_mb(run.pid)])
        time.sleep(TICK_S / 10)
    seconds = time.perf_counter() - began
    said = run.communicate()[0]
    jobs = re.findall(r"^total\s+(\d+)$", said, re.MULTILINE)
    if run.returncode or not jobs:
        sys.exit(f"the dry run ended with {run.returncode}: {said}")
    return {"plan_cases": n_cases, "plan_jobs": int(jobs[-1]), "plan_s": seconds, "plan_mb": peak}


def resident_mb(parent: int) -> Iterator[float]:
    """Yield what a process and those that it started hold, in MB."""
    page_mb = os.sysconf("SC_PAGE_SIZE") / 2**20
    for pid in (parent, *children(parent)):
        try:
            yield int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page_mb
        except OSError:
            continue


def children(parent: int) -> list[int]:
    """Return all processes that come from one."""
    found = []
    for path in Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            direct = [int(word) for word in path.read_text().split()]
        except OSError:
            continue
        found += [pid for child in direct for pid in (child, *children(child))]
    return found


def left(folder: Path) -> dict[str, Any]:
    """Return what the run left on the disk, and what its own tables say it cost."""
    results = folder / "results"
    files = [path for path in results.rglob("*") if path.is_file()]
    costs = pd.read_parquet(results / "costs.parquet")
    features = results / "features.parquet"
    return {
        "n_files": len(files),
        "results_mb": sum(path.stat().st_size for path in files) / 2**20,
        "scans_mb": sum(p.stat().st_size for p in (folder / "scans").rglob("*.nii")) / 2**20,
        "table_mb": features.stat().st_size / 2**20,
        "n_columns": pq.read_metadata(features).num_columns,
        "n_measured": int((costs["status"] != "rejected").sum()),
        "case_s": float(costs["seconds"].median()),
        "case_mb": float(costs["peak_mb"].max()),
        "n_shards": len(list((results / "shards").glob("[0-9]*.json"))),
    }


if __name__ == "__main__":
    main()
