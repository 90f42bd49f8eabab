"""Thoughts in scikit-learn: conventions, what comes out, pipelines, copies and pickles, mistakes."""

from __future__ import annotations

import copy
import pickle
import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn
from phrases import sentences
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import check_is_fitted, validate_data

from thought.errors import CheckpointError, ThoughtError, TokenizerError
from thought.translator import Translator
from thought.vectorizer import InputError, ThoughtVectorizer

TEXTS = [text for pair in sentences()[:12] for text in pair]  # English and German in turn
LABELS = ["dog" if "dog" in text or "Hund" in text else "other" for pair in sentences() for text in pair]
WORDS = sorted({word for pair in sentences() for text in pair for word in text.split()})
ALL_TEXTS = [text for pair in sentences() for text in pair]

TABLES = "is handed a table of numbers, and expects it to be fitted; a table is no column of texts"
WORDING = "expects scikit-learn's wording about numbers in the message, where ours is about texts"
STATUSES = ("passed", "failed", "xfail", "skipped")
NEED_NUMBERS = {
    "check_fit_score_takes_y": TABLES,
    "check_estimators_overwrite_params": TABLES,
    "check_dont_overwrite_parameters": TABLES,
    "check_estimators_fit_returns_self": TABLES,
    "check_readonly_memmap_input": TABLES,
    "check_n_features_in_after_fitting": TABLES,
    "check_positive_only_tag_during_fit": TABLES,
    "check_estimators_dtypes": TABLES,
    "check_dtype_object": TABLES,
    "check_array_api_input": TABLES,
    "check_pipeline_consistency": TABLES,
    "check_estimators_pickle": TABLES,
    "check_f_contiguous_array_estimator": TABLES,
    "check_transformer_data_not_an_array": TABLES,
    "check_transformer_general": TABLES,
    "check_methods_sample_order_invariance": TABLES,
    "check_methods_subset_invariance": TABLES,
    "check_dict_unchanged": TABLES,
    "check_fit_idempotent": TABLES,
    "check_fit_check_is_fitted": TABLES,
    "check_n_features_in": TABLES,
    "check_fit2d_predict1d": TABLES,
    "check_complex_data": WORDING,
    "check_estimators_empty_data_messages": WORDING,
    "check_estimators_nan_inf": WORDING,
    "check_fit2d_1sample": WORDING,
    "check_fit2d_1feature": WORDING,
}


class OfferedTables(ThoughtVectorizer):
    """The vectorizer as it is, but scikit-learn is not told that it wants no tables: all checks are run."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        return tags


class SpelledNumbers(OfferedTables):
    """The vectorizer behind a table of numbers, each row of which is spelled as a sentence."""

    def fit(self, X: Any, y: Any = None) -> SpelledNumbers:
        return super().fit(spell(validate_data(self, X)), y)

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        return self.fit(X, y).transform(X)

    def transform(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return super().transform(spell(validate_data(self, X, reset=False)))


def spell(table: np.ndarray) -> list[str]:
    """Rows of numbers as rows of words, one word a number."""
    return [" ".join(WORDS[round(float(value) * 10) % len(WORDS)] for value in row) for row in table]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, saved_run: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with `runs/tiny`, a run of random weights."""
    shutil.copytree(saved_run, tmp_path / "runs" / "tiny")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def array_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this variable scikit-learn skips its check of array API dispatch."""
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")


def tiny(**parameters: Any) -> ThoughtVectorizer:
    return ThoughtVectorizer(run="tiny", **parameters)


def translator() -> Translator:
    return Translator.load("runs/tiny")


def unpickled(content: bytes) -> Any:
    return pickle.loads(content)  # noqa: S301 - our own bytes


def retrain(seed: int = 5) -> None:
    """Put other weights into the run."""
    translator().untrained(seed).save("runs/tiny")


# what scikit-learn checks


def checked(estimator: Any, expected: dict[str, str] | None = None) -> dict[str, set[str]]:
    """Status (passed, failed, xfail, skipped) -> names of scikit-learn's checks, none of which is left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the checks provoke warnings on purpose
        found = check_estimator(estimator, expected_failed_checks=expected, on_skip=None, on_fail=None)
    return {status: {check["check_name"] for check in found if check["status"] == status} for status in STATUSES}


