"""``python -m studies.wdbc``, in ``tests/``: both published protocols and ours, then the page."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import ConvergenceWarning
from studies.of_tables import answers, write_cohort
from studies.pages import ROOT, arguments

from .page import write_page
from .protocols import folds_of_one_draw, one_split

DOCS = ROOT / "docs" / "studies"


def main() -> None:
    """Run the study file and the published protocols, and put what was found on the page."""
    given = arguments("wdbc").parse_args()
    if not given.page_only:
        run(given.folder, cores=given.cores)
    for path in write_page(given.folder, DOCS):
        print(f"wrote {path}")  # noqa: T201


def run(folder: Path, *, cores: int) -> None:
    """Write what each way of judging says into ``folder``."""
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X = X.rename(columns=lambda name: name.replace(" ", "_"))
    y = 1 - y.to_numpy()  # malignant is the event
    write_cohort(folder, X, y, event="malignant")
    study = shutil.copy(DOCS / "wdbc" / "wdbc.yaml", folder / "wdbc.yaml")
    answers(Path(study), cores=cores).to_csv(folder / "answers.csv", index=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # epochs are as many as are wanted
        folds_of_one_draw(X, y).to_csv(folder / "folds.csv", index=False)
        one_split(X, y).to_csv(folder / "split.csv", index=False)


if __name__ == "__main__":
    main()
