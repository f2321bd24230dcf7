"""Words that name files."""

from pathlib import Path

import pytest

from radpred.cli.tables import named_files
from radpred.errors import InputError


def test_a_word_names_a_file():
    assert named_files(["deep=a=b.csv"]) == {"deep": Path("a=b.csv")}


@pytest.mark.parametrize("words", [["deep"], ["=a.csv"], ["deep="], ["a=1", "a=2"]])
def test_a_word_without_a_name_or_a_file_or_a_name_said_twice_is_refused(words):
    with pytest.raises(InputError, match="NAME=FILE"):
        named_files(words)
