from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thought import snapshots
from thought.corpus import Meaning
from thought.errors import CheckpointError
from thought.snapshots import Snapshots, choose_probes, is_due, load


def meanings(count: int, *languages: str) -> list[Meaning]:
    return [Meaning(str(i), {code: (f"{code} {i}", f"{code} {i} again") for code in languages}) for i in range(count)]


def random_thoughts(seed: int = 1, rows: int = 6, width: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


@pytest.fixture
def opened(tmp_path):
    return Snapshots(tmp_path, choose_probes(meanings(3, "en", "de")))


def test_the_first_steps_are_all_due_and_then_four_while_the_step_doubles():
    assert [step for step in range(-3, 40) if is_due(step)] == [*range(9), 10, 11, 13, 16, 19, 23, 27, 32, 38]
    for power in range(3, 14):
        assert sum(is_due(step) for step in range(2**power, 2 ** (power + 1))) == 4
        assert is_due(2**power)


@pytest.mark.parametrize(("steps", "count"), [(2_000, 40), (50_000, 59)])
def test_a_run_keeps_some_tens_of_snapshots(steps, count):
    assert sum(is_due(step) for step in range(steps + 1)) == count


def test_the_probes_are_the_first_meanings_that_have_every_language():
    given = meanings(3, "en", "de")
    given.insert(1, Meaning("half", {"en": ("only English",)}))
    probes = choose_probes(given)
    assert probes.texts == ("en 0", "de 0", "en 1", "de 1", "en 2", "de 2")  # the first wording only
    assert probes.languages == ("en", "de") * 3
    assert probes.meanings.tolist() == [0, 0, 1, 1, 2, 2]
    assert probes.thoughts.shape == (6, 0)


def test_languages_can_be_named_and_the_others_are_left_out():
    assert choose_probes(meanings(2, "en", "de", "fr"), ["fr", "en"]).texts == ("fr 0", "en 0", "fr 1", "en 1")


@given(st.integers(1, 12), st.integers(1, 150))
def test_there_are_never_more_than_100_meanings_or_400_sentences(languages, count):
    probes = choose_probes(meanings(count, *(f"l{chr(97 + number)}" for number in range(languages))))
    assert len(probes) == languages * min(count, 100, 400 // languages)


@pytest.mark.parametrize("given", [[], meanings(2, "en")])
def test_without_a_meaning_in_every_language_there_is_nothing_to_follow(given):
    with pytest.raises(CheckpointError, match="no meaning has a sentence in each of en, de to follow"):
        choose_probes(given, ["en", "de"])


def test_what_is_saved_is_loaded_up_to_half_precision(opened, tmp_path):
    thoughts = [random_thoughts(seed) for seed in range(3)]
    for step, values in zip((8, 0, 64), thoughts, strict=True):  # files are read by step, not in order of writing
        opened.save(step, values, {"nats": 9.0 - step / 8})
    film = load(tmp_path)
    assert len(film) == 3
    assert film.steps.tolist() == [0, 8, 64]
    assert film.thoughts.dtype == np.float32
    np.testing.assert_allclose(film.thoughts, [thoughts[1], thoughts[0], thoughts[2]], rtol=1e-3, atol=1e-4)
    assert film.facts == {"nats": {0: 9.0, 8: 8.0, 64: 1.0}}
    assert film.space.texts == ("en 0", "de 0", "en 1", "de 1", "en 2", "de 2")
    assert np.array_equal(film.space.thoughts, film.thoughts[-1])


@pytest.mark.parametrize("size", [1e-6, 1e6])
def test_numbers_too_small_or_large_for_half_precision_keep_theirs(opened, tmp_path, size):
    opened.save(0, size * random_thoughts())
    np.testing.assert_allclose(load(tmp_path).thoughts[0], size * random_thoughts(), rtol=1e-6)


def test_sixty_snapshots_of_400_long_thoughts_take_less_than_60_mb(tmp_path):
    opened = Snapshots(tmp_path, choose_probes(meanings(100, "en", "de", "fr", "cs")))
    path = opened.save(0, random_thoughts(rows=400, width=1024), {"nats": 1.0, "bleu": 2.0})
    assert 60 * path.stat().st_size < 60e6


def test_scores_that_were_not_saved_are_read_from_the_evaluations(opened, tmp_path):
    opened.save(0, random_thoughts(), {"nats": 9.0, "chrf": 1.0})
    records = [
        {"event": "progress", "step": 20, "bleu": 99},
        {"event": "evaluation", "step": 500, "is_averaged": True, "bleu": 11.5, "chrf": 30.0, "p_at_1": 0.9},
        {"event": "evaluation", "step": 700, "is_averaged": False, "bleu": 10.0},
    ]
    (tmp_path / "metrics.jsonl").write_text("\n".join(map(json.dumps, records)) + '\n{"event": "evalua')
    assert load(tmp_path).facts == {"bleu": {500: 11.5}, "chrf": {0: 1.0}, "p_at_1": {500: 0.9}, "nats": {0: 9.0}}


def test_a_resumed_run_forgets_what_came_after_and_keeps_its_probes(opened, tmp_path):
    for step in (0, 4, 5, 8):
        opened.save(step, random_thoughts(step))
    again = Snapshots(tmp_path, choose_probes(meanings(2, "xx", "yy")))  # of settings changed meanwhile
    assert again.texts == opened.texts
    again.forget_after(4)
    assert load(tmp_path).steps.tolist() == [0, 4]
    again.save(5, random_thoughts(5))
    assert load(tmp_path).steps.tolist() == [0, 4, 5]


def test_a_snapshot_is_replaced_whole_or_not_at_all(opened, tmp_path, monkeypatch):
    opened.save(4, random_thoughts(1))

    def fail(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots.os, "replace", fail)
    with pytest.raises(CheckpointError, match=r"cannot save .*00000004.npz: No space left on device"):
        opened.save(4, random_thoughts(2))
    monkeypatch.undo()
    np.testing.assert_allclose(load(tmp_path).thoughts[0], random_thoughts(1), atol=2e-3)
    assert sorted(path.name for path in (tmp_path / "snapshots").iterdir()) == ["00000004.npz", "probe.json"]


@pytest.mark.parametrize(("step", "thoughts", "got"), [
    (-1, np.ones((6, 2)), "step -1"),
    (0, np.ones((5, 2)), r"finite \(5, 2\)"),
    (0, np.ones(6), r"finite \(6,\)"),
    (0, np.full((6, 2), np.nan), r"NaN or infinite \(6, 2\)"),
])  # fmt: skip
def test_what_is_no_snapshot_is_refused(opened, step, thoughts, got):
    with pytest.raises(CheckpointError, match=rf"needs a step >= 0 and finite thoughts \(6, Z\).*{got}"):
        opened.save(step, thoughts)


def test_too_many_sentences_are_refused(tmp_path):
    with pytest.raises(CheckpointError, match="1 to 400 sentences, got 402"):
        probes = choose_probes(meanings(67, "en", "de", "fr", "cs", "es", "it"))
        Snapshots(tmp_path, probes.select(np.resize(np.arange(len(probes)), 402)))


def test_a_run_without_snapshots_says_so(tmp_path):
    with pytest.raises(CheckpointError, match="has no snapshots to make a film of: train it anew"):
        load(tmp_path)


def test_a_run_before_its_first_snapshot_says_so(opened, tmp_path):
    with pytest.raises(CheckpointError, match="holds no snapshots yet"):
        load(tmp_path)


@pytest.mark.parametrize("cut", [0, 10, 200, -30])
def test_a_damaged_snapshot_is_named(opened, tmp_path, cut):
    path = opened.save(4, random_thoughts())
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(CheckpointError, match=r"00000004.npz is damaged: .*; delete it, and the film will do without"):
        load(tmp_path)


def test_a_flipped_bit_is_noticed(opened, tmp_path):
    path = opened.save(4, random_thoughts(width=64))
    content = bytearray(path.read_bytes())
    content[300] ^= 4
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"00000004.npz is damaged"):
        load(tmp_path)


def test_a_snapshot_of_another_shape_is_named(opened, tmp_path):
    opened.save(0, random_thoughts(width=4))
    opened.save(1, random_thoughts(width=5))
    with pytest.raises(CheckpointError, match=r"00000001.npz holds thoughts \(6, 5\) of 6 sentences, unlike the rest"):
        load(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 1, "texts": ["a"], "languages": [], "meanings": [0]}']
)
def test_damaged_probes_are_named(opened, tmp_path, text):
    opened.save(0, random_thoughts())
    (tmp_path / "snapshots" / "probe.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"probe.json is damaged"):
        load(tmp_path)


def test_probes_of_a_newer_version_ask_for_an_upgrade(opened, tmp_path):
    path = tmp_path / "snapshots" / "probe.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))
    with pytest.raises(CheckpointError, match="has format 2, this version reads up to 1; upgrade"):
        load(tmp_path)


def test_inputs_are_not_changed(opened):
    thoughts = random_thoughts()
    thoughts.flags.writeable = False
    opened.save(0, thoughts)
