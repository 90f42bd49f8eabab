"""Thoughts in files come back bit for bit; whatever is not a thought is named."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thought import vectors
from thought.errors import ThoughtError
from thought.vectors import choose_format, read_thoughts, write_lines, write_npy

THOUGHTS = np.arange(12, dtype=np.float32).reshape(6, 2) / 7


def as_array(name: Path | str, width: tuple[int, ...] = (2,)) -> np.ndarray:
    chunks = list(read_thoughts(str(name), width))
    return np.concatenate(chunks) if chunks else np.empty((0, *width), np.float32)


def test_a_growing_npy_file_is_what_numpy_would_have_written(tmp_path: Path) -> None:
    path = tmp_path / "thoughts.npy"
    with path.open("wb") as stream:
        assert write_npy(stream, [THOUGHTS[:4], THOUGHTS[4:]], (2,)) == 6
    np.testing.assert_array_equal(np.load(path), THOUGHTS)
    expected = io.BytesIO()
    np.save(expected, THOUGHTS)
    assert path.read_bytes() == expected.getvalue()


@pytest.mark.parametrize("width", [(2,), (3, 4)])
def test_no_thoughts_are_an_empty_array_of_the_right_width(tmp_path: Path, width: tuple[int, ...]) -> None:
    path = tmp_path / "thoughts.npy"
    with path.open("wb") as stream:
        write_npy(stream, [], width)
    assert np.load(path).shape == (0, *width)
    assert as_array(path, width).shape == (0, *width)


@given(arrays(np.float32, (3, 2), elements=st.floats(width=32, allow_nan=False, allow_infinity=False)))
def test_every_way_through_a_file_gives_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory, thoughts: np.ndarray
) -> None:
    folder = tmp_path_factory.mktemp("vectors")
    for form in ("tsv", "jsonl"):
        path = folder / f"thoughts.{form}"
        with path.open("wb") as stream:
            write_lines(stream, ["a", "b", "c"], thoughts, form)
        np.testing.assert_array_equal(as_array(path), thoughts)


def test_several_vectors_a_sentence_keep_their_shape(tmp_path: Path) -> None:
    thoughts = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    for form in ("tsv", "jsonl"):
        path = tmp_path / f"thoughts.{form}"
        with path.open("wb") as stream:
            write_lines(stream, ["a", "b"], thoughts, form)
        np.testing.assert_array_equal(as_array(path, (3, 4)), thoughts)


def test_json_lines_have_the_text_beside_the_numbers() -> None:
    stream = io.BytesIO()
    write_lines(stream, ["schläft\t🙂"], THOUGHTS[:1], "jsonl")
    record = json.loads(stream.getvalue())
    assert record["text"] == "schläft\t🙂"
    assert len(record["thought"]) == 2


def test_a_large_file_is_read_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "CHUNK", 4)
    np.save(tmp_path / "thoughts.npy", THOUGHTS)
    assert [len(chunk) for chunk in read_thoughts(str(tmp_path / "thoughts.npy"), (2,))] == [4, 2]


def test_rows_are_counted_over_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "CHUNK", 4)
    thoughts = THOUGHTS.copy()
    thoughts[5] = np.inf
    np.save(tmp_path / "thoughts.npy", thoughts)
    with pytest.raises(ThoughtError, match="row 6 has numbers that are not finite"):
        as_array(tmp_path / "thoughts.npy")


def test_other_number_types_become_float32(tmp_path: Path) -> None:
    np.save(tmp_path / "thoughts.npy", THOUGHTS.astype(np.float64))
    found = as_array(tmp_path / "thoughts.npy")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, THOUGHTS)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 5), np.float32), "have the shape (3, 5), expected (N, 2)"),
        (np.zeros(2, np.float32), "have the shape (2,), expected (N, 2)"),
        (np.zeros((3, 1, 2), np.float32), "have the shape (3, 1, 2), expected (N, 2)"),
        (np.zeros((3, 2), np.complex64), "are of type complex64, expected float32"),
        (np.array([["a", "b"]]), "are of type <U1, expected float32"),
        (np.array([[1, 2], [3, np.nan]]), "row 2 has numbers that are not finite"),
        (np.array([[1, 1e300]]), "row 1 has numbers that are not finite"),
    ],
)
def test_arrays_that_are_no_thoughts_are_named(tmp_path: Path, array: np.ndarray, message: str) -> None:
    path = tmp_path / "thoughts.npy"
    np.save(path, array)
    with pytest.raises(ThoughtError) as caught:
        as_array(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


class Trap:
    """Would say so if it were ever unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemError('executed')",)


def test_a_npy_file_with_code_in_it_is_refused_and_not_executed(tmp_path: Path) -> None:
    path = tmp_path / "thoughts.npy"
    np.save(path, np.array([[Trap(), Trap()]], dtype=object), allow_pickle=True)
    with pytest.raises(ThoughtError, match="holds pickled objects"):
        as_array(path)
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ThoughtError, match="pickled|damaged"):
        as_array(path)


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00v\x00{'descr'", b"text"])
def test_a_damaged_npy_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thoughts.npy"
    path.write_bytes(content)
    with pytest.raises(ThoughtError, match="thoughts.npy"):
        as_array(path)


def test_a_npy_file_that_was_cut_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "thoughts.npy"
    np.save(path, THOUGHTS)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ThoughtError, match="damaged, cut off or no"):
        as_array(path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1\t2\t3", "line 2: 3 numbers, expected 2"),
        ("", "line 2: expected numbers between tabs"),
        ("1\tx", "line 2: expected numbers between tabs"),
        ('{"vector": [1, 2]}', "line 2: expected numbers between tabs, or JSON"),
        ('{"thought": [1, ', "line 2: expected numbers between tabs, or JSON"),
        ('{"thought": [[1], 2]}', "line 2: expected numbers between tabs, or JSON"),
        ("1\tnan", "row 2 has numbers that are not finite"),
    ],
)
def test_lines_that_are_no_thoughts_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "thoughts.tsv"
    path.write_text(f"1\t2\n{line}\n", "utf-8")
    with pytest.raises(ThoughtError) as caught:
        as_array(path)
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ThoughtError, match=r"cannot read .*nowhere\.npy: No such file"):
        as_array(tmp_path / "nowhere.npy")


@pytest.mark.parametrize(
    ("name", "wanted", "form"),
    [
        ("x.npy", None, "npy"),
        ("x.jsonl", None, "jsonl"),
        (None, None, "tsv"),
        ("-", None, "tsv"),
        ("x.npy", "tsv", "tsv"),
        ("x", "npy", "npy"),
    ],
)
def test_the_format_follows_the_name_unless_given(name: str | None, wanted: str | None, form: str) -> None:
    assert choose_format(name, wanted) == form


@pytest.mark.parametrize(
    ("name", "wanted", "message"), [("x.pt", None, "cannot tell"), ("x", "npz", "did you mean npy")]
)
def test_an_unknown_format_is_an_error(name: str, wanted: str | None, message: str) -> None:
    with pytest.raises(ThoughtError, match=message):
        choose_format(name, wanted)
