"""What is measured: engines, cases, and the cells of the matrix. Every peer's Python imports it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

CASES = ("lung1", "brain1", "lung2", "medium", "large")
BIN_WIDTHS = (25, 5)
SIGMAS_MM = (1.0, 2.0, 3.0)
WAVELET = "coif1"
PADDING_VOXELS = 20
KERNEL_RADIUS = 2

COST_VOXELS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000)
COST_LEVELS = (8, 16, 32, 64, 128, 256)
LEVELS_OF_VOXELS = 32  # grey levels while the number of voxels changes
N_COLD_STARTS = 4  # the first only fills the caches of the disk
N_MAPPED_VOXELS = 20_000
LEVELS_OF_MAPS = 32


@dataclass(frozen=True)
class Engine:
    """Who measures: in which environment, through which adapter, and how it is set.

    Parameters
    ----------
    title : str
        What a reader calls it.
    environment : str
        The one of ``peers`` that it runs in.
    adapter : str
        Module in ``benchmarks.engines``.
    mode : str
        What the adapter is to set; empty for what people get who set nothing.
    """

    title: str
    environment: str
    adapter: str
    mode: str = ""


ENGINES = {
    "radpred": Engine("radpred", "radpred", "radpred_"),
    "pyradiomics": Engine("PyRadiomics", "pyradiomics", "pyradiomics_"),
    "radpred-precrop": Engine("radpred, cropped first", "radpred", "radpred_", "precrop"),
    "pyradiomics-precrop": Engine(
        "PyRadiomics with preCrop", "pyradiomics", "pyradiomics_", "precrop"
    ),
    "radpred-merged": Engine("radpred, directions merged", "radpred", "radpred_", "merged"),
    "pictologics": Engine("Pictologics", "pictologics", "pictologics_"),
    "fastrad": Engine("fastrad", "fastrad", "fastrad_"),
}
# Which of radpred's modes does the same work as a peer.
COUNTERPART = {
    "pyradiomics": "radpred",
    "pyradiomics-precrop": "radpred-precrop",
    "pictologics": "radpred-merged",
    "fastrad": "radpred",
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One process: who measures what, on which case.

    Parameters
    ----------
    kind : "warm", "cold", "compile", "maps" or "pair"
        Repeated calls after a first one; a start with compiled code cached; a start without; maps
        of the GLCM; and the same work by one process and by two.
    engine, case : str
        Names in ``ENGINES`` and of ``cases``.
    filters : bool
        Whether the Laplacian of Gaussian and the wavelet bands are measured too.
    bin_width, bin_count : int or None
        How grey levels are made; one of them.
    turn : int
        Which of several processes that do the same.
    """

    kind: str
    engine: str
    case: str
    filters: bool = False
    bin_width: int | None = 25
    bin_count: int | None = None
    turn: int = 0

    @property
    def key(self) -> str:
        """Return the cell as one line, by which its answer is found again."""
        return json.dumps(asdict(self), sort_keys=True)

    def __str__(self) -> str:
        what = "filters" if self.filters else "original"
        bins = f"width {self.bin_width}" if self.bin_width else f"{self.bin_count} levels"
        turn = f" {self.turn + 1}" if self.turn else ""
        return f"{self.kind:8}{self.case:16}{what:10}{bins:12}{self.engine}{turn}"


def has_cell(engine: str, *, filters: bool) -> bool:
    """Tell whether an engine is measured in a configuration."""
    if engine == "fastrad":
        return not filters  # it has no wavelet
    if engine.endswith("precrop"):
        return filters  # there is little to crop where nothing is filtered
    return True


def cells(cases: Sequence[str] = CASES, parts: Sequence[str] = ()) -> Iterator[Cell]:
    """Yield every cell, engines interleaved within a row, so that all meet the same machine.

    Parameters
    ----------
    cases : sequence of str
        Which of ``CASES`` the rows are of.
    parts : sequence of str
        Of ``rows``, ``cold``, ``compile``, ``maps``, ``cost`` and ``pair``; all by default.
    """
    makers = {
        "cold": _cold(cases),
        "rows": _rows(cases),
        "maps": _maps(),
        "cost": _cost(),
        "pair": iter([Cell(kind="pair", engine="radpred", case="lung2", filters=True)]),
        "compile": _compile(cases),
    }
    for part, made in makers.items():
        if not parts or part in parts:
            yield from made


def _rows(cases: Sequence[str]) -> Iterator[Cell]:
    for case in cases:
        for filters in (False, True):
            for bin_width in BIN_WIDTHS:
                for engine in ENGINES:
                    if has_cell(engine, filters=filters):
                        yield Cell(
                            kind="warm",
                            engine=engine,
                            case=case,
                            filters=filters,
                            bin_width=bin_width,
                        )


def _cold(cases: Sequence[str]) -> Iterator[Cell]:
    small = [case for case in cases if case not in ("medium", "large")]
    for case in small:
        for engine in ("radpred", "pyradiomics", "pictologics", "fastrad"):
            for turn in range(N_COLD_STARTS):
                yield Cell(kind="cold", engine=engine, case=case, turn=turn)


def _compile(cases: Sequence[str]) -> Iterator[Cell]:
    for engine in ("radpred", "pictologics"):
        yield Cell(kind="compile", engine=engine, case=cases[0], filters=engine == "radpred")


def _maps() -> Iterator[Cell]:
    for engine in ("radpred", "pyradiomics"):
        yield maps_cell(engine)


def maps_cell(engine: str) -> Cell:
    """Return the cell of an engine's maps."""
    bins = {"bin_width": None, "bin_count": LEVELS_OF_MAPS}
    return Cell(kind="maps", engine=engine, case="maps", **bins)


def _cost() -> Iterator[Cell]:
    for n_voxels in COST_VOXELS:
        yield _of_count(f"voxels_{n_voxels}", LEVELS_OF_VOXELS)
    for n_levels in COST_LEVELS:
        yield _of_count("medium", n_levels)


def _of_count(case: str, bin_count: int) -> Cell:
    return Cell(kind="warm", engine="radpred", case=case, bin_width=None, bin_count=bin_count)
