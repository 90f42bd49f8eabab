"""What a person has -> meanings: names, files, folders, and the mistakes made with them."""

from __future__ import annotations

import gzip
import os
import zipfile
from pathlib import Path

import pytest

from thought.corpus import Corpus, Meaning, open_corpus
from thought.errors import CorpusError
from thought.partition import DUPLICATES
from thought.rows import EMPTY, NUL, TOO_LONG
from thought.splits import check_no_leak, split_of

THREE = "de\ten\nHallo!\tHello!\nJa.\tYes.\nNein.\tNo.\n"


@pytest.fixture(autouse=True)
def no_data(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if "real" not in request.fixturenames:
        monkeypatch.setenv("THOUGHT_DATA", str(tmp_path_factory.mktemp("data")))


def write(path: Path, text: str) -> str:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return str(path)


def write_pairs(folder: Path, name: str, count: int) -> None:
    for language in ("de", "en"):
        write(folder / f"{name}.{language}", "".join(f"{name} {language} {n}\n" for n in range(count)))


def sides_of(corpus: Corpus) -> dict[str, list[Meaning]]:
    return {split: list(corpus.read(split)) for split in corpus.splits}


def test_a_corpus_of_three_sentences_works(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path / "my.tsv", THREE))
    assert (corpus.languages, corpus.splits) == (("de", "en"), ("train", "dev", "test"))
    meanings = [meaning for part in sides_of(corpus).values() for meaning in part]
    assert sorted(meaning.sentences["en"][0] for meaning in meanings) == ["Hello!", "No.", "Yes."]


def test_a_corpus_is_read_again_in_the_same_order(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path / "my.tsv", THREE))
    assert list(corpus.read()) == list(corpus.read())


def test_kept_and_skipped_add_up_to_the_lines_of_the_file(tmp_path: Path) -> None:
    text = f"{THREE}Ja.\tYes.\n\n\t\nA\0B\tC\n{'x' * 1_000_000}\tlong\n"
    corpus = open_corpus(write(tmp_path / "my.tsv", text), dev_share=0, test_share=0)
    assert len(list(corpus.read())) == corpus.kept == 3
    assert corpus.skipped == {DUPLICATES: 1, EMPTY: 2, NUL: 1, TOO_LONG: 1}
    assert corpus.report() == "kept 3 of 8; 2 empty, 1 duplicates, 1 with a NUL character, 1 too long"


def test_counts_begin_anew_with_each_reading(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path / "my.tsv", f"{THREE}Ja.\tYes.\n"), dev_share=0, test_share=0)
    first = list(corpus.read())
    assert list(corpus.read()) == first
    assert (corpus.kept, corpus.skipped) == (3, {DUPLICATES: 1})
    corpus.read("dev")
    assert (corpus.kept, corpus.skipped, corpus.report()) == (0, {}, "kept all 0")


def test_the_split_of_a_meaning_is_that_of_its_key(tmp_path: Path) -> None:
    text = "de\ten\n" + "".join(f"de {n}\ten {n // 2}\n" for n in range(200))
    corpus = open_corpus(write(tmp_path / "my.tsv", text), seed=7, dev_share=0.2, test_share=0.2)
    sides = sides_of(corpus)
    assert all(sides.values())
    for split, part in sides.items():
        assert {split_of(meaning.key, 7, 0.2, 0.2) for meaning in part} == {split}


def test_the_split_does_not_depend_on_the_languages_chosen(tmp_path: Path) -> None:
    """Or a sentence one model was trained on would be in the test set another choice is scored on."""
    columns = "cs\tde\ten\n" + "".join(f"cs {n // 3}\tde {n // 2}\ten {n}\n" for n in range(60))
    path = write(tmp_path / "my.tsv", columns)
    texts = {}
    for chosen in ((), ("de", "en")):
        sides = sides_of(open_corpus(path, languages=chosen, dev_share=0.2, test_share=0.2))
        assert all(sides.values())
        texts[chosen] = {split: {one.sentences["en"] for one in part} for split, part in sides.items()}
    assert texts[()] == texts["de", "en"]