@pytest.mark.filterwarnings("ignore:Can't test estimator:sklearn.exceptions.SkipTestWarning")
def test_check_estimator_passes_and_asks_little_of_an_estimator_of_texts() -> None:
    assert [check["check_name"] for check in check_estimator(tiny())] == ["check_estimator_cloneable"]


def test_every_check_passes_but_those_named_above_which_need_tables_of_numbers(array_api: None) -> None:
    found = checked(OfferedTables("tiny"), NEED_NUMBERS)
    assert found["xfail"] == set(NEED_NUMBERS) & set().union(*found.values())  # no more are named than must be
    assert not found["failed"] | found["skipped"]
    assert {"check_estimators_unfitted", "check_set_params", "check_fit1d"} <= found["passed"]


def test_every_check_passes_once_the_numbers_are_spelled_as_texts(array_api: None) -> None:
    found = checked(SpelledNumbers("tiny", language="en"))
    assert not found["failed"] | found["xfail"] | found["skipped"]
    assert {"check_estimators_pickle", "check_methods_subset_invariance", "check_fit_idempotent"} <= found["passed"]


def test_its_tags_are_those_of_an_estimator_of_texts() -> None:
    tags = tiny().__sklearn_tags__()
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.requires_fit
    assert not tags.target_tags.required


# what comes out


def test_thoughts_are_those_of_the_translator() -> None:
    thoughts = tiny(batch_size=5).fit(TEXTS).transform(TEXTS)
    assert thoughts.dtype == np.float32
    assert thoughts.shape == (24, 4)
    assert np.array_equal(thoughts, translator().encode(TEXTS, batch_size=5))


def test_fit_learns_nothing_from_the_texts() -> None:
    expected = tiny().fit(TEXTS).transform(TEXTS)
    assert np.array_equal(tiny().fit(["anything else"], [1]).transform(TEXTS), expected)


def test_fit_and_transform_at_once_take_a_generator_and_give_the_same() -> None:
    assert np.array_equal(tiny().fit_transform(iter(TEXTS), LABELS), tiny().fit(TEXTS).transform(iter(TEXTS)))


def test_normalized_thoughts_have_length_one_and_the_same_directions() -> None:
    thoughts, scaled = tiny().fit_transform(TEXTS), tiny(normalize=True).fit_transform(TEXTS)
    assert np.allclose(np.linalg.norm(scaled, axis=1), 1, atol=1e-5)
    assert np.allclose(thoughts / np.linalg.norm(thoughts, axis=1, keepdims=True), scaled, atol=1e-5)


def test_columns_have_names() -> None:
    vectorizer = tiny().fit(TEXTS)
    assert vectorizer.n_features_out_ == 4
    assert vectorizer.get_feature_names_out().tolist() == ["thought0", "thought1", "thought2", "thought3"]
    assert vectorizer.get_feature_names_out(["text"]).dtype == object


def test_several_vectors_a_sentence_stand_side_by_side(many_run: Path) -> None:
    vectorizer = ThoughtVectorizer(run=many_run, language="de")
    thoughts, known = vectorizer.fit_transform(TEXTS), Translator.load(many_run)
    assert thoughts.shape == (24, 3 * 4) == (24, len(vectorizer.get_feature_names_out()))
    assert np.array_equal(thoughts[:, 4:8], known.encode(TEXTS)[:, 1])
    assert vectorizer.inverse_transform(thoughts) == known.translate(TEXTS, "de")


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda texts: np.array(texts, dtype=object), iter])
def test_texts_come_in_any_column(kind: Any) -> None:
    vectorizer = tiny().fit(kind(TEXTS))
    assert np.array_equal(vectorizer.transform(kind(TEXTS)), translator().encode(TEXTS))


def test_weights_and_device_are_passed_on() -> None:
    other = translator().untrained(seed=9)
    other.save("other")
    shutil.copy("other/model.safetensors", "runs/tiny/last.safetensors")
    thoughts = tiny(weights="last", device="cpu").fit_transform(TEXTS)
    assert np.array_equal(thoughts, other.encode(TEXTS))
    assert not np.allclose(thoughts, tiny().fit_transform(TEXTS))


# and back


