"""Which pieces the sentences of a language are made of: its output layer may leave out all others.

Most pieces of a joint vocabulary belong to other languages. Among a language's own the softmax is
several times cheaper, and what is written cannot slip into another language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from thought.errors import TokenizerError
from thought.tokenizer import END, SPECIALS, Tokenizer


class Pieces:
    """The pieces of each language, END among them.

    Parameters
    ----------
    own : mapping of str to sequence of int
        Ids of the pieces of each of the tokenizer's languages, END or not.
    tokenizer : Tokenizer
    device : torch.device

    Raises
    ------
    TokenizerError
        If a language has no pieces, or an id is none of the tokenizer's pieces.
    """

    def __init__(self, own: Mapping[str, Sequence[int]], tokenizer: Tokenizer, device: torch.device) -> None:
        if lacking := [code for code in tokenizer.languages if not {*own.get(code, ())} - {END}]:
            raise TokenizerError(f"no pieces of {', '.join(lacking)}: to be written, a language needs training text")
        first, size = SPECIALS + len(tokenizer.languages), tokenizer.vocabulary_size
        self.own = {code: sorted({*own[code]} - {END}) for code in tokenizer.languages}
        if odd := [code for code, ids in self.own.items() if ids[0] < first or ids[-1] >= size]:
            raise TokenizerError(f"pieces of {odd[0]} must lie in [{first}, {size})")
        self._ids: dict[int, Tensor] = {}  # tag -> (P,)
        self._places: dict[int, Tensor] = {}  # tag -> (V,), where a piece stands among those; -1 if it does not
        for code, ids in self.own.items():
            tag = tokenizer.tag(code)
            self._ids[tag] = torch.tensor([END, *ids], device=device)
            self._places[tag] = torch.full((size,), -1, device=device)
            self._places[tag][self._ids[tag]] = torch.arange(len(ids) + 1, device=device)

    def of(self, tag: int) -> Tensor:
        """Ids of the pieces of the language with this tag: (P,)."""
        return self._ids[tag]

    def places(self, tag: int, ids: Tensor) -> Tensor:
        """Where ids stand among the pieces of a language: (N,) -> (N,), -1 for those of others."""
        return self._places[tag][ids]

    def is_foreign(self, tag: int) -> Tensor:
        """Which pieces are of other languages: (V,), bool."""
        return self._places[tag] < 0

    def temper(self, logits: Tensor, tags: Sequence[int]) -> Tensor:
        """Make a piece never met in a row's language as unlikely as the least likely one of its own.

        Training leaves the logits of such pieces as they may be. (B, T, V) and B tags -> (B, T, V).
        """
        is_foreign = torch.stack([self.is_foreign(tag) for tag in tags])[:, None]  # (B, 1, V)
        least = logits.masked_fill(is_foreign, float("inf")).amin(dim=-1, keepdim=True)  # (B, T, 1)
        return torch.where(is_foreign, least, logits)
