"""Text <-> token ids: one joint subword model for all languages, with a tag for each.

A sentencepiece unigram model (Kudo & Richardson 2018, arXiv:1808.06226) over NFKC-normalised text.
Characters it has not seen fall back to their UTF-8 bytes, so nothing is ever `<unk>`. Language tags
are control symbols: no text can produce them.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import sentencepiece

from thought.config import TokenizerConfig
from thought.errors import TokenizerError, nearest

PAD, UNKNOWN, END = 0, 1, 2
SPECIALS = 3  # ids below this one are never written; language tags follow them


class Tokenizer:
    """A trained subword model and its languages.

    Parameters
    ----------
    model : bytes
        A serialised sentencepiece model, as `Tokenizer.train` returns it or `tokenizer.model` holds it.

    Raises
    ------
    TokenizerError
        If the bytes are not such a model.
    """

    def __init__(self, model: bytes) -> None:
        self.model = model
        if not model:  # sentencepiece would write to standard error
            raise TokenizerError("not a sentencepiece model (0 bytes)")
        try:
            self._processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        except RuntimeError as error:
            raise TokenizerError(f"not a sentencepiece model ({len(model)} bytes): {error}") from error
        self.vocabulary_size: int = self._processor.get_piece_size()
        tags = {}
        for index in range(SPECIALS, self.vocabulary_size):
            piece = self._processor.id_to_piece(index)
            if not self._processor.is_control(index) or not piece.startswith("<2"):
                break
            tags[piece[2:-1]] = index
        self.tags: dict[str, int] = tags
        self.languages: tuple[str, ...] = tuple(tags)
        if not tags:
            raise TokenizerError("the sentencepiece model has no language tags: it was not trained by this package")

    @classmethod
    def train(
        cls, sentences: Iterable[str], languages: Sequence[str], config: TokenizerConfig, seed: int = 1
    ) -> Tokenizer:
        """Train on at most `config.sample_size` of the sentences, drawn evenly from all of them.

        Raises
        ------
        TokenizerError
            If there is no text to learn from.
        """
        written = io.BytesIO()
        counted = _Counted(sentences)
        _seed_generator(seed)
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(counted),
                model_writer=written,
                vocab_size=config.vocabulary_size,
                hard_vocab_limit=False,
                model_type=config.kind,
                normalization_rule_name="nfkc",
                byte_fallback=True,
                character_coverage=0.9999,
                control_symbols=[f"<2{language}>" for language in languages],
                pad_id=PAD,
                unk_id=UNKNOWN,
                eos_id=END,
                bos_id=-1,
                input_sentence_size=max(101, config.sample_size),  # sentencepiece takes no fewer
                shuffle_input_sentence=True,
                num_threads=2,  # the result depends on the number, so it is not the machine's
                minloglevel=2,
            )
        except RuntimeError as error:
            if not counted.count:
                raise TokenizerError("there is no text to train the subword model on") from error
            raise TokenizerError(f"cannot train a subword model on {counted.count:,} sentences: {error}") from error
        return cls(written.getvalue())

    @classmethod
    def load(cls, path: Path) -> Tokenizer:
        """Read a `tokenizer.model`."""
        try:
            return cls(path.read_bytes())
        except OSError as error:
            raise TokenizerError(f"cannot read the tokenizer {path}: {error.strerror}") from error
        except TokenizerError as error:
            raise TokenizerError(f"{path}: {error}") from error

    def tag(self, language: str) -> int:
        """Id of the token that tells the decoder which language to write."""
        if language not in self.tags:
            raise TokenizerError(f"unknown language {language}{nearest(language, self.tags)}")
        return self.tags[language]

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text, without tag and without end.

        Raises
        ------
        TokenizerError
            If a text holds half a surrogate pair, as names of files and arguments may.
        """
        rows = list(texts)
        try:
            return self._processor.encode(rows, num_threads=1)  # type: ignore[no-any-return]
        except TypeError as error:
            odd = next((row for row in rows if not _is_text(row)), "")
            raise TokenizerError(f"not valid Unicode text: {odd!r:.60}") from error

    def sample(self, texts: Sequence[str], temperature: float, seed: int) -> list[list[int]]:
        """Like `encode`, with segmentations drawn from the model (Kudo 2018, arXiv:1804.10959).

        The same seed gives the same draws: sentencepiece seeds its generator once a thread, so
        each call has a thread of its own.
        """
        drawn: list[list[int]] = []

        def draw() -> None:
            for text in texts:
                drawn.append(self._processor.encode(text, enable_sampling=True, alpha=temperature, nbest_size=-1))

        _seed_generator(seed)
        thread = threading.Thread(target=draw)
        thread.start()
        thread.join()
        return drawn

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Texts of id sequences; specials and tags write nothing."""
        rows = [list(map(int, row)) for row in ids]
        return self._processor.decode(rows) if rows else []  # sentencepiece takes no rows for one empty row


class _Counted:
    """Pass non-empty sentences on and count them, for the error message."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = sentences
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        for sentence in self.sentences:
            if sentence.strip():
                self.count += 1
                yield sentence


def _is_text(row: object) -> bool:
    return isinstance(row, str) and not any("\ud800" <= character <= "\udfff" for character in row)


def _seed_generator(seed: int) -> None:
    sentencepiece.set_random_generator_seed(seed % 2**32)
