"""The page of `radpred check`: every case with its verdict and pictures of what its mask marks."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from radpred.report.check.picture import Picture
from radpred.report.figures import light_palette
from radpred.report.html import environment
from radpred.report.words.numbers import counted, grouped, listed

ORDER = ("rejected", "noted", "accepted")
MOST_BYTES = 28_000_000  # of a page: what a telephone opens, and a mail may carry
_BYTES_PER_CARD = 2_000
_TONES = {"rejected": "bad", "noted": "caution", "accepted": "good"}


def check_page(
    verdicts: pd.DataFrame,
    *,
    pictures: Mapping[str, Sequence[Picture]],
    title: str,
    table: str,
    rule: str,
    is_fast: bool = False,
) -> str:
    """Return the verdicts of a check as one HTML page that needs nothing from outside.

    Parameters
    ----------
    verdicts : DataFrame
        One row a verdict, as of ``radpred.cohort.to_frame``.
    pictures : mapping of str to sequence of Picture
        Of each case, by ``case_id``; those of the last cases are left out where the page would
        grow beyond what a browser opens.
    title : str
        What was checked.
    table : str
        The table of cases.
    rule : str
        What becomes of rejected cases, as one sentence.
    is_fast : bool
        Whether only tables and headers were read.
    """
    cards, n_without = _cards(verdicts, pictures)
    counts = {status: sum(card["status"] == status for card in cards) for status in ORDER}
    return (
        environment()
        .get_template("check.html.j2")
        .render(
            light=light_palette().variables(),
            title=title,
            table=table,
            verdict=_verdict_words(cards, is_fast=is_fast),
            tone=_tone(cards),
            rule=rule,
            is_fast=is_fast,
            counts={status: n for status, n in counts.items() if n},
            codes=_codes(cards),
            cards=cards,
            tones=_TONES,
            views=_views(pictures),
            n_without=n_without,
        )
    )


def _cards(
    verdicts: pd.DataFrame, pictures: Mapping[str, Sequence[Picture]]
) -> tuple[list[dict[str, Any]], int]:
    """Return what each card says, the gravest first, and how many had to go without pictures."""
    cards = sorted(_cases(verdicts), key=lambda card: ORDER.index(card["status"]))
    left = MOST_BYTES - _BYTES_PER_CARD * len(cards)
    # A row that only repeats a case has no pictures of its own.
    used = {card["case_id"] for card in cards if card["status"] != "rejected"}
    n_without = 0
    for card in cards:
        case_id = card["case_id"]
        is_repeat = card["status"] == "rejected" and case_id in used
        of_case = () if is_repeat else pictures.get(case_id, ())
        size = sum(4 * len(picture.webp) // 3 for picture in of_case)
        is_shown = size <= left
        n_without += bool(of_case) and not is_shown
        card["pictures"] = [_shown(picture, case_id) for picture in of_case if is_shown]
        left -= size if is_shown else 0
    return cards, n_without


def _cases(verdicts: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one card a case with all that is to be said of it; a rejected row stands alone."""
    cards: list[dict[str, Any]] = []
    used: dict[str, dict[str, Any]] = {}
    for row in verdicts.fillna("").to_dict("records"):
        said = [] if row["status"] == "accepted" else [row]
        before = used.get(row["case_id"]) if row["status"] != "rejected" else None
        if before is not None:
            before["said"] += said
            before["status"] = "noted" if before["said"] else "accepted"
            continue
        card = {key: row[key] for key in ("case_id", "patient_id", "status")} | {"said": said}
        cards.append(card)
        if row["case_id"] and row["status"] != "rejected":
            used[row["case_id"]] = card
    return cards


def _shown(picture: Picture, case_id: str) -> dict[str, Any]:
    """Return a picture as the page shows it."""
    return {
        "data": base64.b64encode(picture.webp).decode(),
        "size": picture.size,
        "alt": _alt(picture, case_id),
        "modality": picture.modality,
        "legend": () if [name for name, _ in picture.regions] == ["tumour"] else picture.regions,
        "facts": picture.facts,
        "remark": picture.remark,
    }


def _alt(picture: Picture, case_id: str) -> str:
    """Return what a picture shows, for those who cannot see it."""
    cuts = listed([name for name in picture.cuts if name])
    noun = "slice" if len(picture.cuts) == 1 else "slices"
    named = listed([name for name, _ in picture.regions])
    outlined = f"with the outline of {named}" if picture.regions else "without an outline"
    of = " ".join(filter(None, (case_id, picture.modality)))
    facts = ", ".join(picture.facts)
    return f"{of}: {f'{cuts} ' if cuts else ''}{noun} {outlined}; {facts}"


def _views(pictures: Mapping[str, Sequence[Picture]]) -> bool:
    """Tell whether there is a picture whose sides of the patient need a word."""
    return any(any(p.cuts) and len(p.cuts) > 1 for of_case in pictures.values() for p in of_case)


def _codes(cards: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each reason code with how often it came, the gravest and most frequent first."""
    found = Counter((row["status"], row["code"]) for card in cards for row in card["said"])
    ranked = sorted(found.items(), key=lambda item: (ORDER.index(item[0][0]), -item[1], item[0][1]))
    return [{"status": status, "code": code, "n": n} for (status, code), n in ranked]


def _verdict_words(cards: Sequence[Mapping[str, Any]], *, is_fast: bool) -> str:
    """Return in one or two sentences how many cases can be used."""
    cases = [card for card in cards if card["case_id"] or card["status"] == "rejected"]
    n_rejected = sum(card["status"] == "rejected" for card in cases)
    n_used = len(cases) - n_rejected
    n_noted = sum(card["status"] == "noted" for card in cases)
    seems = "can be used" if not is_fast else "can be used, as far as tables and headers tell"
    if not cases:
        return "There are no cases."
    if not n_used:
        return f"None of {counted(len(cases), 'case')} can be used."
    start = f"{grouped(n_used)} of {counted(len(cases), 'case')}"
    if not n_rejected:
        few = {1: "The only case", 2: "Both cases"}
        start = few.get(len(cases), f"All {counted(len(cases), 'case')}")
    notes = f", {grouped(n_noted)} of them with a note" if n_noted and n_used > 1 else ""
    rejected = f"; {grouped(n_rejected)} rejected" if n_rejected else ""
    return f"{start} {seems}{notes}{rejected}."


def _tone(cards: Sequence[Mapping[str, Any]]) -> str:
    """Return how the first sentence is to be taken."""
    statuses = {card["status"] for card in cards}
    if "rejected" not in statuses:
        return "good" if cards else "bad"
    return "caution" if statuses - {"rejected"} else "bad"
