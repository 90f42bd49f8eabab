from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from thought.errors import ScoringError, ThoughtError
from thought.exports import write_atlas, write_csv, write_json, write_tensorboard
from thought.space import Space

TEXTS = (
    "Ein Hund, der „bellt“.",
    'She said "no", twice;\nthen left.',
    "一只狗在雪地里跑。\t犬",
    "=SUM(A1:A9)",
    "a lone\rreturn and \u2028 one more",
    "",
    "  spaces  ",
    "null",
)
LANGUAGES = ("de", "en", "zh", "en", "en", "cs", "cs", "en")


@pytest.fixture
def space() -> Space:
    thoughts = np.random.default_rng(1).normal(size=(8, 5)).astype(np.float32)
    return Space(TEXTS, LANGUAGES, np.array([0, 0, 0, 3, 3, 2**40, -1, 7]), thoughts)


@pytest.fixture
def points() -> np.ndarray:
    return np.random.default_rng(2).normal(size=(8, 2)) * 10.0 ** np.arange(-4, 4)[:, None]


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


# CSV and JSON


@pytest.mark.parametrize("dimensions", [2, 3])
def test_csv_comes_back_whole(tmp_path, space, dimensions):
    points = np.random.default_rng(3).normal(size=(8, dimensions))
    path = write_csv(tmp_path / "map.csv", space, points)
    header, *rows = read_csv(path)
    assert header == ["text", "language", "meaning", "x", "y", "z"][: 3 + dimensions]
    assert tuple(row[0] for row in rows) == space.texts
    assert tuple(row[1] for row in rows) == space.languages
    assert [int(row[2]) for row in rows] == space.meanings.tolist()
    assert np.array_equal(np.array([row[3:] for row in rows], dtype=float), points)  # to the last bit


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_any_text_comes_back_from_csv_and_json(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("any")
    space = Space(tuple(texts), ("en",) * len(texts), np.arange(len(texts)), np.ones((len(texts), 1)))
    points = np.zeros((len(texts), 2))
    assert [row[0] for row in read_csv(write_csv(folder / "a", space, points))[1:]] == texts
    assert [row["text"] for row in json.loads(write_json(folder / "b", space, points).read_text("utf-8"))] == texts


def test_json_comes_back_whole(tmp_path, space, points):
    found = json.loads(write_json(tmp_path / "map.json", space, points).read_text("utf-8"))
    assert list(found[0]) == ["text", "language", "meaning", "x", "y", "thought"]
    assert tuple(row["text"] for row in found) == space.texts
    assert [row["meaning"] for row in found] == space.meanings.tolist()
    assert np.array_equal([[row["x"], row["y"]] for row in found], points)
    assert np.array_equal(np.array([row["thought"] for row in found], dtype=np.float32), space.thoughts)


@given(hnp.arrays(np.float32, (3, 40), elements=st.floats(allow_nan=False, allow_infinity=False, width=32)))
def test_every_thought_comes_back_to_the_last_bit(tmp_path_factory, thoughts):
    space = Space(("a", "b", "c"), ("en",) * 3, np.arange(3), thoughts)
    folder = tmp_path_factory.mktemp("bits")
    found = json.loads(write_json(folder / "a", space, np.zeros((3, 2))).read_text("utf-8"))
    assert np.array_equal(np.array([row["thought"] for row in found], dtype=np.float32), thoughts)
    tensors = write_tensorboard(folder, space)[0]
    assert np.array_equal(np.loadtxt(tensors, delimiter="\t", dtype=np.float32), thoughts)


def test_nine_digits_tell_neighbouring_numbers_apart(tmp_path):
    numbers = np.random.default_rng(6).uniform(1, 2, size=(1, 3000)).astype(np.float32)
    tensors = write_tensorboard(tmp_path, Space(("a",), ("en",), np.arange(1), numbers * 1000))[0]
    assert np.array_equal(np.loadtxt(tensors, delimiter="\t", dtype=np.float32), (numbers * 1000)[0])


def test_json_without_thoughts_has_none(tmp_path, space, points):
    path = write_json(tmp_path / "map.json", space, points, with_thoughts=False)
    assert list(json.loads(path.read_text("utf-8"))[0]) == ["text", "language", "meaning", "x", "y"]
    assert "一只狗" in path.read_text("utf-8")  # as it is, for people


def test_thoughts_of_double_precision_come_back_to_the_last_bit(tmp_path, space, points):
    precise = space.with_thoughts(np.random.default_rng(4).normal(size=(8, 3)) / 3)
    found = json.loads(write_json(tmp_path / "map.json", precise, points).read_text("utf-8"))
    assert np.array_equal([row["thought"] for row in found], precise.thoughts)
    tensors = write_tensorboard(tmp_path, precise)[0]
    assert np.array_equal(np.loadtxt(tensors, delimiter="\t"), precise.thoughts)


# TensorBoard


def projector_metadata(content: str) -> list[dict[str, str]]:
    """Read metadata as the projector does: names if the first line has a tab, blank lines skipped, no quotes."""
    names, rows = ["label"], []
    for number, line in enumerate(line for line in content.split("\n") if line.strip()):
        if number == 0 and "\t" in line:
            names = line.split("\t")
            continue
        rows.append(dict(zip(names, line.split("\t"), strict=True)))
    return rows


def test_the_projector_reads_a_row_of_metadata_for_each_tensor(tmp_path, space):
    tensors, metadata, config = write_tensorboard(tmp_path / "logs" / "run", space)
    numbers = [line.strip().split("\t") for line in tensors.read_text("utf-8").split("\n") if line.strip()]
    assert np.array_equal(np.array(numbers, dtype=np.float32), space.thoughts)
    rows = projector_metadata(metadata.read_text("utf-8"))
    assert list(rows[0]) == ["text", "language", "meaning"]
    assert len(rows) == len(numbers) == 8
    assert [row["text"] for row in rows[:3]] == [TEXTS[0], 'She said "no", twice; then left.', "一只狗在雪地里跑。 犬"]
    assert rows[4]["text"] == "a lone return and   one more"
    assert tuple(row["language"] for row in rows) == LANGUAGES
    assert [int(row["meaning"]) for row in rows] == space.meanings.tolist()
    assert config.read_text("utf-8").split() == [
        *("embeddings", "{", "tensor_name:", '"thoughts"', "tensor_path:", '"tensors.tsv"'),
        *("metadata_path:", '"metadata.tsv"', "}"),
    ]
    assert {path.name for path in config.parent.iterdir()} == {"tensors.tsv", "metadata.tsv", "projector_config.pbtxt"}


def test_no_kind_of_line_break_is_left_to_the_projector(tmp_path):
    texts = tuple(f"a{mark}b" for mark in "\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")
    space = Space(texts, ("en",) * 11, np.arange(11), np.ones((11, 2)))
    content = write_tensorboard(tmp_path, space)[1].read_text("utf-8")
    assert content.count("\n") == len(content.splitlines()) == 12
    assert content.count("a b\ten\t") == 11


def test_points_can_take_the_place_of_thoughts(tmp_path, space, points):
    tensors = write_tensorboard(tmp_path, space, points)[0]
    assert np.array_equal(np.loadtxt(tensors, delimiter="\t"), points)


def test_thoughts_of_one_number_are_refused(tmp_path, space):
    with pytest.raises(ScoringError, match="at least 2 numbers, got 1"):
        write_tensorboard(tmp_path, space.with_thoughts(np.ones((8, 1))))


# embedding-atlas


@pytest.mark.parametrize("dimensions", [2, 3])
def test_parquet_comes_back_whole(tmp_path, space, dimensions):
    parquet = pytest.importorskip("pyarrow.parquet")
    points = np.random.default_rng(5).normal(size=(8, dimensions))
    table = parquet.read_table(write_atlas(tmp_path / "map.parquet", space, points, neighbours=3))
    assert table.column_names == [*["text", "language", "meaning", "x", "y", "z"][: 3 + dimensions], "neighbors"]
    assert tuple(table["text"].to_pylist()) == space.texts
    assert tuple(table["language"].to_pylist()) == space.languages
    assert table["meaning"].to_pylist() == space.meanings.tolist()
    assert np.array_equal(np.stack([table[axis].to_numpy() for axis in "xyz"[:dimensions]], axis=1), points)


def test_neighbours_are_those_of_the_cosine_nearest_first(tmp_path, space, points):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(write_atlas(tmp_path / "map.parquet", space, points, neighbours=3))
    units = space.thoughts / np.linalg.norm(space.thoughts, axis=1, keepdims=True)
    distances = 1 - units @ units.T
    for row, found in enumerate(table["neighbors"].to_pylist()):
        others = [other for other in np.argsort(distances[row]).tolist() if other != row][:3]
        assert list(found) == ["ids", "distances"]
        assert found["ids"] == others
        assert found["distances"] == pytest.approx(distances[row, others].tolist(), abs=1e-6)


def test_no_neighbours_are_no_column_and_a_single_sentence_has_none(tmp_path, space, points):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(write_atlas(tmp_path / "a", space, points, neighbours=0))
    assert table.column_names == ["text", "language", "meaning", "x", "y"]
    one = parquet.read_table(write_atlas(tmp_path / "b", space.select([2]), points[:1]))
    assert one["neighbors"].to_pylist() == [{"ids": [], "distances": []}]
    three = parquet.read_table(write_atlas(tmp_path / "c", space.select([0, 1, 2]), points[:3]))
    assert [len(found["ids"]) for found in three["neighbors"].to_pylist()] == [2, 2, 2]
    with pytest.raises(ScoringError, match="at least 0, got -1"):
        write_atlas(tmp_path / "d", space, points, neighbours=-1)


def test_a_missing_package_is_named_with_its_remedy(tmp_path, space, points, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ThoughtError, match=r'pip install "thought\[atlas\]"'):
        write_atlas(tmp_path / "map.parquet", space, points)


# bad input and bad disks

WRITERS = [write_csv, write_json, write_atlas, write_tensorboard]


@pytest.mark.parametrize("write", WRITERS)
def test_points_that_do_not_belong_are_refused_and_nothing_is_written(tmp_path, space, points, write):
    for wrong in (points[:7], points[0], np.ones((8, 4)), np.ones((8, 1))):
        with pytest.raises(ScoringError, match="a point of 2 or 3 numbers for each of 8 sentences"):
            write(tmp_path / "map", space, wrong)
    with pytest.raises(ScoringError, match="points hold NaN"):
        write(tmp_path / "map", space, points * np.nan)
    with pytest.raises(ScoringError, match="no sentences to write"):
        write(tmp_path / "map", space.select([]), points[:0])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("write", [write_json, write_atlas])
def test_thoughts_that_are_not_finite_are_refused(tmp_path, space, points, write):
    with pytest.raises(ScoringError, match="hold NaN or infinity"):
        write(tmp_path / "map", space.with_thoughts(np.full((8, 2), np.inf)), points)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("write", WRITERS)
def test_a_folder_that_is_not_there_is_named(tmp_path, space, points, write):
    (tmp_path / "file").write_text("")
    with pytest.raises(ThoughtError, match="cannot write"):
        write(tmp_path / "file" / "map", space, points)


@pytest.mark.parametrize("step", ["_csv_line", "os.fsync", "os.replace"])
def test_a_write_that_fails_half_way_keeps_what_was_there(tmp_path, space, points, monkeypatch, step):
    path = tmp_path / "map.csv"
    path.write_text("older")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"thought.exports.{step}", full)
    with pytest.raises(ThoughtError, match="cannot write .*map.csv: No space left on device"):
        write_csv(path, space, points)
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_rows_are_written_one_by_one(tmp_path, space, points, monkeypatch):
    from thought import exports

    seen = []
    digits = exports._digits
    monkeypatch.setattr(exports, "_digits", lambda numbers: seen.append(numbers.shape) or digits(numbers))
    write_tensorboard(tmp_path, space)
    assert seen == [(5,)] * 8