def test_languages_are_chosen_in_any_order_and_form(tmp_path: Path) -> None:
    path = write(tmp_path / "my.tsv", "cs\tde\ten\nAhoj!\tHallo!\tHello!\n")
    corpus = open_corpus(path, languages=["en", "deu"], dev_share=0, test_share=0)
    assert corpus.languages == ("en", "de")
    assert next(corpus.read()).sentences == {"de": ("Hallo!",), "en": ("Hello!",)}


def test_parallel_files_are_joined_by_commas(tmp_path: Path) -> None:
    write_pairs(tmp_path, "my", 3)
    corpus = open_corpus(f"{tmp_path}/my.de,{tmp_path}/my.en", dev_share=0, test_share=0)
    assert next(corpus.read()).sentences == {"de": ("my de 0",), "en": ("my en 0",)}


def test_parallel_files_named_test_are_a_test_set(tmp_path: Path) -> None:
    write_pairs(tmp_path, "test", 3)
    corpus = open_corpus(f"{tmp_path}/test.de,{tmp_path}/test.en")
    assert corpus.splits == ("test",)
    assert len(list(corpus.read("test"))) == 3


def test_a_folder_of_plain_files_has_the_splits_it_names(tmp_path: Path) -> None:
    for name, count in (("train", 5), ("dev", 3), ("newstest2014", 2)):
        write_pairs(tmp_path, name, count)
    corpus = open_corpus(str(tmp_path))
    assert corpus.splits == ("train", "dev", "newstest2014")
    assert {split: len(part) for split, part in sides_of(corpus).items()} == {"train": 5, "dev": 3, "newstest2014": 2}
    assert len(list(corpus.read("test"))) == 2


def test_notes_beside_the_text_are_not_a_language(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", 3)
    write(tmp_path / "README.md", "about")
    write(tmp_path / "clean.py", "code")
    assert open_corpus(str(tmp_path)).languages == ("de", "en")


def test_a_file_without_its_other_language_is_not_passed_over(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", 3)
    write(tmp_path / "dev.de", "eins\n")
    with pytest.raises(CorpusError, match=r"dev\.de is alone; expected dev in another language beside it"):
        open_corpus(str(tmp_path))


def test_the_languages_of_a_folder_are_those_of_train(tmp_path: Path) -> None:
    for name in ("dev", "train"):
        write_pairs(tmp_path, name, 3)
    write(tmp_path / "train.cs", "1\n2\n3\n")
    corpus = open_corpus(str(tmp_path))
    assert corpus.languages == ("cs", "de", "en")
    assert next(corpus.read("dev")).sentences.keys() == {"de", "en"}


def test_a_folder_with_one_text_is_split(tmp_path: Path) -> None:
    write_pairs(tmp_path, "europarl-v8.de-en", 3)
    assert open_corpus(str(tmp_path)).splits == ("train", "dev", "test")


def test_a_folder_where_train_is_not_clear_is_refused(tmp_path: Path) -> None:
    write_pairs(tmp_path, "europarl", 3)
    write_pairs(tmp_path, "books", 3)
    with pytest.raises(CorpusError, match=r"cannot tell which files .* expected train\.\*, found books, europarl"):
        open_corpus(str(tmp_path))


def test_a_folder_without_parallel_files_lists_what_it_has(tmp_path: Path) -> None:
    write(tmp_path / "notes.md5sum", "")
    with pytest.raises(CorpusError, match=r"holds no parallel files .*; it has notes"):
        open_corpus(str(tmp_path))


@pytest.mark.parametrize("name", ["my.jsonl", "my.csv", "my.csv.gz", "de-en.txt.zip", "deu-eng.tsv.gz", "deu.txt"])
def test_every_format_is_known_by_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("X.de-en.de", "Hallo!\n")
            archive.writestr("X.de-en.en", "Hello!\n")
    else:
        texts = {"my.jsonl": '{"de": "Hallo!", "en": "Hello!"}\n', "my.csv": "de,en\nHallo!,Hello!\n"}
        write(path, texts.get(name.removesuffix(".gz"), "Hello!\tHallo!\n"))
    corpus = open_corpus(str(path), languages=("de", "en"), dev_share=0, test_share=0)
    assert corpus.languages == ("de", "en")
    assert [meaning.sentences for meaning in corpus.read()] == [{"de": ("Hallo!",), "en": ("Hello!",)}]


@pytest.mark.parametrize("name", ["deu-eng.tsv", "deu-eng.zip"])
def test_lines_of_manythings_that_share_a_sentence_are_one_meaning(tmp_path: Path, name: str) -> None:
    text = "Go!\tGeh!\nGo!\tHau ab!\nBeat it!\tHau ab!\n"
    if name.endswith("zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("deu.txt", text)
            archive.writestr("_about.txt", "about")
    else:
        write(tmp_path / name, text)
    corpus = open_corpus(str(tmp_path / name), dev_share=0, test_share=0)
    assert [meaning.sentences for meaning in corpus.read()] == [{"de": ("Geh!", "Hau ab!"), "en": ("Go!", "Beat it!")}]
    assert corpus.report() == "kept 1 of 3; 2 joined to the meaning of another line"


def test_the_exports_of_tatoeba_are_known_by_their_names(tmp_path: Path) -> None:
    write(tmp_path / "sentences.csv", "1\tdeu\tHallo!\n2\teng\tHello!\n3\teng\tHi!\n")
    write(tmp_path / "links.csv", "1\t2\n1\t3\n")
    for spec in (tmp_path, tmp_path / "sentences.csv"):
        corpus = open_corpus(str(spec), dev_share=0, test_share=0)
        assert [meaning.sentences for meaning in corpus.read()] == [{"de": ("Hallo!",), "en": ("Hello!", "Hi!")}]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("multi30", "no such file or folder, nor such a registered name; did you mean multi30k"),
        ("multi30k", "fetch it with: thought data get multi30k"),
        ("tatoeba-de-en", "fetch it with: thought data get tatoeba-de-en"),
        ("missing.de,missing.en", r"missing\.de does not exist"),
        (" ", "no corpus is named"),
        ("a\0b", "no corpus"),
    ],
)
def test_a_corpus_that_is_not_there_says_what_to_do(spec: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        open_corpus(spec)


def test_a_file_of_unknown_format_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"cannot tell the format of .*my\.docx.*expected \.tsv"):
        open_corpus(write(tmp_path / "my.docx", ""))


def test_an_unknown_language_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="has no language ee; did you mean en"):
        open_corpus(write(tmp_path / "my.tsv", THREE), languages=("ee", "en"))


