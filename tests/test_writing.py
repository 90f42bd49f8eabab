"""Sentences are written in the language that is asked, with its own pieces where it has some."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from worlds import LANGUAGES, own_translator, toy_pieces, toy_translator

from thought.model import as_memory
from thought.search import SearchConfig, beam_search, write
from thought.tokenizer import END
from thought.translator import Translator
from thought.writing import Writer


def ids_written(translator: Translator, texts: list[str], code: str, search: dict[str, float]) -> set[int]:
    """All ids of the sentences that a translator writes."""
    seen: set[int] = set()
    decode = translator.tokenizer.decode

    def watched(ids: list[list[int]]) -> list[str]:
        seen.update(*ids)
        return decode(ids)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translator.tokenizer, "decode", watched)
        translator.translate(texts, code, longest=8, **search)
    return seen


@pytest.mark.parametrize(
    "search",
    [{}, {"beam": 3}, {"beam": 3, "reconstruction": 1.0}, {"temperature": 2.0}],
    ids=["greedy", "beam", "reconstruction", "sampled"],
)
@pytest.mark.parametrize("bottleneck", ["1", "none"])
def test_a_language_is_written_with_its_own_pieces_also_among_others(search: dict[str, float], bottleneck: str) -> None:
    """A decoder that may choose among all pieces takes foreign ones; one with pieces of its own never does."""
    if bottleneck == "none" and "reconstruction" in search:
        pytest.skip("needs a thought")
    shape = (f"model.bottleneck={bottleneck}",)
    texts, pieces = ["rabe vira kilu mato", "otam ulik ariv ebar", "domi"] * 4, toy_pieces()
    joint, own = toy_translator(*shape), own_translator(*shape)
    alone = {}
    for tag, code in enumerate(LANGUAGES, 3):
        assert ids_written(own, texts, code, search) <= set(pieces.of(tag).tolist())
        alone[code] = own.translate(texts, code, longest=8, **search)
    assert not ids_written(joint, texts, "aa", search) <= set(pieces.of(3).tolist())
    languages = [LANGUAGES[row % 3] for row in (0, 1, 2, 2, 1, 0, 1, 1, 0, 2, 0, 2)]
    if "temperature" not in search:  # what is drawn for a row depends on who stands before it
        mixed = own.translate(texts, languages, longest=8, **search)
        assert mixed == [alone[code][row] for row, code in enumerate(languages)]


@pytest.mark.parametrize("beam", [1, 4])
@pytest.mark.parametrize("decoder", ["gru", "transformer"])
def test_among_few_pieces_search_finds_what_it_finds_among_all_with_the_others_banned(decoder: str, beam: int) -> None:
    shape = (f"model.decoder={decoder}", "model.decoder_size=16")
    translator, pieces, search = own_translator(*shape), toy_pieces(), SearchConfig(beam=beam, longest=9)
    thoughts = torch.randn((20, translator.config.model.thought_size), generator=torch.Generator().manual_seed(3))
    model, spell = translator.model.eval(), translator.tokenizer.decode
    for tag in (3, 4, 5):
        is_banned = pieces.is_foreign(tag)
        first = torch.full((20,), tag)
        with torch.no_grad():
            expected = spell(write(model.decoder, as_memory(thoughts), first, is_banned, search))
        assert len(set(expected)) > 1
        assert translator.decode(thoughts, LANGUAGES[tag - 3], beam=beam, longest=9) == expected


def test_of_what_a_beam_finds_the_sentence_is_chosen_that_gives_the_same_thought_again() -> None:
    translator = own_translator()
    size = translator.config.model.thought_size
    thoughts = torch.randn((3, size), generator=torch.Generator().manual_seed(3))
    decoder, tokenizer = translator.model.eval().decoder, translator.tokenizer
    search = SearchConfig(beam=4, longest=6, reconstruction=1e6)
    with torch.no_grad():
        plain = Writer(decoder, tokenizer, None, lambda texts: torch.zeros(len(texts), size))
        is_banned = torch.arange(tokenizer.vocabulary_size) < 6
        is_banned[END] = False
        found = beam_search(decoder, as_memory(thoughts), torch.full((3,), 4), is_banned, search)
        candidates = [tokenizer.decode([one.ids for one in row]) for row in found]
        wanted = [row[-1] for row in candidates]

        first = [(number, row[0]) for number, row in enumerate(candidates)]
        others = [(number, text) for number, row in enumerate(candidates) for text in row[1:]]
        asked = [first, others]

        def read(texts: list[str]) -> torch.Tensor:  # the last of each row is what was meant
            places, expected = zip(*asked.pop(0), strict=True)
            assert texts == [*expected]
            likes = [
                thoughts[place] * (1 if text == wanted[place] else -1)
                for place, text in zip(places, texts, strict=True)
            ]
            return torch.stack(likes)

        plain.read = read
        assert plain.write(as_memory(thoughts), np.array([4, 4, 4]), search) == wanted


def test_nothing_is_written_for_no_thoughts() -> None:
    for translator in (own_translator(), toy_translator()):
        assert translator.decode(np.zeros((0, translator.config.model.thought_size)), "aa") == []
        assert isinstance(translator, Translator)
