"""The page on cohorts of a hundred thousand lesions and more: measured, then carried further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COHORTS = (100_000, 1_000_000)
CORES = (2, 64, 250)  # more than there are shards help nobody
COLUMNS = 1000  # of a study with filters and a ring
PLAN_MB, PLAN_MB_A_CASE = 310, 0.0017  # of `prepare`: with nothing, and for each case
TRAINING_COPIES = 14  # of the table, that a process holds at most: benchmarks.learning


def page(found: Mapping[str, Any]) -> str:
    """Return the page of one run."""
    return "\n".join([_head(found), _measured(found), _carried(found), _assumed(), ""])


def _head(found: Mapping[str, Any]) -> str:
    return f"""# Large cohorts

Written by `python -m benchmarks.scale --docs ../docs/scaling.md`, in `tests/`. It makes lesions
of 24 voxels a side, runs `features` on them as any study does, and counts. Made on:
{found["processor"]}, {found["memory"]}, {found["system"]}; {found["used_cores"]} cores used.

How a large cohort is dealt with: cases go in shards by a hash of their patient, 50 a shard or as
many as leave 250 shards (`cases_per_shard`); the number of shards stays as the first run set it,
so that ten new cases touch at most ten shards. A job measures one shard. A case that fails, crashes
its process, hangs (`limits.seconds_per_case`) or needs too much memory
(`limits.memory_mb_per_case`) is a row with a reason, and the others go on; finished cases are kept,
so a job that is ended or tried again measures only what is missing. The table of features is put
together a shard at a time.
"""


def _measured(found: Mapping[str, Any]) -> str:
    rate = found["n_measured"] / found["seconds"]
    plan = f"{found['plan_jobs']} jobs, {found['plan_s']:.1f} s, {found['plan_mb']:.0f} MB at most"
    return f"""## Measured

| what | found |
|---|---|
| lesions measured | {found["n_measured"]} of {found["n_cases"]}, in {found["n_shards"]} shards |
| time, with Snakemake and assembling | {found["seconds"]:.0f} s |
| lesions a second | {rate:.1f} ({rate / found["used_cores"]:.1f} a core) |
| one lesion, median | {1000 * found["case_s"]:.0f} ms |
| largest process of the run | {found["largest_mb"]:.0f} MB |
| most that one lesion's process held | {found["case_mb"]:.0f} MB |
| results | {found["n_files"]} files, {found["results_mb"]:.0f} MB |
| table of features | {found["n_columns"]} columns, {found["table_mb"]:.1f} MB |
| dry run of {found["plan_cases"]:,} cases | {plan} |
"""


def _carried(found: Mapping[str, Any]) -> str:
    head = "| what | " + " | ".join(f"{n:,} lesions" for n in COHORTS) + " |"
    rows = [head, "|---" * (len(COHORTS) + 1) + "|"]
    core_s = found["seconds"] * found["used_cores"] / found["n_measured"]
    for cores in CORES:
        rows.append(_row(f"time on {cores} cores", lambda n, c=cores: _time(core_s * n / c)))
    each = found["results_mb"] / found["n_cases"]
    rows.append(_row("results on the disk", lambda n: f"{each * n / 1024:.1f} GB"))
    rows.append(_row("files of results", lambda n: f"{n:,} kept cases and about 6,000 others"))
    rows.append(_row("jobs of segment and extract", lambda _: "500"))
    rows.append(_row("cases in a job", lambda n: f"{n // 250:,}"))
    rows.append(_row("a job of extract, on one core", lambda n: _time(core_s * n / 250)))
    plan = PLAN_MB, PLAN_MB_A_CASE
    rows.append(_row("memory of the plan", lambda n: f"{(plan[0] + plan[1] * n) / 1024:.1f} GB"))
    rows.append(
        _row(f"a table of {COLUMNS} columns", lambda n: f"{8 * COLUMNS * n / 2**30:.1f} GB")
    )
    rows.append(
        _row(
            "memory of training on it",
            lambda n: f"about {TRAINING_COPIES * 8 * COLUMNS * n / 2**30:.0f} GB",
        )
    )
    return "## Carried further\n\n" + "\n".join(rows) + "\n"


def _assumed() -> str:
    return """What this assumes:

- **Time** is in proportion to lesions and cores. These lesions are small: a study with filters,
  rings or large regions takes what `radpred check` forecasts for it, and storage that many jobs
  read at once may be slower than one disk.
- **Inodes.** Each finished case is one small file in `features/cache`, one more in `masks/cache`
  where masks are made, and each step leaves six to ten files a shard. With a quota on files,
  remove these folders after `features.parquet` is there: they are only needed to go on where a
  run stopped.
- **Schedulers.** At most 250 jobs of a step, of which a profile submits some at a time (`jobs`). A
  shard of a million lesions has 4,000 cases: set `cases_per_shard` lower if its job would be longer
  than the queue allows, before the first run, for that fixes the number of shards.
- **Assembling** holds one shard and one group of rows (32 MB), whatever the number of cases: of
  1,000 columns 340 MB at 20,000 cases and 370 MB at 100,000 (`python -m benchmarks.assembling`).
  Looking for cases that repeat another patient's takes 375 and 421 MB, and is left out above
  200,000 cases. What is known of each case (outcome, verdicts) is held for all of them: about 1 kB
  a case.
- **Training** reads the whole table, as `float64`. A million lesions of a thousand columns want a
  machine with much memory, or fewer columns: leave out what cannot matter with `learning.regions`.
- **Perturbed masks** multiply the rows, and their tables are joined in memory (`gather`)."""


def _row(name: str, told: Any) -> str:
    return f"| {name} | " + " | ".join(told(n) for n in COHORTS) + " |"


def _time(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
