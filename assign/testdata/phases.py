#!/usr/bin/env python3
"""A second implementation of the phases of touchlift/1, and the writer of phases.jsonl.

It shares no code with the Go package; hash and ids come from vectors.py beside it. The
line is kept as a list of (start, end, owner), and checked against the definition taken
literally, position by position, on short lines. No Go test runs it.

    python3 phases.py check FILE    compare FILE with what this script computes
    python3 phases.py write FILE    write FILE; refuses if it exists

The vectors are frozen, as those of vectors.py are.
"""

import hashlib
import json
import random
import sys

from vectors import LINE, MASK, around, hex16, id_at, mix64, noise, seed, self_check, xxh64


# The definition, on ranges of positions. `length` is 2^64 but for the self-check.

def sizes_of(weights, length):
    ends = [length * sum(weights[:i + 1]) // sum(weights) for i in range(len(weights))]
    return [b - a for a, b in zip([0] + ends, ends)]


def laid(sizes):
    line, at = [], 0
    for owner, size in enumerate(sizes):
        line += [(at, at + size, owner)] if size else []
        at += size
    return line


def overlay(a, b):
    """The common refinement of two lines: (start, end, owner in a, owner in b)."""
    cuts = sorted({c for s, e, _ in a + b for c in (s, e)})
    pairs = []
    for s, e in zip(cuts, cuts[1:]):
        (x,) = [o for p, q, o in a if p <= s < q]
        (y,) = [o for p, q, o in b if p <= s < q]
        pairs.append((s, e, x, y))
    return pairs


def merged(line):
    out = []
    for s, e, o in sorted(line):
        if out and out[-1][2] == o:
            s = out.pop()[0]
        out.append((s, e, o))
    return out


def smallest_move(history, sizes):
    """The line behind the last of the history; history is a list of (line, sizes)."""
    line, have = history[-1]
    excess = {i: h - s for i, (h, s) in enumerate(zip(have, sizes)) if h > s}
    need = {i: s - h for i, (h, s) in enumerate(zip(have, sizes)) if s > h}
    total = sum(need.values())
    earlier = [past for past in reversed(history[:-1])]
    for past, past_sizes in earlier:
        if past_sizes == sizes and total == sum(e - s for s, e, x, y in overlay(line, past) if x != y):
            return past
    for past in [p for p, _ in earlier] + [None]:
        out = []
        ranges = [(s, e, o, None) for s, e, o in line] if past is None else overlay(line, past)
        for s, e, x, y in reversed(ranges):
            while e > s and excess.get(x, 0):
                to = min((i for i in need if need[i]), default=None) if past is None else y
                step = min(e - s, excess[x], need.get(to, 0))
                if not step:
                    break
                out.append((e - step, e, to))
                excess[x] -= step
                need[to] -= step
                e -= step
            if e > s:
                out.append((s, e, x))
        line = merged(out)
    assert not any(excess.values()) and not any(need.values())
    return line


def lines_of(all_weights, length=LINE):
    """The line of every phase, the arms being phase 0."""
    first = sizes_of(all_weights[0], length)
    history = [(laid(first), first)]
    lines = [history[0][0]]
    for weights in all_weights[1:]:
        sizes = sizes_of(weights, length)
        if sizes == history[-1][1]:
            pass
        elif len(history) > 1 and sizes == history[-2][1]:
            history.pop()
        else:
            history.append((smallest_move(history, sizes), sizes))
        lines.append(history[-1][0])
    return lines


# The same, position by position.

def literal(all_weights, length):
    first = sizes_of(all_weights[0], length)
    history = [[owner for owner, size in enumerate(first) for _ in range(size)]]
    out = [history[0]]
    n = len(first)
    for weights in all_weights[1:]:
        want = sizes_of(weights, length)
        count = lambda owners: [owners.count(i) for i in range(n)]
        if want == count(history[-1]):
            pass
        elif len(history) > 1 and want == count(history[-2]):
            del history[-1]
        else:
            now = list(history[-1])
            excess = [max(0, h - w) for h, w in zip(count(now), want)]
            need = [max(0, w - h) for h, w in zip(count(now), want)]
            home = [p for p in history[:-1]
                    if count(p) == want and sum(a != b for a, b in zip(p, now)) == sum(need)]
            if home:
                now = home[-1]
            else:
                for past in history[-2::-1]:
                    for x in range(length - 1, -1, -1):
                        if excess[now[x]] and need[past[x]]:
                            excess[now[x]] -= 1
                            need[past[x]] -= 1
                            now[x] = past[x]
                for x in range(length - 1, -1, -1):
                    if excess[now[x]]:
                        to = [i for i in range(n) if need[i]][0]
                        excess[now[x]] -= 1
                        need[to] -= 1
                        now[x] = to
            history.append(now)
        out.append(history[-1])
    return out


def check_lines():
    source = random.Random(20261122)
    for _ in range(3000):
        n, length = source.randint(1, 5), source.randint(1, 40)
        pool = []
        while len(pool) < 3:
            weights = [source.choice((0, 1, 2, 3, 7)) for _ in range(n)]
            pool += [weights] if any(weights) else []
        phases = [source.choice(pool) for _ in range(source.randint(1, 7))]
        phases += phases[-2::-1]
        want = literal(phases, length)
        got = [[o for s, e, o in line for _ in range(s, e)] for line in lines_of(phases, length)]
        assert got == want, (phases, length)
        assert got == got[::-1], "undone one by one, the phases bring everyone home"


# The inputs.

class Phased:
    def __init__(self, name, why, lists, num=1, den=1, salt=b"checkout-2026-11"):
        self.name, self.why, self.salt, self.lists = name, why, salt, lists
        self.num, self.den = num, den
        self.variants = []
        for arms in lists:
            self.variants += [v for v, _ in arms if v not in self.variants]
        weights = [[dict(arms).get(v, 0) for v in self.variants] for arms in lists]
        self.lines = lines_of(weights)
        self.seeds = {p: seed(p, salt) for p in ("traffic", "arm")}
        self.traffic_end = LINE * num // den

    def row(self):
        arms = [[{"variant": v, "weight": str(w)} for v, w in arms] for arms in self.lists]
        return {
            "spec": self.name, "why": self.why, "salt_hex": self.salt.hex(), "arms": arms[0], "phases": arms[1:],
            "traffic": {"num": str(self.num), "den": str(self.den)}, "variants": self.variants,
            "lines": [[{"start": hex16(s), "index": o} for s, _, o in line] for line in self.lines],
        }

    def unit(self, data):
        u = xxh64(data)
        traffic, arm = (mix64(u ^ self.seeds[p]) for p in ("traffic", "arm"))
        indices = [-1] * len(self.lines)
        if traffic < self.traffic_end:
            indices = [o for line in self.lines for s, e, o in line if s <= arm < e]
        assert len(indices) == len(self.lines)
        return {"spec": self.name, "id_hex": data.hex(), "u": hex16(u), "traffic_position": hex16(traffic),
                "arm_position": hex16(arm), "indices": indices}


def ab(*weights):
    """Phases of the arms a, b, c, .. with these weights."""
    return [[("abcdefghij"[i], w) for i, w in enumerate(one)] for one in weights]


def specs():
    big = 1 << 63
    yield Phased("there-and-back", "50/50 to 60/40 and back", ab((50, 50), (60, 40), (50, 50)))
    yield Phased("other-way-and-back", "50/50 to 40/60 and back", ab((1, 1), (2, 3), (1, 1)))
    yield Phased("same-sizes", "50/50 in other words moves nobody", ab((50, 50), (1, 1), (7, 7), (3, 7), (30, 70)))
    yield Phased("third-arm", "a new arm takes from both and swaps nobody", ab((1, 1), (1, 1, 1)))
    yield Phased("third-and-fourth", "two new arms at once, then one by one", ab((1, 1), (2, 2, 1, 1), (1, 1, 1, 1), (1, 1, 1, 1, 1)))
    yield Phased("drop-last", "the last of three goes", ab((1, 1, 1), (1, 1)))
    yield Phased("drop-first", "the first of three goes", [ab((1, 1, 1))[0], [("b", 1), ("c", 1)]])
    yield Phased("drop-and-back", "an arm that went comes back to its own units",
                 [ab((2, 3, 5))[0], [("a", 1), ("c", 1)], ab((2, 3, 5))[0]])
    yield Phased("replace", "one arm for another", [ab((1, 1))[0], [("a", 1), ("x", 1)], [("y", 1), ("a", 1)]])
    yield Phased("listing-order", "the order within a phase changes nothing for arms that exist",
                 [ab((1, 1, 2))[0], [("c", 1), ("b", 1), ("a", 1)], [("b", 3), ("a", 1), ("c", 2)]])
    yield Phased("new-in-order", "new arms are numbered as listed", [ab((1, 1))[0], [("z", 1), ("b", 1), ("y", 1), ("a", 1)]])
    yield Phased("named-with-zero", "a weight of 0 is as not being listed", [[("a", 1), ("b", 1), ("c", 0)], ab((1, 1))[0], ab((1, 1, 2))[0], ab((1, 1, 0))[0]])
    yield Phased("from-nothing", "first arm without weight at the start", ab((0, 1), (1, 1), (1, 0), (0, 1)))
    yield Phased("winner", "everyone into one arm and back", ab((1, 1, 1), (0, 1, 0), (1, 1, 1)))
    yield Phased("in-steps-and-back", "60/40, 70/30, 80/20 and home in one jump",
                 ab((50, 50), (60, 40), (70, 30), (80, 20), (50, 50)))
    yield Phased("undone-one-by-one", "three phases and their reverts",
                 ab((5, 3, 2), (2, 5, 3), (3, 2, 5), (1, 1, 1), (3, 2, 5), (2, 5, 3), (5, 3, 2)))
    yield Phased("undone-and-redone", "an undone phase leaves no trace",
                 ab((5, 3, 2), (2, 5, 3), (5, 3, 2), (2, 5, 3), (4, 4, 2), (2, 5, 3), (5, 3, 2)))
    yield Phased("two-ways-home", "the sizes of the start come back on another line; undoing returns by both",
                 ab((1, 18, 3, 1, 1), (10, 5, 4, 5, 0), (10, 7, 5, 2, 0), (1, 18, 3, 1, 1),
                    (10, 7, 5, 2, 0), (10, 5, 4, 5, 0), (1, 18, 3, 1, 1)))
    yield Phased("looks-back", "a growing arm first gets what it had most recently",
                 ab((4, 4, 4), (6, 2, 4), (6, 4, 2), (4, 3, 5), (3, 5, 4), (5, 3, 4), (4, 4, 4)))
    yield Phased("many-steps", "twenty phases of four arms",
                 ab(*[[1 + (7 * i * (j + 2) + j * j) % 11 for j in range(4)] for i in range(21)]))
    yield Phased("weights-2^63", "sums of weights above 2^64", ab((big, big), (big, big, big), (big, 1, big), (big, big)))
    yield Phased("weights-most", "the largest weights", ab((MASK, MASK - 1), (MASK - 1, MASK), (MASK, MASK, MASK), (1, MASK)))
    yield Phased("dust", "arms of one position or none", ab((1, big, big), (big, big, 1), (1, big, big), (big, 1, big)))
    yield Phased("ten-arms", "ten arms that shrink to three", [ab(range(1, 11))[0], [("j", 1), ("e", 2), ("a", 3)], ab(range(10, 0, -1))[0]])
    yield Phased("one-arm", "a rollout with a comparison added later", [[("on", 1)], [("on", 1), ("off", 1)], [("on", 9), ("off", 1)]])
    yield Phased("tenth-enrolled", "traffic is a stream of its own", ab((1, 1), (3, 2), (1, 1, 1)), 1, 10)
    yield Phased("none-enrolled", "nobody", ab((1, 1), (3, 2)), 0, 1)
    yield Phased("other-salt", "another salt, the same lines", ab((50, 50), (60, 40), (50, 50)), 2, 3, b"\xff\xfe other salt")


def ids(s):
    for i in range(40, 80):
        yield b"customer-%d" % i
    yield "caf\u00e9".encode()
    yield noise("phases", 36)
    starts = sorted({a for line in s.lines for a, _, _ in line})
    for at in sorted({0, MASK, *(p for a in starts[:60] for p in around(a))}):
        yield id_at(at, s.seeds["arm"])
    for at in sorted({0, MASK, *around(s.traffic_end)}):
        yield id_at(at, s.seeds["traffic"])


def positions():
    """Streams of layers and holdouts, which have no split of their own."""
    for purpose in ("layer", "holdout"):
        for salt in (b"checkout", b"checkout-2026-11", b"global-2026", "caf\u00e9".encode(), b"\xff\xfe", noise("salt", 300)):
            value = seed(purpose, salt)
            some = [b"customer-%d" % i for i in range(40, 60)] + [noise("length/%d" % n, n) for n in (1, 31, 32, 33, 64, 200)]
            for data in some + [id_at(at, value) for at in (0, 1, 1 << 63, MASK)]:
                u = xxh64(data)
                yield {"purpose": purpose, "salt_hex": salt.hex(), "seed": hex16(value), "id_hex": data.hex(),
                       "u": hex16(u), "position": hex16(mix64(u ^ value))}


def rows():
    everything = list(specs())
    assert len({s.name for s in everything}) == len(everything)
    for s in everything:
        yield s.row()
    for s in everything:
        yield from (s.unit(data) for data in ids(s))
    yield from positions()


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "write"):
        sys.exit(__doc__)
    self_check()
    check_lines()
    text = "".join(json.dumps(r, separators=(",", ":"), ensure_ascii=True) + "\n" for r in rows())
    if sys.argv[1] == "check":
        with open(sys.argv[2], encoding="ascii", newline="") as f:
            if f.read() != text:
                sys.exit("%s differs from what this script computes" % sys.argv[2])
    else:
        with open(sys.argv[2], "x", encoding="ascii", newline="") as f:
            f.write(text)
    print("%d rows, sha256 %s" % (text.count("\n"), hashlib.sha256(text.encode()).hexdigest()))


if __name__ == "__main__":
    main()
