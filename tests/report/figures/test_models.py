"""The picture of all models draws the table, and stands what is missing or infinite."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from radpred.errors import InputError
from radpred.report.figures import models_plot


@pytest.fixture
def table():
    """Return three models' rows as compare_models makes them."""
    rows = [
        {
            "model": model,
            "metric": metric,
            "value": value + shift,
            "low": value + shift - 0.1,
            "high": value + shift + 0.1,
            "difference": np.nan if model == "clinical" else shift,
            "p_holm": {"clinical": np.nan, "svm": 0.0004, "forest": 0.0311}[model],
        }
        for metric, value in (("auroc", 0.7), ("log_loss", 0.5), ("calibration_slope", 0.9))
        for model, shift in (("clinical", 0.0), ("svm", 0.12), ("forest", -0.04))
    ]
    return pd.DataFrame(rows)


def texts(figure):
    """Return everything that is written in the figure, axes by axes."""
    return [text.get_text() for text in figure.texts], [
        [text.get_text() for text in axes.texts] for axes in figure.axes
    ]


def test_every_model_is_written_with_its_interval_in_every_column(table):
    figure = models_plot(table, reference="clinical")
    assert isinstance(figure, Figure)
    _, columns = texts(figure)
    assert columns[0] == ["0.70 (0.60 to 0.80)", "0.82 (0.72 to 0.92)", "0.66 (0.56 to 0.76)"]
    assert [len(column) for column in columns] == [3, 3, 3]


def test_the_difference_stands_beside_the_name_with_holms_p(table):
    beside, _ = texts(models_plot(table, reference="clinical", labels={"svm": "Vectors"}))
    assert "Vectors" in beside
    assert "AUROC +0.12, p < 0.001" in beside
    assert "AUROC \u22120.04, p = 0.031" in beside
    assert "p by Holm's method" in beside


def test_marks_stand_at_the_values(table):
    axes = models_plot(table, metrics=["auroc"]).axes[0]
    points = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert points == pytest.approx([0.7, 0.82, 0.66])


def test_the_reference_is_a_ring(table):
    axes = models_plot(table, metrics=["auroc"], reference="clinical").axes[0]
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    faces = [mark.get_markerfacecolor() == mark.get_color() for mark in marks]
    assert faces == [False, True, True]


def test_an_infinite_end_is_an_arrow_and_written_as_such(table):
    table.loc[(table.model == "svm") & (table.metric == "calibration_slope"), "high"] = np.inf
    axes = models_plot(table).axes[2]
    assert [line.get_marker() for line in axes.lines].count(">") == 1
    assert "1.02 (0.92 to \u221e)" in [text.get_text() for text in axes.texts]


def test_one_wild_interval_does_not_squeeze_the_others(table):
    table.loc[(table.model == "svm") & (table.metric == "calibration_slope"), "high"] = 900.0
    axes = models_plot(table).axes[2]
    assert axes.get_xlim()[1] < 3


@pytest.mark.parametrize("missing", [np.nan, None])
def test_a_model_without_numbers_is_not_available(table, missing):
    row = (table.model == "svm") & (table.metric == "log_loss")
    table.loc[row, ["value", "low", "high"]] = missing
    assert texts(models_plot(table))[1][1].count("not available") == 1


def test_net_benefit_is_named_by_its_threshold(table):
    renamed = table.replace({"metric": {"log_loss": "net_benefit_0.2"}})
    axes = models_plot(renamed, metrics=["net_benefit_0.2"]).axes[0]
    assert axes.get_title(loc="left") == "Net benefit at 20\u00a0%"


def test_a_metric_that_is_not_there_is_refused_with_those_that_are(table):
    with pytest.raises(InputError, match=r"'brier'.*auroc"):
        models_plot(table, metrics=["brier"])


def test_no_window_is_opened(table):
    models_plot(table)
    assert plt.get_fignums() == []
