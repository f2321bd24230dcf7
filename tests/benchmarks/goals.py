"""What was to be reached, and whether it was: each goal and bar beside what the run measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from benchmarks.plan import BIN_WIDTHS, CASES, N_COLD_STARTS, Cell, has_cell, maps_cell
from benchmarks.ratios import Comparison, Row, cell_of, comparisons, taken
from benchmarks.store import Answers

State = Literal["goal", "bar", "missed", "unmeasured"]
LUNG = 60.0  # times as fast as PyRadiomics, on its whole scans of lungs
ELSEWHERE = 30.0
FILTERS_LUNG2: Row = ("lung2", True, 25)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One line of the table: what, goal, bar and measured as they are read; and what holds."""

    what: str
    goal: str
    bar: str
    measured: str
    state: State


def rows(engine: str) -> list[Row]:
    """Return the rows that an engine is measured in."""
    return [
        (case, filters, width)
        for case in CASES
        for filters in (False, True)
        for width in BIN_WIDTHS
        if has_cell(engine, filters=filters)
    ]


def state_of(comparison: Comparison, bar: float, goal: float) -> State:
    """Return what a row reaches; bar and goal are times as fast."""
    return _state(comparison.ratio, bar, goal)


def speed_goal(peer: str, row: Row) -> tuple[float, float]:
    """Return bar and goal of a row against a peer, in times as fast."""
    if peer == "pyradiomics-precrop":
        return 8.0, 10.0
    if peer == "pictologics":
        return 1 / 1.5, 1.0
    return 20.0, LUNG if row[0].startswith("lung") else ELSEWHERE


def verdicts(answers: Answers) -> list[Verdict]:
    """Return every line of the table."""
    return [
        _speed(answers, "pyradiomics-precrop", "PyRadiomics with preCrop, filters", "10x", "8x"),
        _speed(answers, "pyradiomics", "PyRadiomics as people run it", "60x lung, 30x", "20x"),
        _speed(answers, "pictologics", "Pictologics, directions merged", "faster", "within 1.5x"),
        _memory(answers),
        _cold(answers),
        _compile(answers),
        _maps(answers),
        _pair(answers),
    ]


def _speed(answers: Answers, peer: str, what: str, goal: str, bar: str) -> Verdict:
    wanted = rows(peer)
    found = comparisons(answers, peer, wanted)
    states = [state_of(each, *speed_goal(peer, each.row)) for each in found]
    return Verdict(
        what=what,
        goal=f"{goal}, each row",
        bar=f"{bar}, each row",
        measured=_of_rows(found, states, len(wanted)),
        state=_worst(states) if len(found) == len(wanted) else _unfinished(states),
    )


def _of_rows(found: Sequence[Comparison], states: Sequence[State], n_wanted: int) -> str:
    if not found:
        return "not measured"
    ratios = sorted(each.ratio for each in found)
    n_bar, n_goal = sum(s != "missed" for s in states), states.count("goal")
    return (
        f"{times(ratios[0])} to {times(ratios[-1])}, median {times(median(ratios))}; "
        f"bar on {n_bar}, goal on {n_goal} of {n_wanted} rows"
    )


def _memory(answers: Answers) -> Verdict:
    def measured() -> tuple[str, State]:
        ours = answers.of(cell_of(FILTERS_LUNG2, "radpred"))["peak_mb"]
        theirs = answers.of(cell_of(FILTERS_LUNG2, "pyradiomics"))["peak_mb"]
        words = f"{ours:.0f} of {theirs:.0f} MB: {times(theirs / ours)} less"
        return words, _state(theirs / ours, 4, 10)

    return _line("peak memory, filters on lung2", "a tenth", "a quarter", measured)


def _cold(answers: Answers) -> Verdict:
    def measured() -> tuple[str, State]:
        starts = {case: start_s(answers, "radpred", case) for case in cold_cases(answers)}
        seconds = max(starts.values())
        return f"{seconds:.2f} s, the slowest of {', '.join(starts)}", _state(-seconds, -1.5, -1)

    return _line(
        "cold start: import and first case, compiled code cached", "1 s", "1.5 s", measured
    )