def test_an_unknown_split_names_those_there_are(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path / "my.tsv", THREE))
    with pytest.raises(CorpusError, match="has no split tset; did you mean test"):
        corpus.read("tset")


def test_a_file_without_a_usable_line_is_refused(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path / "my.tsv", "de\ten\n\t\n"))
    with pytest.raises(CorpusError, match="has no usable line among 1"):
        list(corpus.read())


@pytest.mark.parametrize(
    "content", [b"\x00" * 5_000, b"\xff\xfe" + b"d\0e\0", bytes(range(256)) * 40, b"de\ten\n" + b"\xf0" * 10]
)
@pytest.mark.parametrize(
    "name", ["my.tsv", "my.csv", "my.jsonl", "my.zip", "deu-eng.tsv", "sentences.csv", "my.tsv.gz"]
)
def test_rubbish_is_an_error_of_ours_and_never_a_traceback(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "links.csv").write_bytes(content)
    with pytest.raises(CorpusError, match=str(tmp_path)):
        list(open_corpus(str(tmp_path / name)).read())


@pytest.fixture
def real() -> None:
    if (
        not os.environ.get("THOUGHT_DATA")
        or not (Path(os.environ["THOUGHT_DATA"]) / "tatoeba" / "deu-eng.tsv.gz").exists()
    ):
        pytest.skip("set THOUGHT_DATA to a folder with tatoeba/deu-eng.tsv.gz")


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_real_sentences_of_tatoeba_do_not_leak() -> None:
    corpus = open_corpus("tatoeba-de-en")
    meanings = {}
    lines = 0
    for split in corpus.splits:
        for meaning in corpus.read(split):
            meanings[meaning.key] = [text for texts in meaning.sentences.values() for text in texts]
        lines += corpus.kept + corpus.skipped.total()
    assert lines == 50_001
    assert len(meanings) == 33_183
    check_no_leak(meanings)  # no sentence even in two meanings