def test_thoughts_are_written_again() -> None:
    vectorizer = tiny(language="de").fit(TEXTS)
    assert vectorizer.inverse_transform(vectorizer.transform(TEXTS)) == translator().translate(TEXTS, "de")


def test_a_pipeline_writes_what_is_left_of_a_thought() -> None:
    pipeline = make_pipeline(tiny(language="en"), PCA(2)).fit(TEXTS)
    plane = pipeline.transform(TEXTS)
    rebuilt = pipeline[1].inverse_transform(plane)
    assert pipeline.inverse_transform(plane) == translator().decode(rebuilt, "en")


# pipelines


def test_a_pipeline_learns_from_thoughts_as_from_any_table() -> None:
    pipeline = make_pipeline(tiny(), LogisticRegression()).fit(ALL_TEXTS, LABELS)
    by_hand = LogisticRegression().fit(translator().encode(ALL_TEXTS), LABELS)
    assert pipeline.predict(TEXTS).tolist() == by_hand.predict(translator().encode(TEXTS)).tolist()
    assert pipeline[:-1].get_feature_names_out().tolist() == ["thought0", "thought1", "thought2", "thought3"]


@pytest.mark.parametrize("is_loaded", [False, True])
def test_settings_of_every_step_can_be_searched(is_loaded: bool) -> None:
    pipeline = Pipeline([("thoughts", tiny()), ("answer", LogisticRegression())])
    pipeline.set_params(thoughts__run=translator() if is_loaded else "runs/tiny")
    settings = {"thoughts__normalize": [False, True], "answer__C": [0.1, 10]}
    search = GridSearchCV(pipeline, settings, cv=2, error_score="raise").fit(ALL_TEXTS, LABELS)
    assert len(search.cv_results_["params"]) == 4
    assert set(search.predict(TEXTS)) <= {"dog", "other"}


@pytest.mark.slow
def test_processes_of_their_own_score_as_this_one_does() -> None:
    pipeline = make_pipeline(tiny(), LogisticRegression())
    alone = cross_val_score(pipeline, ALL_TEXTS, LABELS, cv=2, error_score="raise")
    assert np.array_equal(cross_val_score(pipeline, ALL_TEXTS, LABELS, cv=2, n_jobs=2, error_score="raise"), alone)


def test_a_column_of_a_table_is_named_without_brackets() -> None:
    table = np.array([["a dog runs.", "1"], ["a cat sleeps.", "2"]], dtype=object)
    columns = ColumnTransformer([("said", tiny(), 0)])
    assert np.array_equal(columns.fit_transform(table), translator().encode(["a dog runs.", "a cat sleeps."]))
    with pytest.raises(InputError, match=r'got ndarray of shape \(2, 1\).*"text" and not \["text"\]'):
        ColumnTransformer([("said", tiny(), [0])]).fit(table)


def test_data_are_not_taken_for_metadata() -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        vectorizer = tiny(language="de")
        assert not [name for name in dir(vectorizer) if name.startswith("set_") and name.endswith("_request")]
        pipeline = make_pipeline(vectorizer, LogisticRegression()).fit(texts := ALL_TEXTS, LABELS)
        assert len(pipeline.predict(texts)) == len(texts)


@pytest.mark.parametrize("is_at_once", [False, True])
def test_data_frames_keep_the_index_of_the_texts(is_at_once: bool) -> None:
    pandas = pytest.importorskip("pandas")
    texts = pandas.Series(["a dog runs.", "a cat sleeps."], index=[10, 20])
    vectorizer = tiny().set_output(transform="pandas")
    frame = vectorizer.fit_transform(texts) if is_at_once else vectorizer.fit(texts).transform(texts)
    assert frame.columns.tolist() == ["thought0", "thought1", "thought2", "thought3"]
    assert frame.index.tolist() == [10, 20]
    assert np.array_equal(frame.to_numpy(), translator().encode(list(texts)))


def test_fit_and_transform_at_once_wrap_the_result_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # A frame made of the list inside `fit_transform` would no longer know the index of the texts.
    vectorizer = tiny()
    monkeypatch.setattr(ThoughtVectorizer, "transform", lambda *_: pytest.fail("fit_transform went through transform"))
    assert vectorizer.fit_transform(TEXTS).shape == (24, 4)


