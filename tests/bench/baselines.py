"""Known techniques to stand beside: each ranks the intents for texts, learnt from (text, intent) rows."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_union

Technique = Callable[[Sequence[tuple[str, str]], Sequence[str]], list[list[str]]]


def nearest_by_edits(rows: Sequence[tuple[str, str]], texts: Sequence[str]) -> list[list[str]]:
    """Rapidfuzz QRatio against every known phrasing."""
    known = [text for text, _ in rows]
    intents = [intent for _, intent in rows]
    scores = process.cdist(texts, known, scorer=fuzz.QRatio, dtype=np.uint8, workers=1)
    return [_ranked(intents, row) for row in scores]


def words_and_regression(rows: Sequence[tuple[str, str]], texts: Sequence[str]) -> list[list[str]]:
    """TF-IDF of words and characters with logistic regression, as scikit-learn comes."""
    terms = make_union(
        TfidfVectorizer(token_pattern=r"[a-z0-9']+|[\u3400-\u9fff]", ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=2, sublinear_tf=True),
    )
    learnt: Any = LogisticRegression(C=20, max_iter=1_000)
    learnt.fit(terms.fit_transform([text for text, _ in rows]), [intent for _, intent in rows])
    return [[str(learnt.classes_[n]) for n in np.argsort(row)[::-1][:5]] for row in learnt.predict_proba(terms.transform(texts))]


def nearest_by_bm25(rows: Sequence[tuple[str, str]], texts: Sequence[str]) -> list[list[str]]:
    """Okapi BM25 (k1 1.5, b 0.75) against every known phrasing."""
    terms = TfidfVectorizer(token_pattern=r"[a-z0-9']+|[\u3400-\u9fff]").build_analyzer()
    documents = [Counter(terms(text)) for text, _ in rows]
    mean = sum(sum(d.values()) for d in documents) / len(documents)
    found_in = Counter(term for d in documents for term in d)
    index = {term: n for n, term in enumerate(found_in)}
    weights: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for number, document in enumerate(documents):
        size = 1.5 * (1 - 0.75 + 0.75 * sum(document.values()) / mean)
        for term, count in document.items():
            rarity = math.log(1 + (len(documents) - found_in[term] + 0.5) / (found_in[term] + 0.5))
            weights[number].append((index[term], rarity * count * 2.5 / (count + size)))
    places = [(row, column, value) for row, pairs in weights.items() for column, value in pairs]
    rows_, columns, values = zip(*places, strict=True)
    matrix = sparse.csr_matrix((values, (rows_, columns)), shape=(len(documents), len(index)))
    intents = [intent for _, intent in rows]
    found: list[list[str]] = []
    for text in texts:
        asked = np.zeros(len(index))
        for term in terms(text):
            if term in index:
                asked[index[term]] += 1
        found.append(_ranked(intents, np.asarray(matrix @ asked)))
    return found


def _ranked(intents: Sequence[str], scores: Any) -> list[str]:
    """The first few different intents, best phrasing first."""
    found: list[str] = []
    for place in np.argsort(scores, kind="stable")[::-1]:
        if intents[place] not in found:
            found.append(intents[place])
            if len(found) == 5:
                break
    return found


TECHNIQUES: dict[str, Technique] = {
    "rapidfuzz QRatio, nearest": nearest_by_edits,
    "bm25, nearest": nearest_by_bm25,
    "TF-IDF + logistic regression": words_and_regression,
}
