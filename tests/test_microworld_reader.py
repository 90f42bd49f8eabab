from __future__ import annotations

from collections import Counter

import pytest
from tongues import CODES, texts, tongue

from thought.corpus import open_corpus
from thought.errors import CorpusError
from thought.microworld.frames import parse_key
from thought.microworld.reader import Microworld, Options, parse_options
from thought.microworld.sides import SIDES, lacks_passive, side_of
from thought.microworld.wording import plans


def read(spec, split="train", **options):
    return list(open_corpus(spec, **options).read(split))


# ---- as a corpus


def test_a_microworld_is_a_corpus_like_others():
    corpus = open_corpus("microworld:size=300,seed=7")
    meanings = list(corpus.read("train"))
    assert corpus.name == "microworld:size=300,seed=7"
    assert corpus.splits == SIDES == ("train", "dev", "test", "test_compositional")
    assert set(corpus.languages) == set(CODES)
    assert len(meanings) == 300
    assert corpus.report() == "kept all 300"
    assert {tuple(meaning.sentences) for meaning in meanings} == {corpus.languages}


def test_the_key_of_a_meaning_is_its_frame():
    for side in SIDES:
        for meaning in read("microworld:size=60,test=60", side):
            assert side_of(parse_key(meaning.key)) == side
            assert parse_key(meaning.key).key == meaning.key


def test_sentences_are_wordings_of_their_frame_the_plain_one_first():
    for meaning in read("microworld:size=200,wordings=3"):
        for code, sentences in meaning.sentences.items():
            known = texts(code, meaning.key)
            assert sentences[0] == known[0]
            assert len(set(sentences)) == len(sentences) <= 3
            assert len(sentences) == min(3, len(known)) or lacks_passive(parse_key(meaning.key).slots["verb"])
            assert set(sentences) <= set(known)


def test_one_wording_is_the_plain_one_and_many_are_all_there_are():
    (meaning, *_) = read("microworld:size=1,wordings=1")
    assert meaning.sentences == {code: texts(code, meaning.key)[:1] for code in CODES}
    for meaning in read("microworld:test=40,wordings=1000", "test_compositional"):
        for code, sentences in meaning.sentences.items():
            assert set(sentences) == set(texts(code, meaning.key))


def test_a_second_reading_is_the_first():
    corpus = open_corpus("microworld:size=150,seed=3")
    assert list(corpus.read("train")) == list(corpus.read("train")) == read("microworld:size=150,seed=3")


def test_a_larger_size_begins_like_a_smaller_one():
    small = read("microworld:size=50,seed=4")
    assert read("microworld:size=120,seed=4")[:50] == small


@pytest.mark.parametrize("most", [0, 1, 2])
def test_no_meaning_has_more_details_than_asked_for(most: int) -> None:
    optional = ("modality", "place", "time", "agent.adjective", "patient.adjective", "recipient.adjective")
    found = set()
    for meaning in read(f"microworld:size=300,details={most}"):
        slots = parse_key(meaning.key).slots
        counted = [slot for slot, value in slots.items() if slot.endswith(".count") and value != "one"]
        found.add(sum(slot in slots for slot in optional) + len(counted))
    assert max(found) == most
    assert min(found) == 0


def test_seeds_differ_but_not_in_the_frames_of_the_tests():
    one, other = ([meaning.key for meaning in read(f"microworld:size=200,seed={seed}")] for seed in (1, 2))
    assert len(set(one) & set(other)) < 10
    for split in ("dev", "test", "test_compositional"):
        one, other = ([meaning.key for meaning in read(f"microworld:test=50,seed={seed}", split)] for seed in (1, 2))
        assert one == other


@pytest.mark.parametrize(
    ("languages", "expected"), [(["fr", "en"], {"fr", "en"}), (["deu"], {"de"}), (["ces", "de"], {"cs", "de"})]
)
def test_languages_are_chosen_and_said_as_before(languages, expected):
    whole = read("microworld:size=20")
    chosen = read("microworld:size=20", languages=languages)
    assert all(set(meaning.sentences) == expected for meaning in chosen)
    for meaning, other in zip(chosen, whole, strict=True):
        assert meaning.key == other.key
        assert all(meaning.sentences[code] == other.sentences[code] for code in expected)


