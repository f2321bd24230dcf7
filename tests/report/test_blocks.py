"""Sentences and rows on blocks, on folds that share patients, and on outcomes dealt anew."""

from radpred.report.parts.compared.blocks import block_tables, chance_sentences


def row(block, against, *, difference=0.1, p=0.2):
    """Return one comparison as the evaluation holds it."""
    return {
        "fusion": "late_fusion",
        "block": block,
        "against": against,
        "auroc": 0.7,
        "difference": difference,
        "low": difference - 0.05,
        "high": difference + 0.05,
        "p": p,
        "p_holm": p,
        "note": "",
    }


def rows(*, p):
    """Return both questions on two blocks, with the p-value of the first without it."""
    return [
        row("pet", "without", p=p),
        row("clinic", "without", p=0.9),
        row("pet", "alone"),
        row("clinic", "alone"),
    ]


def test_a_block_adds_where_the_adjusted_p_says_so():
    (table,) = block_tables(rows(p=0.01))
    assert table["sentence"] == "Late fusion: pet adds to the other blocks."


def test_no_block_shown_to_add_is_no_proof():
    (table,) = block_tables(rows(p=0.06))
    assert "no block is shown to add" in table["sentence"]
    assert "no proof" in table["sentence"]


def test_a_block_that_harms_does_not_add():
    (table,) = block_tables([row("pet", "without", difference=-0.1, p=0.01)])
    assert "no block is shown to add" in table["sentence"]


def test_a_row_holds_both_questions_on_a_block():
    (table,) = block_tables(rows(p=0.01))
    name, alone, gain, p_alone, _, _, p_without = table["rows"][0].cells
    assert (name, alone, gain.value) == ("pet", "0.70", "+0.10")
    assert (p_alone, p_without) == ("p = 0.200", "p = 0.010")


def test_an_interval_of_areas_ends_at_one():
    found = {"n_folds": 25, "rows": [{"model": "selected", "value": 0.9, "low": 0.7, "high": 1.1}]}
    (sentence,) = chance_sentences({"repeated": found})
    assert "0.70 to 1.00" in sentence
    assert "25 held-out folds" in sentence


def test_permutations_are_told_with_their_number_and_p():
    found = {"observed": 0.7, "permuted": [0.5, 0.71, None], "p": 0.75}
    (sentence,) = chance_sentences({"permuted": found})
    assert "dealt anew 3 times" in sentence
    assert "2 times: p = 0.750" in sentence


def test_without_them_nothing_is_said():
    assert chance_sentences({}) == []
