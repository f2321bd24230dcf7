"""``docs/performance.md``: every number in it is taken from the answers of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks import goals, values
from benchmarks.goals import State, speed_goal, state_of, times
from benchmarks.plan import (
    COST_LEVELS,
    COST_VOXELS,
    COUNTERPART,
    ENGINES,
    KERNEL_RADIUS,
    LEVELS_OF_MAPS,
    LEVELS_OF_VOXELS,
    Cell,
    cells,
    maps_cell,
)
from benchmarks.ratios import Comparison, Taken, comparisons, growth, taken
from benchmarks.store import Answers

NAME = "performance"
WORDS: dict[State, str] = {
    "goal": "met, goal too",
    "bar": "met",
    "missed": "**missed**",
    "unmeasured": "not measured",
}
ABOUT = {
    "pyradiomics": "Both read the whole image and measure the same values.",
    "pyradiomics-precrop": "Both crop to the region and 20 voxels around it before they filter.",
    "pictologics": (
        "Pictologics merges the matrices of the 13 directions and has no maximal correlation "
        "coefficient; radpred is set to do the same (`aggregation: merged`, and the features of "
        "the GLCM but `MCC`). Each starts with its own arrays in memory. Its filters are its own: "
        "on filtered images it does like work, and finds other values. Its distance zones, which "
        "radpred lacks, are left out."
    ),
    "fastrad": (
        "fastrad has no wavelet, so there is the original image alone. Its clock starts with its "
        "own tensors in memory, radpred's with SimpleITK's images."
    ),
}


def written(answers: Answers) -> str:
    """Return the document."""
    parts = [_head(answers), _goals(answers)]
    parts += [_rows(answers, peer) for peer in COUNTERPART]
    parts += [_agreement(answers), _cold(answers), _memory(answers), _maps(answers)]
    parts += [_cost(answers), _missing(answers), _method()]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def write(answers: Answers, folder: Path) -> Path:
    """Write the document to a folder and return its path."""
    path = folder / f"{NAME}.md"
    path.write_text(written(answers), encoding="utf-8")
    return path


def _head(answers: Answers) -> str:
    facts = answers.facts
    return f"""
# Performance

radpred beside its peers, in one run: each cell a process of its own, engines interleaved, one
thread each. Measured on {facts["date"]}, on {facts["processor"]} with {facts["cores"]} cores and
{facts["memory"]} ({facts["system"]}).

```sh
make bench            # environments of the peers, cases, every measurement, and this page
make bench-document   # this page alone, from the measurements that were kept
```

{_versions(answers)}

Ratios are what to read: seconds are of that machine. A ratio is the peer's processor time over
radpred's, medians of calls after a first one."""


def _versions(answers: Answers) -> str:
    found: dict[str, str] = {}
    for key, answer in answers.by_cell.items():
        engine = next((name for name in ENGINES if f'"engine": "{name}"' in key), "")
        if engine and "versions" in answer:
            found.setdefault(ENGINES[engine].environment, _of_one(answer["versions"]))
    return "\n".join(f"- {each}" for each in found.values())


def _of_one(versions: dict[str, str]) -> str:
    (name, number), *others = [item for item in versions.items() if item[0] != "Python"]
    beside = ", ".join(f"{other} {n}" for other, n in [("Python", versions["Python"]), *others])
    return f"{name} {number} ({beside})"


def _goals(answers: Answers) -> str:
    lines = [(v.what, v.goal, v.bar, v.measured, WORDS[v.state]) for v in goals.verdicts(answers)]
    heads = ("", "goal", "bar", "measured", "bar is")
    picture = "![Ratio of every row, beside the bar](performance-ratios.png)"
    return f"## Goals and bars\n\n{_table(heads, lines)}\n\n{picture}"


def _rows(answers: Answers, peer: str) -> str:
    found = comparisons(answers, peer, goals.rows(peer))
    title = f"## {ENGINES[peer].title}\n\n{ABOUT[peer]}\n\n"
    if not found:
        return title + "Not measured: see below."
    judged = peer != "fastrad"
    heads = ["case", "images", "bin width", "radpred", ENGINES[peer].title, "ratio"]
    lines = [_row(each, peer if judged else "") for each in found]
    table = _table([*heads, "bar is"] if judged else heads, lines)
    notes = _footnotes(each.theirs for each in found)
    return title + table + (f"\n\n{notes}" if notes else "")