# copies and pickles


def test_a_clone_has_the_parameters_and_nothing_else() -> None:
    parameters = {"batch_size": 3, "normalize": True, "device": "cpu", "weights": "best", "language": "de"}
    twin = clone(tiny(**parameters).fit(TEXTS))
    assert twin.get_params() == {"run": "tiny", **parameters}
    with pytest.raises(NotFittedError):
        twin.transform(TEXTS)


def test_a_clone_copies_a_translator_that_thinks_alike() -> None:
    given = translator()
    twin = clone(ThoughtVectorizer(given))
    assert twin.run is not given
    assert np.array_equal(twin.fit_transform(TEXTS), given.encode(TEXTS))


def test_a_loaded_translator_is_used_as_it_is() -> None:
    given = translator()
    assert ThoughtVectorizer(given, device="no such device", weights="last").fit(TEXTS).translator_ is given


@pytest.mark.parametrize("copied", [lambda one: unpickled(pickle.dumps(one)), copy.deepcopy])
@pytest.mark.parametrize("is_loaded", [False, True])
def test_a_copy_of_a_fitted_vectorizer_thinks_alike(copied: Any, is_loaded: bool) -> None:
    vectorizer = ThoughtVectorizer(translator() if is_loaded else "tiny", language="de").fit(TEXTS)
    expected = vectorizer.transform(TEXTS)
    twin = copied(vectorizer)
    assert np.array_equal(twin.transform(TEXTS), expected)
    assert twin.inverse_transform(expected) == vectorizer.inverse_transform(expected)


def test_a_pickle_holds_the_place_of_the_run_and_no_weights() -> None:
    vectorizer = tiny().fit(TEXTS)
    content = pickle.dumps(vectorizer)
    assert len(content) < 1_000 < len(pickle.dumps(ThoughtVectorizer(translator()).fit(TEXTS)))
    twin = unpickled(content)
    assert "translator_" in vars(vectorizer)  # pickling takes nothing away
    assert "translator_" not in vars(twin)
    assert twin.get_feature_names_out().tolist() == vectorizer.get_feature_names_out().tolist()
    assert twin.translator_ is twin.translator_  # loaded once


def test_a_pickle_is_good_in_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectorizer = tiny().fit(TEXTS)
    content, expected = pickle.dumps(vectorizer), vectorizer.transform(TEXTS)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert np.array_equal(unpickled(content).transform(TEXTS), expected)


def test_a_pickle_finds_a_run_that_has_moved_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectorizer = tiny().fit(TEXTS)
    content, expected = pickle.dumps(vectorizer), vectorizer.transform(TEXTS)
    (tmp_path / "server").mkdir()
    shutil.move("runs", "server/runs")
    monkeypatch.chdir(tmp_path / "server")
    assert np.array_equal(unpickled(content).transform(TEXTS), expected)
    shutil.move("runs/tiny", "renamed")
    with pytest.raises(CheckpointError, match="there is no run tiny"):
        unpickled(content).transform(TEXTS)
    assert np.array_equal(unpickled(content).set_params(run="renamed").transform(TEXTS), expected)


def test_a_pickle_refuses_a_run_that_has_other_weights_by_now() -> None:
    content = pickle.dumps(tiny().fit(TEXTS))
    retrain()
    with pytest.raises(CheckpointError, match="tiny has changed since this vectorizer was fitted; fit it again"):
        unpickled(content).transform(TEXTS)


def test_other_parameters_count_from_the_next_fit() -> None:
    vectorizer = tiny().fit(TEXTS)
    expected = vectorizer.transform(TEXTS)
    translator().untrained(seed=9).save("runs/other")
    vectorizer.set_params(run="other")
    assert np.array_equal(vectorizer.transform(TEXTS), expected)
    assert np.array_equal(unpickled(pickle.dumps(vectorizer)).transform(TEXTS), expected)
    assert not np.allclose(vectorizer.fit(TEXTS).transform(TEXTS), expected)


# mistakes


