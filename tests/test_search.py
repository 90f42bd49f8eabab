"""Search over a fake decoder whose scores depend on the whole prefix, against all sequences there are."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from thought import search
from thought.bottleneck import Memory
from thought.errors import ConfigError
from thought.search import Found, SearchConfig, beam_search, rerank, write

END = 2
WORDS = (4, 5, 6, 7)
VOCABULARY = 8
BANNED = torch.tensor([True, True, False, True, False, False, False, False])
TABLE = 4099  # prime


class HashDecoder:
    """Scores are a row of a random table, found by a hash of all tokens so far and of the memory.

    The hash is the state: if search puts a state beside the wrong prefix, every score after it
    is that of another sentence. The end is rare, so sentences want to be long.
    """

    def __init__(self, seed: int = 0, end: float = -2.0, sharpness: float = 1.5) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.table = sharpness * torch.randn(TABLE, VOCABULARY, generator=generator)
        self.table[:, END] += end
        self.calls: list[int] = []  # rows of each step

    def start(self, memory: Memory) -> tuple[Tensor, ...]:
        return memory.vectors[:, 0, 0].long(), torch.zeros(len(memory.vectors), 3)

    def step(self, token: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        self.calls.append(len(token))
        prefix = (state[0] * 31 + token * 7 + 1) % TABLE  # (B,)
        return self.table[prefix], (prefix, state[1] + 1)


class FixedDecoder:
    """The same logits whatever was written."""

    def __init__(self, logits: list[float]) -> None:
        self.logits = torch.tensor(logits, dtype=torch.float32)

    def start(self, memory: Memory) -> tuple[Tensor, ...]:
        return (memory.vectors[:, 0],)

    def step(self, token: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        return self.logits.repeat(len(token), 1), state


def memory_of(*numbers: int) -> Memory:
    vectors = torch.tensor(numbers, dtype=torch.float32)[:, None, None]
    return Memory(vectors, torch.zeros(len(numbers), 1, dtype=torch.bool))


def run(decoder: object, *numbers: int, tag: int = 3, **settings: float) -> list[list[int]]:
    first = torch.full((len(numbers),), tag)
    return write(decoder, memory_of(*numbers), first, BANNED, SearchConfig(**settings))


def log_chances(decoder: HashDecoder, number: int, prefix: tuple[int, ...]) -> Tensor:
    """Scores of what follows a prefix, by walking it from the start."""
    state = decoder.start(memory_of(number))
    for token in (3, *prefix):
        logits, state = decoder.step(torch.tensor([token]), state)
    return logits[0].masked_fill(BANNED, float("-inf")).log_softmax(dim=-1)


def score_of(decoder: HashDecoder, number: int, sentence: tuple[int, ...], penalty: float) -> float:
    whole = (*sentence, END)
    total = sum(float(log_chances(decoder, number, whole[:at])[token]) for at, token in enumerate(whole))
    return total / len(whole) ** penalty


@functools.cache
def all_scores(seed: int, number: int, longest: int) -> dict[tuple[int, ...], float]:
    """Log p of every sentence of at most `longest` tokens, its end included."""
    decoder = HashDecoder(seed)
    sentences = [rest for size in range(longest) for rest in itertools.product(WORDS, repeat=size)]
    return {sentence: score_of(decoder, number, sentence, 0.0) for sentence in sentences}


@pytest.mark.parametrize("penalty", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_wide_enough_beam_finds_the_best_of_all_sentences(seed: int, penalty: float) -> None:
    longest, numbers = 4, (1, 2, 3)
    found = run(HashDecoder(seed), *numbers, beam=len(WORDS) ** 3, length_penalty=penalty, longest=longest)
    for number, sentence in zip(numbers, found, strict=True):
        scores = all_scores(seed, number, longest)
        best = max(scores, key=lambda row: scores[row] / (len(row) + 1) ** penalty)
        assert tuple(sentence) == best


def test_sentences_of_the_tiny_world_are_long_and_differ() -> None:
    """Otherwise the test above would show little."""
    found = run(HashDecoder(1), 1, 2, 3, beam=64, length_penalty=1.0, longest=4)
    assert max(map(len, found)) == 3
    assert len({tuple(sentence) for sentence in found}) == 3


@pytest.mark.parametrize("beam", [1, 2, 3, 5])
@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_a_batch_is_written_like_its_rows_alone(beam: int, penalty: float) -> None:
    numbers = range(12)
    together = run(HashDecoder(4), *numbers, beam=beam, length_penalty=penalty, longest=12)
    alone = [run(HashDecoder(4), number, beam=beam, length_penalty=penalty, longest=12)[0] for number in numbers]
    assert together == alone
    assert len({len(sentence) for sentence in together}) > 1


@pytest.mark.parametrize("beam", [2, 4])
def test_what_a_beam_returns_scores_what_its_own_prefix_says(beam: int) -> None:
    """A beam of two that reorders states wrongly returns sentences of low probability."""
    wins = 0
    for number in range(20):
        decoder = HashDecoder(5)
        greedy, wide = (run(decoder, number, beam=width, longest=8, length_penalty=0.0)[0] for width in (1, beam))
        if len(greedy) < 8:
            wins += score_of(decoder, number, tuple(wide), 0.0) >= score_of(decoder, number, tuple(greedy), 0.0) - 1e-5
        else:
            wins += 1
    assert wins >= 18


def test_greedy_takes_the_likeliest_token_at_every_step() -> None:
    decoder = HashDecoder(6)
    for number, sentence in enumerate(run(decoder, *range(8), beam=1, longest=10)):
        expected: list[int] = []
        while len(expected) < 10:
            token = int(log_chances(decoder, number, tuple(expected)).argmax())
            if token == END:
                break
            expected.append(token)
        assert sentence == expected


def test_finished_rows_leave_the_batch() -> None:
    """In groups, for few shapes of matrix products are fast ones."""
    for beam in (1, 3):
        decoder = HashDecoder(6, end=1.0)
        sentences = run(decoder, *range(96), longest=50, beam=beam, length_penalty=0.0)
        calls = [rows // beam for rows in decoder.calls]
        live = [sum(len(sentence) >= step for sentence in sentences) for step in range(max(map(len, sentences)) + 1)]
        assert calls == sorted(calls, reverse=True)
        assert all(rows >= alive for rows, alive in zip(calls, live, strict=False))
        assert calls[0] == 96
        assert calls[-1] <= 16


def test_a_row_that_is_done_is_not_taken_up_again_for_the_sake_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "HORIZON", 1)  # rows are done soon, and a penalty of 2 would find longer ones later
    settings = {"beam": 3, "length_penalty": 2.0, "longest": 12}
    together = run(HashDecoder(4, end=1.0), *range(20), **settings)
    assert together == [run(HashDecoder(4, end=1.0), number, **settings)[0] for number in range(20)]


def test_a_larger_length_penalty_never_writes_shorter() -> None:
    lengths = [
        sum(map(len, run(HashDecoder(7, end=0.0), 1, 2, 3, 4, beam=64, length_penalty=penalty, longest=4)))
        for penalty in (0.0, 0.5, 1.0, 2.0)
    ]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[-1]


def test_the_first_token_is_the_language_and_changes_what_is_written() -> None:
    assert run(HashDecoder(8), 1, tag=3, longest=9) != run(HashDecoder(8), 1, tag=1, longest=9)


@pytest.mark.parametrize("settings", [{"beam": 1}, {"beam": 4}, {"temperature": 3.0}])
@pytest.mark.parametrize("longest", [1, 2, 7])
def test_nothing_banned_is_written_and_nothing_too_long(settings: dict[str, float], longest: int) -> None:
    decoder = HashDecoder(9, end=-30.0)
    decoder.table[:, [0, 1, 3]] += 50
    for sentence in run(decoder, *range(10), longest=longest, **settings):
        assert set(sentence) <= set(WORDS)
        assert len(sentence) <= longest
        if "beam" not in settings or settings["beam"] == 1:
            assert len(sentence) == longest


def test_a_beam_counts_the_end_as_a_token() -> None:
    assert run(HashDecoder(9), 1, 2, beam=4, longest=1) == [[], []]


def test_a_decoder_that_only_ends_writes_nothing() -> None:
    ends = FixedDecoder([0, 0, 60, 0, 0, 0, 0, 0])
    assert run(ends, 1, 2, beam=1) == [[], []]
    assert run(ends, 1, 2, beam=3) == [[], []]
    assert run(ends, 1, 2, temperature=1.0) == [[], []]


def test_no_rows_are_written_as_no_rows() -> None:
    assert run(HashDecoder(), beam=1) == []
    assert run(HashDecoder(), beam=3) == []


def test_a_seed_makes_sampling_reproducible() -> None:
    rows = range(30)
    first = run(HashDecoder(10), *rows, temperature=1.0, seed=1, longest=6)
    torch.rand(7)  # the global generator is none of its business
    assert run(HashDecoder(10), *rows, temperature=1.0, seed=1, longest=6) == first
    assert run(HashDecoder(10), *rows, temperature=1.0, seed=2, longest=6) != first


def test_sampling_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    run(HashDecoder(10), 1, 2, temperature=1.0, longest=6)
    assert torch.equal(torch.get_rng_state(), before)


def test_sampling_at_a_low_temperature_is_greedy() -> None:
    rows = range(20)
    assert run(HashDecoder(11), *rows, temperature=1e-4, longest=9) == run(HashDecoder(11), *rows, longest=9)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_samples_come_as_often_as_the_softmax_says(temperature: float) -> None:
    logits = [9.0, 9.0, 0.0, 9.0, 1.0, -1.0, 0.5, 0.0]
    sentences = run(FixedDecoder(logits), *[1] * 4000, temperature=temperature, longest=1, seed=3)
    chances = (torch.tensor(logits) / temperature).masked_fill(BANNED, float("-inf")).softmax(dim=-1)
    for token in (END, *WORDS):
        wanted = [] if token == END else [token]
        assert sentences.count(wanted) / 4000 == pytest.approx(float(chances[token]), abs=0.03)


def test_what_a_beam_finds_stands_in_order_with_its_scores() -> None:
    numbers, longest = (1, 2, 3), 4
    first, config = torch.full((3,), 3), SearchConfig(beam=len(WORDS) ** 3, length_penalty=0.5, longest=longest)
    for number, row in zip(
        numbers, beam_search(HashDecoder(2), memory_of(*numbers), first, BANNED, config), strict=True
    ):
        scores = all_scores(2, number, longest)
        expected = [scores[tuple(one.ids)] / (len(one.ids) + 1) ** 0.5 for one in row]
        assert [one.score for one in row] == pytest.approx(expected, abs=1e-4)
        assert expected == sorted(expected, reverse=True)
        assert len({tuple(one.ids) for one in row}) == len(row) > 5


def test_reranking_weighs_likeness_against_the_score() -> None:
    found = [[Found(-1.0, [4]), Found(-2.0, [5])], [Found(-1.0, [6])], [Found(0.0, [7]), Found(-3.0, [4])]]
    likes = {(0, 4): 0.1, (0, 5): 0.9, (1, 6): 0.0, (2, 7): 0.2, (2, 4): 0.8}

    def likeness(sentences: Sequence[tuple[int, Found]]) -> list[float]:
        return [likes[place, one.ids[0]] for place, one in sentences]

    assert rerank(found, 0.0, likeness) == [[4], [6], [7]]
    assert rerank(found, 2.0, likeness) == [[5], [6], [7]]
    assert rerank(found, 9.0, likeness) == [[5], [6], [4]]
    assert rerank([], 9.0, likeness) == []


def test_what_cannot_win_is_not_read_again() -> None:
    found = [[Found(-1.0, [4]), Found(-1.5, [5]), Found(-3.0, [6])], [Found(-1.0, [7]), Found(-1.2, [8])]]
    asked: list[int] = []

    def likeness(sentences: Sequence[tuple[int, Found]]) -> list[float]:
        asked.extend(one.ids[0] for _, one in sentences)
        return [0.25 if one.ids == [4] else 1.0 for _, one in sentences]

    assert rerank(found, 1.0, likeness) == [[5], [7]]  # at best 6 would have -2.0, 8 would have -0.2
    assert asked == [4, 7, 5]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"beam": 0}, r"beam must lie in \[1, 256\], got 0"),
        ({"beam": 257}, r"beam must lie in \[1, 256\], got 257"),
        ({"length_penalty": -1.0}, "length_penalty must not be negative, got -1.0"),
        ({"temperature": -0.1}, "temperature must not be negative, got -0.1"),
        ({"temperature": 1.0, "beam": 2}, "sampling needs beam = 1, got beam = 2 and temperature = 1.0"),
        ({"reconstruction": -0.5, "beam": 2}, "reconstruction must not be negative, got -0.5"),
        ({"reconstruction": float("nan"), "beam": 2}, "reconstruction"),
        ({"reconstruction": 1.0}, "reconstruction chooses among the sentences of a beam, got beam = 1"),
        ({"longest": 0}, "longest must be at least 1 token, got 0"),
        ({"temperature": float("nan")}, "temperature"),
        ({"length_penalty": float("nan")}, "length_penalty"),
    ],
)
def test_settings_of_a_search_that_make_no_sense_say_so(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SearchConfig(**settings)


@pytest.mark.parametrize("width", [255, 256, 640, 700])
@pytest.mark.parametrize("count", [1, 3, 8])
def test_the_best_of_a_row_are_found_block_by_block_as_by_sorting(width: int, count: int) -> None:
    scores = torch.randn(20, width, generator=torch.Generator().manual_seed(width + count))
    scores[:, 70:90] += 2  # several of the best in one block
    scores[:5, -1] = 9.0  # and one behind the last whole block
    values, places = search._top(scores, count)
    assert torch.equal(values, scores.topk(count).values)
    assert torch.equal(scores.gather(1, places), values)


def test_of_equally_good_tokens_the_first_is_taken() -> None:
    scores = torch.zeros(3, 640)
    scores[0, [100, 300, 639]] = 1.0
    scores[1, [63, 64]] = 1.0
    assert search._top(scores, 1)[1][:, 0].tolist() == scores.argmax(dim=1).tolist() == [100, 63, 0]
