"""What all models say of a made table, to the last bit: ``python -m tables_bench.predicted FILE``.

Two environments whose files are equal give the same numbers.
"""

from __future__ import annotations

import sys

from radpred.config.study import LearningSettings
from radpred.pipeline.learning.train import out_of_fold
from tables_bench.cost import FOUR, made_table


def main() -> None:
    """Write the predictions to the file that the argument names."""
    X, y = made_table(120, 60)
    design = LearningSettings(preset="quick", confidence_levels=(0.8, 0.9))
    people = X.index.to_series()
    predictions = out_of_fold([*FOUR, "logistic"], X, y, people, design=design)
    predictions.to_csv(sys.argv[1], index=False, float_format="%.17g")


if __name__ == "__main__":
    main()
