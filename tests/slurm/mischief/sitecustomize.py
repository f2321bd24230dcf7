"""Faults on order, for jobs that run with this folder on their path.

``RADPRED_MISCHIEF`` names a JSON file: for each case what shall happen while it is measured, as
``{"P0003_L1": {"abort": true}}``, ``{"P0004_L1": {"memory_mb": 3000, "times": 1}}``, or for all
cases ``{"*": {"seconds": 0.5}}``. ``times`` limits how often; marks beside the file count.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import PathFinder
from pathlib import Path

TARGET = "radpred.pipeline.measuring.measure"
ORDERS = os.environ.get("RADPRED_MISCHIEF")


def struck(case_id: str) -> None:
    """Do what the orders say of one case."""
    file = Path(ORDERS)
    orders = json.loads(file.read_text())
    order = {**orders.get("*", {}), **orders.get(case_id, {})}
    marks = list(file.parent.glob(f"{case_id}.*.mark"))
    if len(marks) >= order.get("times", len(marks) + 1):
        return
    (file.parent / f"{case_id}.{os.getpid()}.{time.time_ns()}.mark").touch()
    if order.get("abort"):
        os.abort()
    if order.get("memory_mb"):
        taken = [bytearray(os.urandom(1 << 20)) for _ in range(order["memory_mb"])]
        time.sleep(3)
        del taken
    time.sleep(order.get("seconds", 0))


class Wrapped(Loader):
    """Loads the module as ever, with one function that looks at the orders first."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module) -> None:
        self.loader.exec_module(module)
        measure = module.measure

        def measured(case, *args, **given):
            struck(case.case_id)
            return measure(case, *args, **given)

        module.measure = measured


class Finder(MetaPathFinder):
    """Finds one module, and nothing else."""

    def find_spec(self, name, path, target=None):
        if name != TARGET:
            return None
        spec = PathFinder.find_spec(name, path)
        spec.loader = Wrapped(spec.loader)
        return spec


if ORDERS:
    sys.meta_path.insert(0, Finder())