def test_a_language_it_does_not_speak_is_named():
    with pytest.raises(CorpusError, match="es"):
        open_corpus("microworld", languages=["es"])


def test_no_sentence_stands_on_two_sides():
    owners = {}
    for side in SIDES:
        for meaning in read("microworld:size=800,test=120", side):
            for code, sentences in meaning.sentences.items():
                for sentence in sentences:
                    assert owners.setdefault((code, sentence), side) == side


def test_a_split_that_is_not_there_is_named():
    with pytest.raises(CorpusError, match="no split test_composition; did you mean test_compositional"):
        open_corpus("microworld").read("test_composition")


def test_other_names_of_dev_are_not_needed():
    assert next(open_corpus("microworld").read("dev")).key


# ---- options


def test_options_have_defaults():
    assert parse_options("") == Options() == Options(size=50_000, seed=1, wordings=4, test=1_000)
    assert read("microworld:test=3", "dev") == read("microworld: test = 3 ,", "dev")
    assert parse_options("size=1_000, wordings=2") == Options(size=1_000, wordings=2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sise=5", "no option sise; did you mean size"),
        ("seeds=5", "no option seeds; did you mean seed"),
        ("language=en", "no option language"),
        ("size", "size must be a whole number"),
        ("size=", "size must be a whole number"),
        ("size=ten", "size must be a whole number of at most 10.9, got 'ten'"),
        ("size=-5", "size must be a whole number"),
        ("size=1.5", "size must be a whole number"),
        ("size=_", "size must be a whole number"),
        ("size=" + "9" * 5_000, "size must be a whole number"),
        ("size=0", r"size must lie in \[1, 10\^9\], got 0"),
        ("wordings=0", r"wordings must lie in \[1, 10\^9\], got 0"),
        ("test=0", r"test must lie in \[1, 10\^9\], got 0"),
        ("size=2000000000", r"size must lie in \[1, 10\^9\], got 2000000000"),
        ("size=1,size=2", "size is given twice"),
        ("=3", "no option ; known: details, seed, size, test, wordings"),
    ],
)
def test_a_mistake_in_the_options_is_named(text, message):
    with pytest.raises(CorpusError, match=message):
        open_corpus(f"microworld:{text}")


def test_underscores_may_part_digits_anywhere():
    assert parse_options("size=1__0_").size == 10


# ---- the passive that training never meets


def passives(key, code):
    """Texts of a frame that are passive, and of no active wording."""
    found = {True: set(), False: set()}
    for plan in plans(parse_key(key), tongue(code)):
        found["passive" in plan.construction.adds].add(plan.say().text)
    return found[True] - found[False]


def count_passives(spec, split):
    """Verb -> passive sentences read."""
    counts = Counter()
    for meaning in read(spec, split):
        verb = parse_key(meaning.key).slots["verb"]
        for code in CODES:
            counts[verb] += len(passives(meaning.key, code) & set(meaning.sentences[code]))
    return +counts


def test_training_meets_passives_but_never_of_the_verbs_held_out():
    met = count_passives("microworld:size=800", "train")
    assert len(met) > 10
    assert not [verb for verb in met if lacks_passive(verb)]


@pytest.mark.parametrize("split", ["dev", "test"])
def test_nor_do_dev_and_test(split):
    assert not [verb for verb in count_passives("microworld:test=400", split) if lacks_passive(verb)]


def test_the_compositional_test_has_them():
    met = count_passives("microworld:test=600,wordings=8", "test_compositional")
    assert sum(count for verb, count in met.items() if lacks_passive(verb)) > 20


def test_barring_passives_leaves_the_plain_wording():
    world = Microworld(Options(size=400, wordings=1000), ["en"])
    for key, sentences in world.read("train", Counter()):
        kept = set(sentences["en"])
        assert sentences["en"][0] == texts("en", key)[0]
        barred = passives(key, "en") if lacks_passive(parse_key(key).slots["verb"]) else set()
        assert kept == set(texts("en", key)) - barred