def _row(each: Comparison, judged_against: str) -> list[str]:
    case, filters, width = each.row
    line = [case, "filters" if filters else "original", str(width)]
    line += [_seconds(each.ours), _seconds(each.theirs)]
    line.append(("at least " if each.theirs.is_bound else "") + times(each.ratio))
    if judged_against:
        line.append(WORDS[state_of(each, *speed_goal(judged_against, each.row))])
    return line


def _footnotes(found: Iterable[Taken]) -> str:
    found = list(found)
    notes = []
    if any(each.is_first for each in found):
        notes.append("\\* one call, the first: it took all the time that a cell is given.")
    if any(each.is_bound for each in found):
        notes.append("> stopped after so long.")
    return " ".join(notes)


def _agreement(answers: Answers) -> str:
    same = values.agreements(answers)
    lines = [
        (ENGINES[peer].title, each.rows, each.n, each.n_beyond, each.words) for peer, each in same
    ]
    heads = ("radpred beside", "rows", "values", "farther than 1e-6", "largest relative difference")
    like = [_alike(peer, found) for peer, found in values.alike(answers).items() if found.n]
    return (
        "## The same values\n\nA row counts only if the work was the same: every value of every "
        "row above, compared within the run.\n\n"
        + _table(heads, lines)
        + "".join(f"\n\n{each}" for each in like)
    )


def _alike(peer: str, found: values.Alike) -> str:
    text = (
        f"{ENGINES[peer].title}, original images: {found.n_near} of {found.n} values that have one "
        "name in both lie within 1e-4 of radpred's"
    )
    names = ", ".join(f"`{name}`" for name in found.others)
    return f"{text}; not always: {names}." if names else f"{text}."


def _cold(answers: Answers) -> str:
    heads = ("engine", "case, original", "import and first case", "whole process")
    lines = [
        (
            ENGINES[engine].title,
            case,
            f"{goals.start_s(answers, engine, case):.2f} s",
            f"{goals.process_s(answers, engine, case):.2f} s",
        )
        for case in goals.cold_cases(answers)
        for engine in ("radpred", "pyradiomics", "pictologics", "fastrad")
        if "first" in answers.of(Cell(kind="cold", engine=engine, case=case, turn=1))
    ]
    once = [
        f"{ENGINES[engine].title} {goals.compiling(answers, engine)['process_s']:.0f} s"
        for engine in ("radpred", "pictologics")
        if "process_s" in goals.compiling(answers, engine)
    ]
    stopped = [
        f"{ENGINES[engine].title} more than {goals.compiling(answers, engine)['over_s']:.0f} s"
        for engine in ("radpred", "pictologics")
        if "over_s" in goals.compiling(answers, engine)
    ]
    return (
        "## Cold start\n\nWall time of a new process with compiled code cached: import, reading "
        f"and the first case.\n\n{_table(heads, lines)}\n\n"
        f"The one first run that compiles: {', '.join(once + stopped) or 'not measured'}."
    )


def _memory(answers: Answers) -> str:
    lines = []
    for case, filters, width in goals.rows("pyradiomics"):
        peaks = {
            engine: answers.of(
                Cell(kind="warm", engine=engine, case=case, filters=filters, bin_width=width)
            ).get("peak_mb")
            for engine in ("radpred", "pyradiomics", "pictologics", "fastrad")
        }
        if width == 25 and peaks["radpred"]:
            shown = [f"{mb:.0f} MB" if mb else "" for mb in peaks.values()]
            lines.append([case, "filters" if filters else "original", *shown])
    heads = ("case", "images", "radpred", "PyRadiomics", "Pictologics", "fastrad")
    return (
        "## Peak memory\n\nThe most that the process held, libraries and image with it, at bin "
        f"width 25.\n\n{_table(heads, lines)}"
    )


