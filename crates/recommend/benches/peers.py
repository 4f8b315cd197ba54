#!/usr/bin/env python3
"""implicit's ALS and BM25 item-kNN as the peers of `souk evaluate interactions`.

    python3 -m venv venv && venv/bin/pip install implicit==0.7.3
    venv/bin/python peers.py FILE --cut 2010-11-09 --columns customer_id,stock_code,invoice_date,quantity [--tune 20]

The same rows, split and measures as Souk's: rows without a user or with a value of 0 or less are left out, everything before
the cut is learnt from, users with rows on both sides are asked about, all items are ranked, Recall is divided by
min(k, relevant), and "new" leaves out what the user had. `--tune N` tries N random settings on the last 30 days before the
cut, fitted on what is before those, and keeps the one with the highest NDCG@100 of the column in question.
"""
import argparse
import csv
import gzip
import json
import math
import random
import time
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import numpy as np
from scipy.sparse import csr_matrix

K = 100


def read(path, columns):
    opened = gzip.open if path.endswith(".gz") else open
    rows = []
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            user, item, at, value = (row[column].strip() for column in columns)
            if user and item and float(value) > 0:
                rows.append((user, item, datetime.fromisoformat(at)))
    return rows


def split(rows, cut):
    before, after = defaultdict(Counter), defaultdict(set)
    for user, item, at in rows:
        if at < cut:
            before[user][item] += 1
        else:
            after[user].add(item)
    items = sorted({item for taken in before.values() for item in taken})
    return before, after, items


def measure(ranked, relevant):
    hits = [rank for rank, item in enumerate(ranked[:K]) if item in relevant]
    recall = sum(rank < 20 for rank in hits) / min(20, len(relevant))
    gain = sum(1 / math.log2(rank + 2) for rank in hits)
    return recall, gain / sum(1 / math.log2(rank + 2) for rank in range(min(K, len(relevant))))


class Split:
    def __init__(self, rows, cut):
        before, after, self.items = split(rows, cut)
        place = {item: number for number, item in enumerate(self.items)}
        self.users = sorted(before)
        cells = [(u, place[item], count) for u, user in enumerate(self.users) for item, count in before[user].items()]
        shape = (len(self.users), len(self.items))
        self.counts = csr_matrix(([c for _, _, c in cells], ([u for u, _, _ in cells], [i for _, i, _ in cells])), shape, dtype=np.float32)
        self.cases = []
        for u, user in enumerate(self.users):
            if user in after:
                had = {place[item] for item in before[user]}
                # What nobody had before the cut cannot be found, and counts against whoever is asked.
                taken = {place.get(item, item) for item in after[user]}
                self.cases.append((u, had, taken))

    def figures(self, scores):
        """scores(u) -> array over items."""
        new, every = [], []
        for u, had, taken in self.cases:
            values = scores(u)
            order = np.argsort(-values, kind="stable")[: K + len(had)].tolist()
            every.append(measure(order[:K], taken))
            if taken - had:
                new.append(measure([item for item in order if item not in had][:K], taken - had))
        mean = lambda pairs: {"recall_at_20": round(float(np.mean([p[0] for p in pairs])), 4), "ndcg_at_100": round(float(np.mean([p[1] for p in pairs])), 4)}
        return {"all": mean(every), "new": mean(new), "users": len(every)}


def als(split, factors, regularization, alpha, iterations, binary):
    from implicit.cpu.als import AlternatingLeastSquares

    counts = split.counts.copy()
    if binary:
        counts.data[:] = 1
    model = AlternatingLeastSquares(factors=factors, regularization=regularization, alpha=alpha, iterations=iterations, random_state=42)
    started = time.process_time()
    model.fit(counts, show_progress=False)
    spent = time.process_time() - started
    return (lambda u: model.item_factors @ model.user_factors[u]), spent


def bm25(split, k, k1, b):
    from implicit.nearest_neighbours import BM25Recommender

    model = BM25Recommender(K=k, K1=k1, B=b)
    started = time.process_time()
    model.fit(split.counts, show_progress=False)
    spent = time.process_time() - started
    similar = model.similarity.tocsr()
    return (lambda u: np.asarray((split.counts[u] @ similar).todense()).ravel()), spent


SPACES = {
    "als": (als, lambda r: dict(factors=r.choice([32, 64, 128, 256]), regularization=10 ** r.uniform(-3, 1.5), alpha=10 ** r.uniform(-0.5, 2), iterations=15, binary=r.random() < 0.5)),
    "bm25": (bm25, lambda r: dict(k=r.choice([50, 100, 200, 500, 1000]), k1=r.uniform(0.1, 3), b=r.uniform(0, 1))),
}


def compare(rows, cut, tune):
    whole, inner = Split(rows, cut), Split([row for row in rows if row[2] < cut], cut - timedelta(days=30))
    for name, (build, space) in SPACES.items():
        for column in ("all", "new"):
            chance, best = random.Random(42), (-1, None)
            for _ in range(tune):
                params = space(chance)
                reached = inner.figures(build(inner, **params)[0])[column]["ndcg_at_100"]
                best = max(best, (reached, json.dumps(params)))
            params = json.loads(best[1])
            scores, spent = build(whole, **params)
            print(json.dumps({"model": name, "tuned_for": column, "fit_cpu_s": round(spent, 2), **whole.figures(scores), "params": params}), flush=True)
    scores, spent = als(whole, 64, 0.01, 1.0, 15, True)
    print(json.dumps({"model": "als 64 x 15, untuned", "fit_cpu_s": round(spent, 2), **whole.figures(scores)}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--cut", type=datetime.fromisoformat, required=True)
    parser.add_argument("--columns", required=True)
    parser.add_argument("--tune", type=int, default=20)
    given = parser.parse_args()
    compare(read(given.file, given.columns.split(",")), given.cut, given.tune)


if __name__ == "__main__":
    main()
