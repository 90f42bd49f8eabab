"""Text to thought to text: the object people use."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
import torch
from worlds import LANGUAGES, toy_texts, toy_tokenizer, toy_translator

from thought.errors import ThoughtError
from thought.tokenizer import END
from thought.translator import Translator, resolve_device, resolve_precision

TEXTS = toy_texts(8)
MANY = ("model.bottleneck=3", "model.pooling=attention")
NONE = ("model.bottleneck=none",)
KINDS = [(), ("model.encoder=transformer", "model.decoder=transformer"), MANY]
SHORT = 6  # tokens at most: a random model never ends


@pytest.mark.parametrize("overrides", KINDS)
@pytest.mark.parametrize(
    "search",
    [{}, {"beam": 3, "length_penalty": 0.5}, {"beam": 3, "reconstruction": 2.0}, {"temperature": 1.0, "seed": 3}],
)
def test_to_translate_is_to_decode_what_was_encoded(overrides: tuple[str, ...], search: dict[str, float]) -> None:
    translator = toy_translator(*overrides)
    translated = translator.translate(TEXTS, "bb", longest=SHORT, **search)
    assert translated == translator.decode(translator.encode(TEXTS), "bb", longest=SHORT, **search)
    assert any(translated)


@pytest.mark.parametrize("overrides", KINDS)
def test_reconstruction_chooses_of_the_beam_what_reads_most_like_the_thought(overrides: tuple[str, ...]) -> None:
    translator = toy_translator(*overrides)
    thoughts = translator.encode(TEXTS)
    flat = thoughts.reshape(len(thoughts), -1)

    def cosines(weight: float) -> np.ndarray:
        written = translator.decode(thoughts, "bb", beam=4, reconstruction=weight, longest=SHORT)
        again = translator.encode(written).reshape(flat.shape)
        return (again * flat).sum(1) / np.linalg.norm(again, axis=1) / np.linalg.norm(flat, axis=1)

    plain, faithful = cosines(0.0), cosines(1e6)
    assert (faithful >= plain - 1e-5).all()
    assert (faithful > plain + 1e-3).any()


def test_reconstruction_needs_a_thought() -> None:
    with pytest.raises(ThoughtError, match="there is no thought"):
        toy_translator(*NONE).translate(TEXTS, "bb", beam=2, reconstruction=1.0, longest=SHORT)


@pytest.mark.parametrize("overrides", [*KINDS, NONE])
@pytest.mark.parametrize("batch_size", [1, 5, 100])
def test_the_order_is_kept_whatever_the_batch_size(overrides: tuple[str, ...], batch_size: int) -> None:
    translator = toy_translator(*overrides)
    alone = [translator.translate(text, "cc", longest=SHORT)[0] for text in TEXTS]
    assert translator.translate(TEXTS, "cc", longest=SHORT, batch_size=batch_size) == alone
    back = translator.translate(TEXTS[::-1], "cc", longest=SHORT, batch_size=batch_size)
    assert back == alone[::-1]


@pytest.mark.parametrize("overrides", KINDS)
def test_a_thought_is_the_same_in_any_batch(overrides: tuple[str, ...]) -> None:
    translator = toy_translator(*overrides)
    thoughts = translator.encode(TEXTS)
    assert thoughts.dtype == np.float32
    assert thoughts.shape == ((8, 3, 12) if overrides == MANY else (8, 12))
    for batch_size in (1, 5):
        np.testing.assert_allclose(translator.encode(TEXTS, batch_size=batch_size), thoughts, rtol=1e-5, atol=1e-5)


def test_thoughts_do_not_depend_on_the_language_to_write() -> None:
    assert "to" not in inspect.signature(Translator.encode).parameters
    translator = toy_translator()
    written = [translator.translate(TEXTS, language, longest=SHORT) for language in LANGUAGES]
    assert len({tuple(texts) for texts in written}) == 3


def test_each_sentence_may_have_its_own_language() -> None:
    translator = toy_translator()
    languages = [LANGUAGES[index % 3] for index in range(8)]
    mixed = translator.translate(TEXTS, languages, longest=SHORT, batch_size=5)
    expected = [translator.translate(text, to, longest=SHORT)[0] for text, to in zip(TEXTS, languages, strict=True)]
    assert mixed == expected


@pytest.mark.parametrize("overrides", [(), NONE])
def test_empty_strings_and_empty_lists_are_allowed(overrides: tuple[str, ...]) -> None:
    translator = toy_translator(*overrides)
    assert translator.translate([], "aa") == []
    written = translator.translate(["", "rabe", " "], "aa", longest=SHORT)
    assert len(written) == 3
    assert written[0] == written[2]
    assert translator.score([], [], "aa").shape == (0,)
    assert np.isfinite(translator.score(["", "rabe"], ["rabe", ""], "aa")).all()


def test_empty_inputs_give_finite_thoughts_and_no_rows() -> None:
    translator = toy_translator()
    assert np.isfinite(translator.encode(["", "rabe"])).all()
    assert translator.encode([]).shape == (0, 12)
    assert translator.decode(np.zeros((0, 12)), "aa") == []


def test_a_single_string_gives_a_single_thought() -> None:
    translator = toy_translator()
    thought = translator.encode(TEXTS[0])
    assert thought.shape == (12,)
    np.testing.assert_allclose(thought, translator.encode(TEXTS)[0], rtol=1e-5, atol=1e-5)
    assert toy_translator(*MANY).encode(TEXTS[0]).shape == (3, 12)
    assert translator.translate(TEXTS[0], "aa", longest=SHORT) == translator.translate(TEXTS[:1], "aa", longest=SHORT)


def test_thoughts_can_be_normalised() -> None:
    translator = toy_translator()
    plain, unit = translator.encode(TEXTS), translator.encode(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), np.ones(8), rtol=1e-6)
    np.testing.assert_allclose(unit, plain / np.linalg.norm(plain, axis=1, keepdims=True), rtol=1e-5, atol=1e-6)


def test_thoughts_can_be_had_as_a_tensor() -> None:
    translator = toy_translator()
    tensor = translator.encode(TEXTS, convert_to_tensor=True)
    assert isinstance(tensor, torch.Tensor)
    assert not tensor.requires_grad
    assert np.array_equal(tensor.numpy(), translator.encode(TEXTS))
    assert translator.decode(tensor, "aa", longest=SHORT) == translator.translate(TEXTS, "aa", longest=SHORT)


def test_a_progress_bar_stays_off_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    toy_translator().encode(TEXTS, batch_size=5, show_progress_bar=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Batches" in captured.err


@pytest.mark.parametrize("overrides", [*KINDS, NONE])
def test_a_score_is_the_sum_of_log_chances_of_the_targets_tokens_and_its_end(overrides: tuple[str, ...]) -> None:
    translator = toy_translator(*overrides)
    targets = toy_texts(11)[3:]
    scores = translator.score(TEXTS, targets, "bb", batch_size=5)
    tokenizer, model = translator.tokenizer, translator.model
    for text, target, score in zip(TEXTS, targets, scores, strict=True):
        source = [*tokenizer.encode([text])[0], END]
        ids = [*tokenizer.encode([target])[0], END]
        target_in = torch.tensor([[tokenizer.tag("bb"), *ids[:-1]]])
        with torch.inference_mode():
            chances = model(torch.tensor([source]), torch.tensor([len(source)]), target_in)[0].log_softmax(dim=-1)
        assert score == pytest.approx(sum(float(chances[at, token]) for at, token in enumerate(ids)), abs=1e-3)
        assert score < 0


@pytest.mark.parametrize("overrides", KINDS)
@pytest.mark.parametrize("batch_size", [3, 100])
def test_a_sentence_and_its_thought_score_the_same(overrides: tuple[str, ...], batch_size: int) -> None:
    translator = toy_translator(*overrides)
    targets, languages = toy_texts(11)[3:], [LANGUAGES[index % 3] for index in range(8)]
    expected = translator.score(TEXTS, targets, languages)
    thoughts = translator.encode(TEXTS)
    before = thoughts.copy()
    for given in (thoughts, thoughts.tolist(), torch.tensor(thoughts)):
        scores = translator.score(given, targets, languages, batch_size=batch_size)
        np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-4)
    assert np.array_equal(thoughts, before)
    assert translator.score(thoughts[:0], [], "aa").shape == (0,)


def test_another_thought_gives_another_score() -> None:
    translator = toy_translator()
    thoughts = translator.encode(TEXTS)
    assert not np.allclose(translator.score(thoughts[::-1].copy(), TEXTS, "aa"), translator.score(TEXTS, TEXTS, "aa"))


def test_tokens_are_counted_as_score_sums_them() -> None:
    translator = toy_translator()
    with torch.no_grad():
        translator.model.embedding.weight.zero_()  # every token is as likely as any other
        translator.model.decoder.output.bias.zero_()
    counts = translator.token_counts([*TEXTS, ""])
    assert counts.dtype == np.int64
    assert counts.tolist() == [len(row) + 1 for row in translator.tokenizer.encode([*TEXTS, ""])]
    bits = -translator.score(TEXTS, TEXTS, "aa").sum() / translator.token_counts(TEXTS).sum() / np.log(2)
    assert bits == pytest.approx(np.log2(translator.tokenizer.vocabulary_size))
    assert translator.token_counts([]).shape == (0,)


@pytest.mark.parametrize("overrides", [*KINDS, NONE])
def test_an_untrained_translator_has_the_same_shape_and_other_weights(overrides: tuple[str, ...]) -> None:
    translator = toy_translator(*overrides)
    before = torch.random.get_rng_state()
    fresh, again, other = translator.untrained(), translator.untrained(), translator.untrained(seed=2)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert (fresh.config, fresh.tokenizer, fresh.precision) == (
        translator.config,
        translator.tokenizer,
        translator.precision,
    )
    assert fresh.step == 0
    weights = [dict(one.model.named_parameters()) for one in (translator, fresh, again, other)]
    for name, weight in weights[0].items():
        assert weights[1][name].shape == weight.shape
        assert torch.equal(weights[1][name], weights[2][name])
    assert not torch.equal(weights[0]["embedding.weight"], weights[1]["embedding.weight"])
    assert not torch.equal(weights[1]["embedding.weight"], weights[3]["embedding.weight"])
    assert len(fresh.translate(TEXTS, "aa", longest=SHORT)) == 8


def test_a_translator_saved_and_loaded_is_the_one_in_memory(tmp_path: Path) -> None:
    for index, overrides in enumerate([*KINDS, NONE]):
        translator, folder = toy_translator(*overrides), tmp_path / str(index)
        translator.save(folder)
        loaded = Translator.load(folder, device="cpu", precision="float32")
        assert (loaded.config, loaded.languages, loaded.step) == (translator.config, LANGUAGES, 7)
        assert loaded.translate(TEXTS, "aa", longest=SHORT) == translator.translate(TEXTS, "aa", longest=SHORT)
        if overrides != NONE:
            assert np.array_equal(loaded.encode(TEXTS), translator.encode(TEXTS))
        assert np.array_equal(loaded.score(TEXTS, TEXTS, "aa"), translator.score(TEXTS, TEXTS, "aa"))


def test_a_translator_drops_nothing_even_if_its_model_was_training() -> None:
    translator = toy_translator("model.dropout=0.5")
    expected = translator.encode(TEXTS)
    for use in (translator.encode, lambda texts: translator.score(texts, texts, "aa")):
        translator.model.train()
        first = use(TEXTS)
        translator.model.train()
        assert np.array_equal(first, use(TEXTS))
    assert np.array_equal(translator.encode(TEXTS), expected)
    translator.model.train()
    written = translator.decode(expected, "aa", longest=SHORT)
    assert written == translator.decode(expected, "aa", longest=SHORT)


def test_nothing_but_words_is_written() -> None:
    translator = toy_translator()
    with torch.no_grad():
        translator.model.decoder.output.bias[: END + 1 + len(LANGUAGES)] = 50.0  # pad, unknown, end, tags
        translator.model.decoder.output.bias[END] = -50.0
    tokenizer = translator.tokenizer
    for search in ({}, {"beam": 3}, {"temperature": 2.0}):
        for text in translator.translate(TEXTS, "aa", longest=SHORT, **search):
            assert "⁇" not in text
            assert all(tag not in text for tag in ("<2", "<pad>", "<unk>"))
    assert set(tokenizer.tags) == set(LANGUAGES)


def test_a_longer_limit_than_that_of_training_may_be_asked_for() -> None:
    translator = toy_translator("data.longest=5")
    with torch.no_grad():
        translator.model.decoder.output.bias[END] = -50.0
    lengths = []
    for longest in (0, 3, 12):
        writes: list[int] = []
        step = translator.model.decoder.step
        translator.model.decoder.step = lambda *given, step=step, writes=writes: (writes.append(1), step(*given))[1]
        translator.translate(TEXTS[:1], "aa", longest=longest)
        del translator.model.decoder.step
        lengths.append(len(writes))
    assert lengths == [5, 3, 12]


def test_samples_of_one_thought_differ_beyond_a_batch() -> None:
    translator = toy_translator()
    thoughts = np.repeat(translator.encode(TEXTS[:1]), 8, axis=0)
    sampled = translator.decode(thoughts, "aa", temperature=2.0, longest=SHORT, batch_size=4)
    assert len(set(sampled)) == 8
    assert sampled == translator.decode(thoughts, "aa", temperature=2.0, longest=SHORT, batch_size=4)


def test_lists_of_any_kind_of_number_are_thoughts() -> None:
    translator = toy_translator()
    thoughts = translator.encode(TEXTS[:2])
    expected = translator.decode(thoughts, "aa", longest=SHORT)
    assert translator.decode(thoughts.tolist(), "aa", longest=SHORT) == expected
    assert translator.decode(thoughts.astype(np.float64)[:, ::-1][:, ::-1], "aa", longest=SHORT) == expected


def test_decoding_leaves_its_input_alone() -> None:
    translator = toy_translator()
    thoughts = translator.encode(TEXTS)
    before = thoughts.copy()
    translator.decode(thoughts, "aa", longest=SHORT, beam=2)
    assert np.array_equal(thoughts, before)


def test_without_a_bottleneck_there_is_no_thought() -> None:
    translator = toy_translator(*NONE)
    assert len(translator.translate(TEXTS, "aa", longest=SHORT, beam=2)) == 8
    with pytest.raises(ThoughtError, match='bottleneck = "none"'):
        translator.encode(TEXTS)
    with pytest.raises(ThoughtError, match='bottleneck = "none"'):
        translator.decode(np.zeros((1, 12)), "aa")


def test_devices_and_precisions_are_resolved() -> None:
    cpu = torch.device("cpu")
    assert resolve_device("cpu") == cpu
    assert resolve_device("auto").type in ("cpu", "cuda")
    assert resolve_precision("float32", cpu) == torch.float32
    assert resolve_precision("bfloat16", cpu) == torch.bfloat16
    assert resolve_precision("auto", cpu) in (torch.float32, torch.bfloat16)
    with pytest.raises(ThoughtError, match="unknown device gpu; known: auto, cpu, cuda"):
        resolve_device("gpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_cuda_device_that_is_not_there_says_so() -> None:
    with pytest.raises(ThoughtError, match="torch sees no CUDA device; use device auto or cpu"):
        resolve_device("cuda:1")


def test_in_half_precision_thoughts_stay_float32_and_near() -> None:
    exact = toy_translator()
    rough = Translator(exact.model, toy_tokenizer(), exact.config, precision="bfloat16")
    thoughts = rough.encode(TEXTS)
    assert thoughts.dtype == np.float32
    cosines = (thoughts * exact.encode(TEXTS)).sum(axis=1) / 12  # thoughts have variance one
    assert cosines.min() > 0.99
    assert rough.translate(TEXTS, "aa", longest=SHORT) == rough.decode(thoughts, "aa", longest=SHORT)