def _compile(answers: Answers) -> Verdict:
    def measured() -> tuple[str, State]:
        answer = compiling(answers, "radpred")
        told = "told to the user" if "compil" in answer["told"] else "not told to the user"
        seconds = answer["process_s"]
        state = _state(-seconds, -30, -30) if "compil" in answer["told"] else "missed"
        return f"{seconds:.1f} s for the whole first run, {told}", state

    return _line("one-time compile, told while it runs", "under 30 s", "under 30 s", measured)


def _maps(answers: Answers) -> Verdict:
    def measured() -> tuple[str, State]:
        ours, theirs = (taken(answers.of(maps_cell(e))) for e in ("radpred", "pyradiomics"))
        if not (ours and theirs):
            raise KeyError("maps")
        ratio = theirs.seconds / ours.seconds
        return times(ratio), _state(ratio, 20, 100)

    return _line("voxel-wise GLCM, 64^3, 20k voxels, radius 2", "100x", "20x", measured)


def _pair(answers: Answers) -> Verdict:
    def measured() -> tuple[str, State]:
        answer = answers.of(PAIR)
        gain = answer["alone_s"] / answer["together_s"]
        return f"{gain:.2f}x", _state(gain, 1.8, 1.9)

    return _line("2 processes on 2 cores, inner threads pinned", "1.9x", "1.8x", measured)


PAIR = Cell(kind="pair", engine="radpred", case="lung2", filters=True)


def compiling(answers: Answers, engine: str) -> dict[str, Any]:
    """Return what a start without compiled code found, on whichever case it was."""
    for case in CASES:
        cell = Cell(kind="compile", engine=engine, case=case, filters=engine == "radpred")
        if answers.of(cell):
            return answers.of(cell)
    return {}


def cold_cases(answers: Answers) -> list[str]:
    """Return the cases on which radpred was started cold."""
    return [case for case in CASES if answers.of(Cell(kind="cold", engine="radpred", case=case))]


def start_s(answers: Answers, engine: str, case: str) -> float:
    """Return the median seconds of import and first case; the very first start is left out."""
    return median(
        found["import_s"] + found["read_s"] + found["first"]["wall_s"]
        for found in _starts(answers, engine, case)
    )


def process_s(answers: Answers, engine: str, case: str) -> float:
    """Return the median seconds that such a process lives."""
    return median(found["process_s"] for found in _starts(answers, engine, case))


def _starts(answers: Answers, engine: str, case: str) -> list[dict[str, Any]]:
    cells = [Cell(kind="cold", engine=engine, case=case, turn=n) for n in range(1, N_COLD_STARTS)]
    found = [answers.of(cell) for cell in cells]
    return [answer for answer in found if "first" in answer]


def times(ratio: float) -> str:
    """Return a ratio as people write it: 9.4x, 123x."""
    return f"{ratio:.0f}x" if ratio >= 99.5 else f"{ratio:.1f}x" if ratio >= 2 else f"{ratio:.2f}x"


def _line(what: str, goal: str, bar: str, measured: Callable[[], tuple[str, State]]) -> Verdict:
    """Return a line, or say that its cells have no answer."""
    try:
        words, state = measured()
    except (KeyError, ValueError, ZeroDivisionError):  # StatisticsError is a ValueError
        words, state = "not measured", "unmeasured"
    return Verdict(what=what, goal=goal, bar=bar, measured=words, state=state)


def _state(value: float, bar: float, goal: float) -> State:
    return "goal" if value >= goal else "bar" if value >= bar else "missed"


def _worst(states: Sequence[State]) -> State:
    for state in ("missed", "bar"):
        if state in states:
            return state
    return "goal"


def _unfinished(states: Sequence[State]) -> State:
    """Return what rows show of which some lack: a miss stays a miss."""
    return "missed" if "missed" in states else "unmeasured"