def _maps(answers: Answers) -> str:
    ours, theirs = (taken(answers.of(maps_cell(e))) for e in ("radpred", "pyradiomics"))
    if not (ours and theirs):
        return "## Maps\n\nNot measured."
    same = values.of_maps(answers)
    return (
        f"## Maps\n\nEvery GLCM feature of the cube of radius {KERNEL_RADIUS} around each of "
        f"{same.n // max(same.rows, 1)} voxels, in an image of 64x64x64, at {LEVELS_OF_MAPS} grey "
        f"levels: radpred {_seconds(ours)}, PyRadiomics {_seconds(theirs)}, first calls both. Of "
        f"{same.n} values {same.n_beyond} lie farther than 1e-6 apart; the farthest {same.words}."
    )


def _cost(answers: Answers) -> str:
    voxels, levels = cost(answers)
    if len(voxels) < 2 or len(levels) < 2:
        return "## How cost grows\n\nNot measured."
    large = {n: s for n, s in voxels.items() if n >= 100_000}
    by_level = [f"{n}: {s * 1e3:.0f} ms" for n, s in levels.items()]
    exponent = f"{growth(list(large), list(large.values())):.2f}" if len(large) > 1 else "unknown"
    return (
        f"## How cost grows\n\nAll families on the original image, at {LEVELS_OF_VOXELS} grey "
        "levels. From 100,000 voxels on, time grows with their number to the power "
        f"{exponent} (1 is linear); below, the passes over the whole image weigh more. By the "
        f"grey levels of 30,000 voxels: {', '.join(by_level)}.\n\n"
        "![Processor time against voxels and against grey levels](performance-cost.png)"
    )


def cost(answers: Answers) -> tuple[dict[int, float], dict[int, float]]:
    """Return radpred's processor seconds by number of voxels, and by number of grey levels."""
    of_count = [cell for cell in cells(parts=["cost"]) if taken(answers.of(cell))]
    seconds = {cell: taken(answers.of(cell)).seconds for cell in of_count}
    by_voxels = {n: s for n in COST_VOXELS for c, s in seconds.items() if c.case == f"voxels_{n}"}
    by_level = {
        n: s
        for n in COST_LEVELS
        for c, s in seconds.items()
        if c.case == "medium" and c.bin_count == n
    }
    return by_voxels, by_level


def _missing(answers: Answers) -> str:
    lines = [f"- {name}: {why}" for name, why in answers.facts.get("missing", {}).items()]
    for cell in cells():
        answer = answers.of(cell)
        if "error" in answer:
            lines.append(f"- {_plain(cell)}: {answer['error']}")
        elif "over_s" in answer:
            lines.append(f"- {_plain(cell)}: stopped after {answer['over_s']:.0f} s")
    n_absent = sum(not answers.of(cell) for cell in cells())
    if n_absent:
        lines.append(f"- {n_absent} of {len(list(cells()))} cells have no answer in this run")
    lines.append("- a graphics card: `tests/benchmarks/gpu.py` measures one, where one is")
    return "## Not measured\n\n" + "\n".join(lines)


def _plain(cell: Cell) -> str:
    return ", ".join(str(cell).split())


def _method() -> str:
    return """
## How it is measured

- `lung1`, `lung2` and `brain1` are the whole sample scans of PyRadiomics' release 3.0.1. `medium`
  and `large` are connected regions of 30,000 and 300,000 voxels in a made image of 256x256x160,
  like a CT.
- *original*: the seven families on the scan. *filters*: on three Laplacians of Gaussian (1, 2, 3
  mm) and eight wavelet bands (coif1) too.
- Images are in memory before the clock starts, as SimpleITK images for radpred and PyRadiomics, as
  their own for Pictologics and fastrad. PyRadiomics makes no diagnostics, which it does by default.
- A cell calls once, then at least three times and for a second; a cell whose first call takes 15 s
  keeps that one. Numerical libraries, Numba, ITK and PyTorch are held to one thread.
- `tests/benchmarks/` holds the adapters and the plan."""


def _seconds(found: Taken) -> str:
    mark = "> " if found.is_bound else ""
    seconds = found.seconds
    text = f"{seconds:.1f} s" if seconds >= 10 else f"{seconds:.2f} s"
    if seconds < 1:
        text = f"{seconds * 1e3:.0f} ms" if seconds >= 0.01 else f"{seconds * 1e3:.1f} ms"
    return mark + text + ("\\*" if found.is_first else "")


def _table(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)
