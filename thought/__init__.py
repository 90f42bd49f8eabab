"""One vector between encoder and decoder: train it, score it, look at it.

Letters for shapes, everywhere in the package: `N` sentences, `B` batch, `K` beam or thoughts a
sentence, `S` source tokens, `T` target tokens, `V` vocabulary, `E` embedding, `H` hidden,
`Z` thought.
"""

__version__ = "0.1.0"