WRONG_TEXTS: list[tuple[Any, str]] = [
    ("a dog runs.", "expected a list of texts, got the single text 'a dog runs.'; put it in a list"),
    (b"a dog", "expected a list of texts, got the single text b'a dog'"),
    ("x" * 100, r"got the single text '" + "x" * 39 + r"\.\.\.; put"),
    (5, "expected a list of texts, got int"),
    (None, "expected a list of texts, got NoneType"),
    ({"text": "a dog"}, "expected a list of texts, got dict"),
    ([], "expected at least one text, got none"),
    (np.array([], dtype=object), "expected at least one text, got none"),
    (["a dog", None], r"text 1 is None \(NoneType\), expected a str; fill or drop missing texts"),
    (["a dog", float("nan")], r"text 1 is nan \(float\)"),
    ([1, 2], r"text 0 is 1 \(int\)"),
    ([b"a dog"], r"text 0 is b'a dog' \(bytes\)"),
    ([["a dog"]], r"text 0 is \['a dog'\] \(list\)"),
    (np.array([1.0, np.nan]), r"text 0 is .* \(float64\)"),
    (np.array([["a dog", "a cat"]]), r"expected one column of texts, got ndarray of shape \(1, 2\)"),
    (np.array("a dog"), r"expected one column of texts, got ndarray of shape \(\)"),
]


@pytest.mark.parametrize("method", ["fit", "transform", "fit_transform"])
@pytest.mark.parametrize(("texts", "message"), WRONG_TEXTS)
def test_what_is_no_column_of_texts_is_a_value_error(method: str, texts: Any, message: str) -> None:
    vectorizer = tiny().fit(TEXTS)
    with pytest.raises(ValueError, match=message) as caught:
        getattr(vectorizer, method)(texts)
    assert isinstance(caught.value, ThoughtError)


@pytest.mark.parametrize("method", ["transform", "inverse_transform", "get_feature_names_out"])
def test_nothing_works_before_fit(method: str) -> None:
    with pytest.raises(NotFittedError, match="This ThoughtVectorizer instance is not fitted yet"):
        getattr(tiny(), method)(TEXTS)


def test_an_attribute_there_is_not_is_named() -> None:
    with pytest.raises(AttributeError, match="'ThoughtVectorizer' object has no attribute 'translater_'"):
        _ = tiny().fit(TEXTS).translater_
    assert not hasattr(tiny(), "translator_")


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"run": "tini"}, CheckpointError, r"there is no run tini; did you mean tiny\?"),
        ({"batch_size": 0}, ThoughtError, "batch_size must be at least 1, got 0"),
        ({"language": "dee"}, TokenizerError, r"unknown language dee; did you mean de\?"),
        ({"weights": "lst"}, CheckpointError, r"unknown weights lst; did you mean last\?"),
        ({"device": "abacus"}, ThoughtError, "unknown device abacus"),
    ],
)
def test_wrong_parameters_are_named_by_fit_and_not_before(
    parameters: dict[str, Any], error: type[Exception], message: str
) -> None:
    vectorizer = tiny().set_params(**parameters)
    with pytest.raises(error, match=message):
        vectorizer.fit(TEXTS)
    assert not hasattr(vectorizer, "n_features_out_")


def test_a_model_without_thoughts_cannot_be_fitted(attention_run: Path) -> None:
    with pytest.raises(ThoughtError, match="there is no thought to encode"):
        ThoughtVectorizer(run=attention_run).fit(TEXTS)


@pytest.mark.parametrize(
    ("parameters", "thoughts", "message"),
    [
        ({}, np.zeros((2, 4)), "needs a language to write: set language to one of de, en"),
        ({"language": "de", "normalize": True}, np.zeros((2, 4)), "scaled to length 1 .*normalize=False"),
        ({"language": "de"}, np.zeros((2, 3)), r"thoughts of this run have shape \(N, 4\), got \(2, 3\)"),
        ({"language": "de"}, np.zeros(4), r"have shape \(N, 4\), got \(4,\)"),
        ({"language": "de"}, [["a", "b"]], "thoughts must be an array of numbers: could not convert"),
        ({"language": "de"}, [[0, 0, np.nan, 0]], "thoughts must be finite numbers, got NaN or infinity"),
    ],
)
def test_what_cannot_be_written_is_a_value_error(parameters: dict[str, Any], thoughts: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tiny(**parameters).fit(TEXTS).inverse_transform(thoughts)
