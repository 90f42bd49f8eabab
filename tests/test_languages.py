"""Language codes in one form."""

from __future__ import annotations

import pytest

from thought.errors import CorpusError
from thought.languages import choose_languages, is_language, normalise_language


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("deu", "de"),
        (" eng ", "en"),
        ("pt_br", "pt-BR"),
        ("zho-hant", "zh-Hant"),
        ("gsw", "gsw"),
    ],
)
def test_codes_come_in_one_form(given: str, expected: str) -> None:
    assert normalise_language(given) == expected


@pytest.mark.parametrize("given", ["", "d", "german", "d1", "de-", "Go.", "de en"])
def test_words_are_no_codes(given: str) -> None:
    assert not is_language(given)
    with pytest.raises(CorpusError, match="is not a language code"):
        normalise_language(given)


def test_languages_come_in_the_order_asked_for_and_once() -> None:
    assert choose_languages(["eng", "de", "en"], ["cs", "de", "en"], "x") == ("en", "de")
    assert choose_languages([], ["cs", "de", "en"], "x") == ("cs", "de", "en")


def test_an_unknown_language_names_the_nearest() -> None:
    with pytest.raises(CorpusError, match=r"train\.tsv has no language dsb; did you mean dsc\?"):
        choose_languages(["dsb"], ["dsc", "en"], "train.tsv")
    with pytest.raises(CorpusError, match="has no language sv; known: de, en"):
        choose_languages(["sv"], ["de", "en"], "train.tsv")
