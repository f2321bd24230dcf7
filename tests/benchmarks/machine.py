"""What the run was made on, and the environment that holds every engine to one thread."""

from __future__ import annotations

import os
import platform
from pathlib import Path

_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "PICTOLOGICS_NUM_THREADS",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
)
# Older kernels of linear algebra than the processor has, and imports that leave no byte code.
_UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")


def one_thread() -> dict[str, str]:
    """Return this process's environment with every library held to one thread."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
    return kept | dict.fromkeys(_ONE_THREAD, "1")


def facts() -> dict[str, str]:
    """Return the processor, its cores, the memory and the system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": _processor(),
        "cores": str(cores),
        "memory": f"{memory:.0f} GB",
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.is_file():
        for line in described.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
