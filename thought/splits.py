"""Meanings -> train, dev, test, so that no sentence stands on two sides.

The side of a meaning is a hash of the seed and its key: the same on every machine, and independent
of the order and of the rest of the corpus. Meanings that share a sentence share the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Literal

from thought.errors import CorpusError, LeakError

Side = Literal["train", "dev", "test"]


def split_of(key: str, seed: int, dev_share: float, test_share: float) -> Side:
    """Return the side of the meanings with this key.

    Parameters
    ----------
    key : str
        Meanings that share a sentence have to share the key.
    seed : int
        Another seed is another split.
    dev_share, test_share : float in [0, 1)
        Shares of *keys*, not of sentences; together less than 1.

    Examples
    --------
    >>> split_of("7", seed=1, dev_share=0.0, test_share=0.0)
    'train'
    """
    if dev_share < 0 or test_share < 0 or dev_share + test_share >= 1:
        raise CorpusError(
            "dev_share and test_share must not be negative and must leave some for training, "
            f"got {dev_share} and {test_share}"
        )
    digest = blake2b(f"{seed}\0{key}".encode(), digest_size=8).digest()
    place = int.from_bytes(digest, "big") / 2**64  # uniform in [0, 1)
    if place < test_share:
        return "test"
    if place < test_share + dev_share:
        return "dev"
    return "train"


def side_of(split: str) -> Side:
    """Return the side on which an official split stands, by its name.

    Examples
    --------
    >>> side_of("val"), side_of("train"), side_of("test_2016_flickr"), side_of("newstest2014")
    ('dev', 'train', 'test', 'test')
    """
    name = split.lower()
    if name.startswith("train"):
        return "train"
    return "dev" if name.startswith(("dev", "val")) else "test"


def key_of(group: int, is_large: bool, seed: int, dev_share: float, test_share: float) -> str:
    """Return the key of a group of rows that share sentences.

    In some corpora short answers ("Yes.", "Ja.") chain a good part of all lines into one group. It
    must not become the test set: the key of a large group gets the first suffix that puts it in train.
    """
    key = f"{group:016x}"
    suffix = 0
    while is_large and split_of(key, seed, dev_share, test_share) != "train":
        suffix += 1
        key = f"{group:016x}+{suffix}"
    return key


def check_no_leak(sides: Mapping[str, Iterable[str]]) -> None:
    """Raise if a sentence stands on two sides.

    Parameters
    ----------
    sides : mapping of str to iterable of str
        Name of the side -> its sentences. Hashes of all of them are held in memory.

    Raises
    ------
    LeakError
        Naming the sentence and both sides.
    """
    seen: dict[bytes, str] = {}
    for name, sentences in sides.items():
        for text in sentences:
            other = seen.setdefault(blake2b(text.encode(), digest_size=8).digest(), name)
            if other != name:
                raise LeakError(f"{text!r} stands in both {other} and {name}")
