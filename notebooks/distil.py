"""Sequence-level distillation: a teacher translates captions that nobody translated, a student learns from both.

    python notebooks/distil.py runs/control --to distilled.tsv
    thought train small --data distilled.tsv --direction de-en ...

Multi30k has five German captions of each training image that were written, not translated. The teacher, an
attention model trained on the 29,000 translated ones, translates three of them; the student reads true and
distilled pairs alike (Kim & Rush 2016, arXiv:1606.07947). Captions that are also in dev or test are left out by
the corpus reader; nothing of dev or test is read here.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from pathlib import Path

from thought.corpus import open_corpus
from thought.translator import Translator

AT_ONCE = 20_000  # captions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("teacher", help="a run that translates de-en")
    parser.add_argument("--to", type=Path, required=True, help="the .tsv to write")
    parser.add_argument("--captions", type=int, default=3, help="German captions of each image, of five")
    options = parser.parse_args()
    teacher = Translator.load(options.teacher)
    meanings = open_corpus("multi30k", languages=("de", "en"), paraphrases=True).read("train")
    written = 0
    with open(options.to, "w", encoding="utf-8") as file:
        file.write("de\ten\n")
        while part := list(islice(meanings, AT_ONCE // options.captions)):
            captions = [text for meaning in part for text in meaning.sentences["de"][1 : 1 + options.captions]]
            translations = teacher.translate(captions, "en")
            true = [(meaning.sentences["de"][0], meaning.sentences["en"][0]) for meaning in part]
            for german, english in [*true, *zip(captions, translations, strict=True)]:
                if english.strip():
                    file.write(f"{' '.join(german.split())}\t{' '.join(english.split())}\n")  # some hold a tab
                    written += 1
            print(f"{written:,} pairs", file=sys.stderr)


if __name__ == "__main__":
    main()
