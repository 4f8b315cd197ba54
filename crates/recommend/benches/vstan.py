#!/usr/bin/env python3
"""VSTAN, written from its papers, as the peer of `souk evaluate sessions`; plain Python, needs nothing.

    python3 vstan.py TRAIN TEST --columns SessionId,ItemId,Time [--tune 60] [--run OUT.tsv]

Sources: Ludewig, Mauro, Latifi, Jannach, "Empirical analysis of session-based recommendation algorithms", UMUAI 2021
(VSTAN: V-SkNN's last-items weights and idf with STAN's decays); Garg et al., "Sequence and time aware
neighborhood for session-based recommendations", SIGIR 2019 (STAN).

`--tune N` tries N random settings on the latest tenth of the training sessions (at most 4,000 questions each), fitted on the
rest, and keeps the one with the highest HR@20 + MRR@20: the same split, budget and measure as Souk's own tuning.
"""
import argparse
import gzip
import math
import random
import time
from collections import defaultdict


def read(path, columns):
    opened = gzip.open if path.endswith(".gz") else open
    sessions = defaultdict(list)
    with opened(path, "rt") as file:
        header = file.readline().rstrip("\n")
        separator = "\t" if "\t" in header else ","
        names = header.split(separator)
        places = [names.index(column) for column in columns]
        for line in file:
            cells = line.rstrip("\n").split(separator)
            session, item, at = (cells[place] for place in places)
            sessions[session].append((float(at), item))
    return [sorted(clicks, key=lambda click: click[0]) for clicks in sessions.values()]


class Vstan:
    def __init__(self, k=500, sample_size=1000, spw=1.02, snh_days=5.0, inh=2.05, ipw=1.02, idf=1.0, similarity="cosine"):
        self.k, self.sample_size, self.similarity = k, sample_size, similarity
        self.spw, self.snh, self.inh, self.ipw, self.idf = spw, snh_days * 86400, inh, ipw, idf

    def fit(self, sessions):
        self.sessions = [[item for _, item in clicks] for clicks in sessions]
        self.ended = [clicks[-1][0] for clicks in sessions]
        self.of_item = defaultdict(list)
        for number in sorted(range(len(sessions)), key=lambda number: self.ended[number]):
            for item in set(self.sessions[number]):
                self.of_item[item].append(number)
        count = len(sessions)
        self.rarity = {item: math.log(count / len(found)) for item, found in self.of_item.items()}
        return self

    def next(self, clicks, now, k=20):
        length = len(clicks)
        position = {item: place for place, item in enumerate(clicks)}
        weight = {item: math.exp((place + 1 - length) / self.spw) for item, place in position.items()}
        found = set()
        for item in position:
            found.update(self.of_item.get(item, ()))
        # The most recent of all sessions that share an item.
        found = sorted(found, key=lambda number: self.ended[number], reverse=True)[: self.sample_size]
        near = []
        for number in found:
            neighbour = self.sessions[number]
            shared = position.keys() & set(neighbour)
            similarity = sum(weight[item] for item in shared)
            if self.similarity == "cosine":
                similarity /= math.sqrt(length) * math.sqrt(len(neighbour))
            else:
                similarity /= length
            similarity *= math.exp(-(now - self.ended[number]) / self.snh)
            near.append((similarity, number, shared))
        near.sort(key=lambda it: (-it[0], -it[1]))
        scores = defaultdict(float)
        for similarity, number, shared in near[: self.k]:
            neighbour = self.sessions[number]
            last = max(shared, key=lambda item: position[item])
            step = length - position[last] - 1
            at = len(neighbour) - 1 - neighbour[::-1].index(last)
            similarity *= math.exp(-step / self.ipw)
            for place, item in enumerate(neighbour):
                score = similarity * math.exp(-abs(place - at) / self.inh)
                scores[item] += score + score * self.rarity[item] * self.idf
        return sorted(scores.items(), key=lambda it: -it[1])[:k]


def evaluate(model, sessions, known, questions=None, run=None):
    hits = ranks = asked = 0
    times = []
    for clicks in sessions:
        clicks = [(at, item) for at, item in clicks if item in known]
        for place in range(1, len(clicks)):
            begun = time.perf_counter()
            found = model.next([item for _, item in clicks[:place]], clicks[place - 1][0])
            times.append(time.perf_counter() - begun)
            names = [item for item, _ in found]
            wanted = clicks[place][1]
            if wanted in names:
                hits += 1
                ranks += 1 / (names.index(wanted) + 1)
            asked += 1
            if asked == questions:
                return hits / asked, ranks / asked, asked, times
    return hits / max(asked, 1), ranks / max(asked, 1), asked, times


def settings(dice):
    return dict(
        k=dice.choice([100, 200, 500, 1000, 1500]),
        sample_size=dice.choice([500, 1000, 2500, 5000]),
        spw=dice.choice([0.45, 0.905, 1.81, 3.62, 7.24]),
        snh_days=dice.choice([2.5, 5, 20, 40, 80, 160]),
        inh=dice.choice([0.45, 0.905, 1.81, 3.62, 7.24]),
        ipw=dice.choice([0.45, 0.905, 1.81, 3.62, 7.24]),
        idf=dice.choice([0, 1, 2, 5, 10]),
        similarity=dice.choice(["cosine", "vec"]),
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--columns", default="session,item,time")
    parser.add_argument("--tune", type=int, default=0)
    parser.add_argument("--questions", type=int, default=4000)
    arguments = parser.parse_args()
    columns = arguments.columns.split(",")
    train = [clicks for clicks in read(arguments.train, columns) if len(clicks) > 1]
    test = read(arguments.test, columns)
    chosen = {}
    if arguments.tune:
        train.sort(key=lambda clicks: clicks[-1][0])
        cut = len(train) * 9 // 10
        earlier, later = train[:cut], train[cut:]
        known = {item for clicks in earlier for _, item in clicks}
        dice, best = random.Random(1), -1.0
        for number in range(arguments.tune):
            tried = settings(dice) if number else {}
            hit, rank, _, _ = evaluate(Vstan(**tried).fit(earlier), later, known, arguments.questions)
            if hit + rank > best:
                best, chosen = hit + rank, tried
                print(f"{number:3} {hit:.4f} {rank:.4f} {tried}", flush=True)
    known = {item for clicks in train for _, item in clicks}
    model = Vstan(**chosen).fit(train)
    hit, rank, asked, times = evaluate(model, test, known)
    times.sort()
    print(f"predictions {asked} hr_at_20 {hit:.4f} mrr_at_20 {rank:.4f} p50_us {times[len(times) // 2] * 1e6:.0f} {chosen}")


if __name__ == "__main__":
    main()
