r"""A translator whose sentences pass through ONE vector: train it, score it, look at it.

A meaning can be said in many ways: in several languages, and in several wordings of each. An
encoder reads one of them and returns one vector of fixed size, the *thought*. A decoder that sees
only that vector, and the language to write, says it again. If the vector is to serve every wording,
it has to hold what the sentence means; then sentences of one meaning must lie close together. This
package trains such translators, measures whether that is so, and hands you the vectors.

    source tokens --encoder--> states --bottleneck--> thought --decoder--> target tokens
        (B, S)                (B, S, H)              (B, K, Z)                (B, T)

Letters for shapes, everywhere in the package: `N` sentences, `B` batch, `K` beam or thoughts a
sentence, `S` source tokens, `T` target tokens, `V` vocabulary, `E` embedding, `H` hidden,
`Z` thought.

Text to thought to text
-----------------------
* `Translator`: sentences in, thoughts out, and back: `load`, `encode`, `decode`, `translate`, `score`

Text in
-------
* `open_corpus`: a name, a file or a folder, whatever its format -> `Corpus`
* `Corpus`: meanings on disk, read as a stream, split by split
* `Meaning`: one thing that can be said: language -> the sentences that say it

Training
--------
* `train`: settings and text -> a run folder, which `Translator.load` opens
* `load_config`: a preset (tiny, small, base) or a TOML file, with overrides -> `Config`
* `Progress`: shows it to a person, in a notebook or on a terminal; `Listener`: told what happens in training

Thoughts as a table
-------------------
* `encode_meanings`: meanings -> `Space`
* `Space`: sentences and their thoughts, row by row: what measures, maps and walks read
* `neighbours`, `interpolate`, `analogy`: walks from thought to thought, and what is written on the way

Measures
--------
* `evaluate`: a run and sentences it has not seen -> `Report`, with the floors beside every number
* `score_translations`: BLEU, chrF and TER with their signatures
* `retrieve`: how often the nearest thought is the translation
* `measure_cheating`: whether the decoder reads its thought; `run_swaps`: whether one word changed is seen

Maps
----
* `Projection`: thoughts -> the plane, new thoughts too, and back; `trust`: how far to believe it
* `map_of_thoughts`: a figure, returned and never shown

Features
--------
* `ThoughtVectorizer`: thoughts as a step of a scikit-learn pipeline

Errors
------
* `ThoughtError`: base of every error raised on purpose; `thought.errors` has the others

More stands in the modules: `thought.geometry`, `thought.plots`, `thought.scoring`, `thought.walks`,
`thought.floors`, `thought.exports` and so on. Names and modules are imported when they are first asked
for: `import thought` itself takes milliseconds and needs neither torch nor matplotlib.

Examples
--------
Two steps of training teach nothing, but every part runs, in seconds. `load_config("small")` trains in minutes.

>>> from pathlib import Path
>>> from thought import Translator, encode_meanings, load_config, open_corpus, train
>>> text = "en\tde\nA dog runs.\tEin Hund rennt.\nA cat sleeps.\tEine Katze schläft.\n"
>>> size = Path("my.tsv").write_text(text, "utf-8")
>>> config = load_config("tiny", ["data.corpus=my.tsv", "training.steps=2"])
>>> train(config, Path("runs/my")).stopped
'steps'
>>> translator = Translator.load("runs/my")
>>> sentences = ["Ein Hund rennt.", "A dog runs."]
>>> thoughts = translator.encode(sentences)
>>> thoughts.shape, translator.languages
((2, 64), ('en', 'de'))
>>> translator.decode(thoughts, to="en") == translator.translate(sentences, to="en")
True
>>> space = encode_meanings(translator, open_corpus("my.tsv").read("train"))
>>> space.languages, space.meanings.tolist()
(('en', 'de', 'en', 'de'), [0, 0, 1, 1])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:  # what editors and mypy see; at run time `__getattr__` below fetches the same
    from thought.cheating import measure_cheating
    from thought.config import Config, load_config
    from thought.corpus import Corpus, Meaning, open_corpus
    from thought.errors import ThoughtError
    from thought.evaluation.report import Report, evaluate
    from thought.geometry.retrieval import retrieve
    from thought.honesty import trust
    from thought.plots.maps import map_of_thoughts
    from thought.progress import Progress
    from thought.projection import Projection
    from thought.rehearsal import Listener
    from thought.scoring import score_translations
    from thought.space import Space, encode_meanings
    from thought.swaps import run_swaps
    from thought.training import train
    from thought.translator import Translator
    from thought.vectorizer import ThoughtVectorizer
    from thought.walks import analogy, interpolate, neighbours

__all__ = [
    "Config",
    "Corpus",
    "Listener",
    "Meaning",
    "Progress",
    "Projection",
    "Report",
    "Space",
    "ThoughtError",
    "ThoughtVectorizer",
    "Translator",
    "analogy",
    "encode_meanings",
    "evaluate",
    "interpolate",
    "load_config",
    "map_of_thoughts",
    "measure_cheating",
    "neighbours",
    "open_corpus",
    "retrieve",
    "run_swaps",
    "score_translations",
    "train",
    "trust",
]

_NAMES = {  # module -> what is taken from it
    "cheating": "measure_cheating",
    "config": "Config load_config",
    "corpus": "Corpus Meaning open_corpus",
    "errors": "ThoughtError",
    "evaluation.report": "Report evaluate",
    "geometry.retrieval": "retrieve",
    "honesty": "trust",
    "plots.maps": "map_of_thoughts",
    "progress": "Progress",
    "projection": "Projection",
    "rehearsal": "Listener",
    "scoring": "score_translations",
    "space": "Space encode_meanings",
    "swaps": "run_swaps",
    "training": "train",
    "translator": "Translator",
    "vectorizer": "ThoughtVectorizer",
    "walks": "analogy interpolate neighbours",
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names.split()}
_MODULES = (  # `import thought` is enough to write thought.geometry
    "cheating",
    "config",
    "corpus",
    "errors",
    "evaluation",
    "exports",
    "floors",
    "geometry",
    "grading",
    "honesty",
    "lexicon",
    "model",
    "moves",
    "movie",
    "page",
    "plots",
    "projection",
    "registry",
    "scoring",
    "search",
    "snapshots",
    "space",
    "swaps",
    "tokenizer",
    "training",
    "translator",
    "walks",
)

if not TYPE_CHECKING:  # mypy would take any misspelt name for one that this function knows

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return import_module(f"thought.{name}")
        if name not in _HOMES:
            from thought.errors import nearest

            message = f"module 'thought' has no attribute {name!r}{nearest(name, __dir__())}"
            raise AttributeError(message, name=name, obj=None)  # with an object Python would suggest once more
        value = getattr(import_module(f"thought.{_HOMES[name]}"), name)
        globals()[name] = value  # asked for once only
        return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES, "__version__", "__doc__"})
