"""Memory -> tokens: greedy, sampling and beam search over any decoder's `start` and `step`.

Search knows nothing of a decoder's insides: a state is a tuple of tensors with the batch first, and
rows of it are selected, repeated and reordered blindly. Rows that are done leave the batch in groups,
since every new batch size costs a compiled kernel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from thought.bottleneck import Memory
from thought.decoder import State
from thought.errors import ConfigError
from thought.tokenizer import END

HORIZON = 8  # tokens that a prefix may still need to beat the best sentence so far
GROUP = 16  # sizes of a shrinking batch are multiples of it
BLOCK = 64  # tokens whose best is found in one vectorised pass


class Steps(Protocol):
    """The part of a decoder that search uses."""

    def start(self, memory: Memory, /) -> State:
        """State before the first token."""

    def step(self, token: Tensor, state: State, /) -> tuple[Tensor, State]:
        """Score the next token: (B,), state -> (B, V), state. Search may write into the scores."""


@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """How to write: the likeliest token (greedy), the likeliest sentence (beam), or by chance."""

    beam: int = 1  # hypotheses kept a sentence; 1 is greedy
    length_penalty: float = 1.0  # scores are divided by length to this power; 0 is none, more is longer
    temperature: float = 0.0  # of sampling; 0 takes the best
    seed: int = 0  # of sampling
    longest: int = 100  # tokens, the end included
    reconstruction: float = 0.0  # what it counts that a sentence, read again, gives the same thought; 0 is nothing

    def __post_init__(self) -> None:
        if not 1 <= self.beam <= 256:
            raise ConfigError(f"beam must lie in [1, 256], got {self.beam}")
        if not 0 <= self.length_penalty < math.inf:  # false for NaN too
            raise ConfigError(f"length_penalty must not be negative, got {self.length_penalty}")
        if not 0 <= self.temperature < math.inf:
            raise ConfigError(f"temperature must not be negative, got {self.temperature}")
        if self.temperature > 0 and self.beam > 1:
            raise ConfigError(f"sampling needs beam = 1, got beam = {self.beam} and temperature = {self.temperature}")
        if not 0 <= self.reconstruction < math.inf:
            raise ConfigError(f"reconstruction must not be negative, got {self.reconstruction}")
        if self.reconstruction > 0 and self.beam == 1:
            raise ConfigError("reconstruction chooses among the sentences of a beam, got beam = 1")
        if self.longest < 1:
            raise ConfigError(f"longest must be at least 1 token, got {self.longest}")


@dataclass(frozen=True)
class Found:
    """A sentence that search found."""

    score: float  # log p / n ** length_penalty of its n tokens, the end included
    ids: list[int]  # without the first token and without END


def write(decoder: Steps, memory: Memory, first: Tensor, is_banned: Tensor, config: SearchConfig) -> list[list[int]]:
    """Write one sentence for each row of the memory.

    Parameters
    ----------
    decoder : Steps
    memory : Memory of B rows
    first : Tensor of shape (B,)
        The first token of each row: the tag of the language to write.
    is_banned : Tensor of shape (V,), bool
        Tokens never written, such as padding and tags.
    config : SearchConfig

    Returns
    -------
    list of B lists of ids, without the first token and without END
    """
    if config.beam > 1:
        return [best.ids for best, *_ in beam_search(decoder, memory, first, is_banned, config)]
    generator = torch.Generator(device=first.device).manual_seed(config.seed) if config.temperature > 0 else None
    written = first.new_full((len(first), config.longest), END)  # (B, T)
    rows = torch.arange(len(first), device=first.device)  # which sentence each row of the batch writes
    is_done = torch.zeros_like(rows, dtype=torch.bool)
    state, token, banned = decoder.start(memory), first, is_banned.nonzero()[:, 0]
    for position in range(config.longest):
        logits, state = decoder.step(token, state)  # (B, V)
        logits.index_fill_(1, banned, float("-inf"))
        if generator is None:
            token = _top(logits, 1)[1][:, 0]  # (B,)
        else:
            chances = (logits / config.temperature).softmax(dim=-1)
            token = torch.multinomial(chances, 1, generator=generator)[:, 0]  # (B,)
        token = token.masked_fill(is_done, END)
        written[rows, position] = token
        is_done = is_done | (token == END)
        if is_done.all():
            break
        kept = _kept(is_done)
        if len(kept) < len(rows):
            rows, token, is_done = rows[kept], token[kept], is_done[kept]
            state = tuple(part[kept] for part in state)
    return [_until_end(row) for row in written.tolist()]


def beam_search(
    decoder: Steps, memory: Memory, first: Tensor, is_banned: Tensor, config: SearchConfig
) -> list[list[Found]]:
    """Find K sentences of high probability for each row, the best first: keep the K best prefixes at every length.

    A sentence of n tokens, its end included, scores log p / n ** length_penalty: the penalty of Wu et
    al. (2016, arXiv:1609.08144) without the constant 5. Every live prefix may also end at every
    step, and a row is done once no prefix can beat its best sentence within HORIZON more tokens. So
    a wide enough beam finds the best of all sentences of up to HORIZON tokens, and of any length
    where there is no length penalty.
    """
    size, width, device = len(first), config.beam, first.device
    best_score = torch.full((size, width), float("-inf"), device=device)  # (B, K)
    best = first.new_full((size, width, config.longest), END)  # (B, K, T)
    rows = torch.arange(size, device=device)  # which sentence each live row writes
    state = tuple(part.repeat_interleave(width, dim=0) for part in decoder.start(memory))  # (B * K, ...)
    token = first.repeat_interleave(width)  # (B * K,)
    score = torch.full((size, width), float("-inf"), device=device)  # (B, K), log p of each prefix
    score[:, 0] = 0.0  # all K prefixes are the same at first: count only one of them
    prefixes = first.new_empty((size, width, 0))  # (B, K, T)
    is_live, banned = torch.ones_like(rows, dtype=torch.bool), is_banned.nonzero()[:, 0]
    for length in range(1, config.longest + 1):
        logits, state = decoder.step(token, state)  # (B * K, V)
        log_chances = logits.float().index_fill_(1, banned, float("-inf")).log_softmax(dim=-1)  # (B * K, V)
        ending = (score + log_chances[:, END].view(-1, width)) / length**config.length_penalty  # (B, K)
        ending = ending.masked_fill(~is_live[:, None], float("-inf"))
        ended = F.pad(prefixes, (0, config.longest - length + 1), value=END)  # (B, K, T)
        best_score[rows], order = torch.cat([best_score[rows], ending], dim=1).topk(width)  # (B, K), (B, K)
        best[rows] = torch.cat([best[rows], ended], dim=1).gather(1, order[..., None].expand_as(ended))
        log_chances[:, END] = float("-inf")
        # the K best of all are among the K best of each prefix
        longer, tokens = _top(log_chances, min(width, log_chances.shape[-1]))  # (B * K, K)
        each = longer.shape[1]
        score = (score[..., None] + longer.view(-1, width, each)).flatten(1)  # (B, K * K)
        score, chosen = score.topk(width)  # (B, K), (B, K)
        parent = chosen.div(each, rounding_mode="floor")  # (B, K)
        newest = tokens.view(-1, width * each).gather(1, chosen)  # (B, K)
        # from here on a prefix only loses probability, so this is the most it can score so many tokens on
        horizon = min(config.longest, length + HORIZON)
        is_live = is_live & (score[:, 0] / horizon**config.length_penalty > best_score[rows, 0])
        if length == config.longest or not is_live.any():
            break
        live = _kept(~is_live)  # a row that is done may stay a while, but what it finds no longer counts
        prefixes = torch.cat([prefixes.gather(1, parent[..., None].expand_as(prefixes)), newest[..., None]], dim=2)[
            live
        ]
        origin = (live[:, None] * width + parent[live]).flatten()  # (B * K,)
        rows, score, token, is_live = rows[live], score[live], newest[live].flatten(), is_live[live]
        state = tuple(part[origin] for part in state)
    return [
        [Found(value, _until_end(ids)) for value, ids in zip(*row, strict=True) if value > -math.inf]
        for row in zip(best_score.tolist(), best.tolist(), strict=True)
    ]


def rerank(
    found: Sequence[Sequence[Found]], weight: float, likeness: Callable[[Sequence[tuple[int, Found]]], Sequence[float]]
) -> list[list[int]]:
    """Choose, of the sentences found for each row, the one with the best score plus weighted likeness.

    Parameters
    ----------
    found : sequence of B sequences of Found, the best score first
    weight : float
    likeness : callable
        Sentences and the rows they are for -> how like each is to what that row was to say, at most 1. It is
        not asked about a sentence that could not win if it were 1.

    Returns
    -------
    list of B lists of ids
    """
    chosen = [row[0] for row in found]
    first = likeness(list(enumerate(chosen)))
    best = [one.score + weight * like for one, like in zip(chosen, first, strict=True)]
    rivals = [(place, one) for place, row in enumerate(found) for one in row[1:] if one.score + weight > best[place]]
    for (place, one), like in zip(rivals, likeness(rivals), strict=True):
        value = one.score + weight * like
        if value > best[place]:
            chosen[place], best[place] = one, value
    return [one.ids for one in chosen]


def _top(scores: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The best so many of each row and where they stand: (B, V) -> (B, count), (B, count).

    They lie in the blocks with the best maxima, and those are found several times faster than by
    sorting the row. Of one, as by `argmax`, the first of equals is taken.
    """
    blocks = scores.shape[1] // BLOCK
    if blocks < 4 * count or not scores.is_cpu:
        return scores.topk(count) if count > 1 else scores.max(dim=1, keepdim=True)
    end = blocks * BLOCK
    peaks = scores[:, :end].view(len(scores), blocks, BLOCK).amax(dim=-1)  # (B, V / BLOCK)
    best = peaks.topk(count).indices if count > 1 else peaks.argmax(dim=1, keepdim=True)  # (B, count)
    places = (best[..., None] * BLOCK + torch.arange(BLOCK)).flatten(1)  # (B, count * BLOCK)
    rest = torch.arange(end, scores.shape[1]).expand(len(scores), -1)  # what fills no block
    places = torch.cat([places, rest], dim=1)
    values = scores.gather(1, places)
    found, which = values.topk(count) if count > 1 else values.max(dim=1, keepdim=True)
    return found, places.gather(1, which)


def _kept(is_done: Tensor) -> Tensor:
    """Rows to go on with: all of them, or the live ones and a few more to a round number."""
    size = -(-int((~is_done).sum()) // GROUP) * GROUP
    if size > 0.8 * len(is_done):
        return torch.arange(len(is_done), device=is_done.device)
    return is_done.to(torch.uint8).argsort(stable=True)[:size]


def _until_end(ids: list[int]) -> list[int]:
    return ids[: ids.index(END)] if END in ids else ids
