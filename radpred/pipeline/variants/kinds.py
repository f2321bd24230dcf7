"""What a case can be measured again on."""

from __future__ import annotations

from typing import Literal

Kind = Literal["given", "perturbation", "reader", "retest"]
# What stability is judged over, in the words of a study file, and what the rows are called.
KINDS: dict[str, Kind] = {"perturbations": "perturbation", "readers": "reader", "retest": "retest"}
