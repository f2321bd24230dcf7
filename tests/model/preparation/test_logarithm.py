"""Sizes on a logarithmic scale."""

import numpy as np
import pandas as pd

from radpred.model.preparation import Logarithm


def test_sizes_become_natural_logarithms():
    table = pd.DataFrame({"v": [1.0, np.e, np.e**2]})
    np.testing.assert_allclose(Logarithm().fit_transform(table)["v"], [0, 1, 2], atol=1e-15)


def test_what_is_not_above_zero_counts_as_the_smallest_training_size():
    step = Logarithm().fit(pd.DataFrame({"v": [0.0, 2.0, 8.0]}))
    out = step.transform(pd.DataFrame({"v": [-3.0, 0.0, 1.0]}))
    np.testing.assert_allclose(out["v"], np.log([2.0, 2.0, 1.0]))
