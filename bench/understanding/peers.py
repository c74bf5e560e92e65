"""A peer from PyPI as a worker: peers.py bm25|fasttext|logistic task.json answer.json (see run.py)."""

import collections
import json
import logging
import math
import pathlib
import resource
import sys
import tempfile
import time

import jieba
import numpy as np

jieba.setLogLevel(logging.ERROR)


def bm25(train):
    """The best question of each label, Okapi BM25 (k1 1.5, b 0.75) over jieba's words."""
    documents = [collections.Counter(jieba.lcut(text)) for text, _ in train]
    mean = sum(sum(d.values()) for d in documents) / len(documents)
    seen = collections.Counter(word for d in documents for word in d)
    idf = {word: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for word, n in seen.items()}

    def guess(text):
        best = collections.defaultdict(float)
        words = jieba.lcut(text)
        for document, (_, label) in zip(documents, train):
            length = sum(document.values())
            score = sum(idf[w] * document[w] * 2.5 / (document[w] + 1.5 * (0.25 + 0.75 * length / mean)) for w in words if w in document)
            best[label] = max(best[label], score)
        return sorted(best.items(), key=lambda pair: -pair[1])[:3] or [["", 0.0]]

    return guess


def fasttext(train):
    import fasttext as library

    spaced = lambda text: " ".join(text.replace("\n", " "))
    labels = sorted({label for _, label in train})
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for text, label in train:
            file.write(f"__label__{labels.index(label)} {spaced(text)}\n")
        file.flush()
        model = library.train_supervised(file.name, epoch=100, lr=0.5, wordNgrams=3, dim=100, thread=2, seed=1, verbose=0)

    def guess(text):
        # The wrapper's own predict() needs an older numpy.
        found = model.f.predict(spaced(text) + "\n", 3, 0.0, "strict")
        return [[labels[int(name.removeprefix("__label__"))], float(share)] for share, name in found]

    return guess


def logistic(train):
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    words = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True)
    texts = [text for text, _ in train]
    rows = hstack([characters.fit_transform(texts), words.fit_transform(texts)]).tocsr()
    model = LogisticRegression(C=30, max_iter=300).fit(rows, [label for _, label in train])

    def guess(text):
        shares = model.predict_proba(hstack([characters.transform([text]), words.transform([text])]).tocsr())[0]
        return [[model.classes_[i], float(shares[i])] for i in np.argsort(-shares)[:3]]

    return guess


def main():
    _, which, task, answer = sys.argv
    task = json.loads(pathlib.Path(task).read_text(encoding="utf-8"))
    jieba.initialize()
    clock = time.perf_counter()
    guess = {"bm25": bm25, "fasttext": fasttext, "logistic": logistic}[which](task["train"])
    train_secs = time.perf_counter() - clock
    guesses, times = [], []
    for text in task["texts"]:
        clock = time.perf_counter()
        guesses.append(guess(text))
        times.append(1e3 * (time.perf_counter() - clock))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"guesses": guesses, "times_ms": times, "train_secs": train_secs, "rss_mb": peak}
    pathlib.Path(answer).write_text(json.dumps(figures), encoding="utf-8")


main()
