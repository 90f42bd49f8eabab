"""Thoughts and languages -> sentences: search over the decoder, and the choice among what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from thought.bottleneck import Memory
from thought.decoder import GRUDecoder, State, TransformerDecoder
from thought.pieces import Pieces
from thought.search import Found, SearchConfig, Steps, beam_search, rerank, write
from thought.tokenizer import END, Tokenizer

Decoder = GRUDecoder | TransformerDecoder


class Writer:
    """Writes sentences with a decoder.

    Parameters
    ----------
    decoder : Decoder
    tokenizer : Tokenizer
    pieces : Pieces, optional
        Of each language, where it is written with no others.
    read : callable
        Sentences -> their thoughts (N, ...), for the choice of the sentence that gives the same thought again.
    """

    def __init__(
        self, decoder: Decoder, tokenizer: Tokenizer, pieces: Pieces | None, read: Callable[[list[str]], Tensor]
    ) -> None:
        self.decoder, self.tokenizer, self.pieces, self.read = decoder, tokenizer, pieces, read

    def write(self, memory: Memory, tags: np.ndarray, search: SearchConfig) -> list[str]:
        """Write a sentence for each row of the memory, in the language with its tag: (B,) -> B texts."""
        if self.pieces is None:
            specials = range(max(self.tokenizer.tags.values()) + 1)
            first = torch.from_numpy(tags).to(memory.vectors.device)
            return self._found(self.decoder, memory, first, specials, range(self.tokenizer.vocabulary_size), search)
        written = np.full(len(tags), "", dtype=object)  # (B,)
        for tag in np.unique(tags).tolist():  # each language with its own pieces, which follow END and its tag
            rows = np.flatnonzero(tags == tag)
            places = torch.from_numpy(rows).to(memory.vectors.device)
            ids = [*range(END + 1), tag, *self.pieces.of(tag)[1:].tolist()]
            own = Memory(*(part[places] for part in memory))
            first, specials = torch.full_like(places, END + 1), range(END + 2)
            written[rows] = self._found(_Narrow(self.decoder, ids), own, first, specials, ids, search)
        return list(written)

    def _found(
        self, decoder: Steps, memory: Memory, first: Tensor, specials: Sequence[int], ids: Sequence[int],
        search: SearchConfig,
    ) -> list[str]:  # fmt: skip
        """Write with a decoder whose token i is piece ids[i]; of the special tokens, only END."""
        is_banned = torch.zeros(len(ids), dtype=torch.bool, device=first.device)  # (V,)
        is_banned[list(specials)] = True
        is_banned[END] = False
        if not search.reconstruction:
            return self._spell(write(decoder, memory, first, is_banned, search), ids)
        found = beam_search(decoder, memory, first, is_banned, search)

        def likeness(sentences: Sequence[tuple[int, Found]]) -> list[float]:
            again = self.read(self._spell((one.ids for _, one in sentences), ids))
            meant = memory.vectors[[place for place, _ in sentences]]
            return F.cosine_similarity(again.flatten(1), meant.float().flatten(1)).tolist()

        return self._spell(rerank(found, search.reconstruction, likeness), ids)

    def _spell(self, rows: Iterable[list[int]], ids: Sequence[int]) -> list[str]:
        return self.tokenizer.decode([[ids[token] for token in row] for row in rows])


class _Narrow:
    """A decoder that writes with some pieces only, as search needs it: its token i is piece ids[i]."""

    def __init__(self, decoder: Decoder, ids: list[int]) -> None:
        self.decoder = decoder
        self.ids = torch.tensor(ids, device=decoder.output.bias.device)  # (P,)
        self.weight, self.bias = decoder.output.embedding.weight[self.ids], decoder.output.bias[self.ids]

    def start(self, memory: Memory, /) -> State:
        return self.decoder.start(memory)

    def step(self, token: Tensor, state: State, /) -> tuple[Tensor, State]:
        features, after = self.decoder.advance(self.ids[token], state)  # (B, E)
        return F.linear(features, self.weight, self.bias).float(), after  # (B, P)
