#!/usr/bin/env python3
"""A second implementation of touchlift/1, and the writer of vectors.jsonl.

It shares no code with the Go package: its own XXH64, and Python's integers of any
size instead of 128-bit arithmetic. It needs only the standard library. No Go test
runs it.

    python3 vectors.py check FILE    compare FILE with what this script computes
    python3 vectors.py write FILE    write FILE; refuses if it exists

The vectors are frozen. A change of the mapping is a new major version with a file
of its own, so there is no way to overwrite one.
"""

import hashlib
import json
import sys
import unicodedata
from fractions import Fraction

LINE = 1 << 64
MASK = LINE - 1
P1, P2, P3, P4, P5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9,
                      0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
M1, M2 = 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53


# XXH64 with seed 0.

def rotl(x, r):
    return ((x << r) | (x >> (64 - r))) & MASK


def xxh_round(acc, lane):
    return rotl((acc + lane * P2) & MASK, 31) * P1 & MASK


def xxh64(data):
    at = 0
    if len(data) >= 32:
        acc = [(P1 + P2) & MASK, P2, 0, -P1 & MASK]
        while at + 32 <= len(data):
            for i in range(4):
                lane = int.from_bytes(data[at + 8 * i:at + 8 * i + 8], "little")
                acc[i] = xxh_round(acc[i], lane)
            at += 32
        h = sum(rotl(a, r) for a, r in zip(acc, (1, 7, 12, 18))) & MASK
        for a in acc:
            h = ((h ^ xxh_round(0, a)) * P1 + P4) & MASK
    else:
        h = P5
    h = (h + len(data)) & MASK
    while at + 8 <= len(data):
        h ^= xxh_round(0, int.from_bytes(data[at:at + 8], "little"))
        h = (rotl(h, 27) * P1 + P4) & MASK
        at += 8
    if at + 4 <= len(data):
        h ^= int.from_bytes(data[at:at + 4], "little") * P1 & MASK
        h = (rotl(h, 23) * P2 + P3) & MASK
        at += 4
    for byte in data[at:]:
        h ^= byte * P5 & MASK
        h = rotl(h, 11) * P1 & MASK
    h = (h ^ (h >> 33)) * P2 & MASK
    h = (h ^ (h >> 29)) * P3 & MASK
    return h ^ (h >> 32)


# Published digests; a wrong XXH64 above must not write vectors.
KNOWN = {
    b"": 0xEF46DB3751D8E999,
    b"a": 0xD24EC4F1A98C6E5B,
    b"as": 0x1C330FB2D66BE179,
    b"asd": 0x631C37CE72A97393,
    b"asdf": 0x415872F599CEA71E,
    b"abc": 0x44BC2CF5AD770999,
    b"Nobody inspects the spammish repetition": 0xFBCEA83C8A378BF1,
    b"Call me Ishmael. Some years ago--never mind how long precisely-": 0x02A2E85470D6FD96,
    b"The quick brown fox jumps over the lazy dog": 0x0B242D361FDA71BC,
}


# The mapping.

def mix64(x):
    x = (x ^ (x >> 33)) * M1 & MASK
    x = (x ^ (x >> 33)) * M2 & MASK
    return x ^ (x >> 33)


def seed(purpose, salt):
    return xxh64(salt + b"\0" + purpose.encode())


class Split:
    def __init__(self, name, why, salt, weights, num, den, variants=None):
        self.name, self.why, self.salt, self.weights = name, why, salt, weights
        self.num, self.den = num, den
        self.variants = variants or ["control"] + ["v%d" % i for i in range(1, len(weights))]
        self.seeds = {p: seed(p, salt) for p in ("traffic", "arm")}
        self.traffic_end = LINE * num // den
        total = sum(weights)
        self.ends = [LINE * sum(weights[:i + 1]) // total for i in range(len(weights))]

    def row(self):
        return {
            "spec": self.name,
            "why": self.why,
            "salt_hex": self.salt.hex(),
            "arms": [{"variant": v, "weight": str(w)} for v, w in zip(self.variants, self.weights)],
            "traffic": {"num": str(self.num), "den": str(self.den)},
            "seed_traffic": hex16(self.seeds["traffic"]),
            "seed_arm": hex16(self.seeds["arm"]),
            "traffic_end": "%x" % self.traffic_end,
            "arm_ends": ["%x" % e for e in self.ends],
        }

    def unit(self, data):
        u = xxh64(data)
        traffic, arm = (mix64(u ^ self.seeds[p]) for p in ("traffic", "arm"))
        reason = "missing_unit" if not data else "invalid_unit" if 0 in data else ""
        index = -1
        if not reason and traffic < self.traffic_end:
            starts = [0] + self.ends[:-1]
            (index,) = [i for i, (a, b) in enumerate(zip(starts, self.ends)) if a <= arm < b]
        row = {
            "spec": self.name,
            "id_hex": data.hex(),
            "u": hex16(u),
            "traffic_position": hex16(traffic),
            "arm_position": hex16(arm),
            "enrolled": index >= 0,
            "index": index,
            "variant": self.variants[index] if index >= 0 else "",
        }
        if reason:
            row["reason"] = reason
        return row


def hex16(x):
    return "%016x" % x


# Ids at a chosen position: every step is a bijection, so walk it backwards.

def unshift(y, r):
    x = y
    for _ in range(64 // r + 1):
        x = y ^ (x >> r)
    return x


def unmix64(y):
    x = unshift(y, 33) * pow(M2, -1, LINE) & MASK
    x = unshift(x, 33) * pow(M1, -1, LINE) & MASK
    return unshift(x, 33)


def id_at(position, seed_value):
    """Twelve bytes without a zero byte whose position under the seed is the one asked for."""
    u = unmix64(position) ^ seed_value
    h = unshift(u, 32) * pow(P3, -1, LINE) & MASK
    h = unshift(h, 29) * pow(P2, -1, LINE) & MASK
    h = unshift(h, 33)
    for tail in range(0x21212121, 0x7E7E7E7E, 0x01010101):
        g = rotl((h - P3) * pow(P2, -1, LINE) & MASK, 64 - 23) ^ (tail * P1 & MASK)
        g = rotl((g - P4) * pow(P1, -1, LINE) & MASK, 64 - 27) ^ (P5 + 12)
        lane = rotl(g * pow(P1, -1, LINE) & MASK, 64 - 31) * pow(P2, -1, LINE) & MASK
        data = lane.to_bytes(8, "little") + tail.to_bytes(4, "little")
        if 0 not in data:
            assert mix64(xxh64(data) ^ seed_value) == position
            return data
    raise AssertionError("no id found")


# The inputs.

def noise(label, n):
    """n reproducible bytes, none of them zero."""
    out = b""
    block = 0
    while len(out) < n:
        digest = hashlib.sha256(("%s/%d" % (label, block)).encode()).digest()
        out += bytes(b for b in digest if b)
        block += 1
    return out[:n]


def splits():
    even, big = [1, 1], 1 << 63
    yield Split("even", "the usual test", b"checkout-2026-11", even, 1, 1, ["control", "free_returns"])
    yield Split("even-other-salt", "one byte of the salt differs", b"checkout-2026-12", even, 1, 1)
    yield Split("even-unreduced", "50 and 50 of 7/7 are 1 and 1 of 1/1", b"checkout-2026-11", [50, 50], 7, 7)
    yield Split("salt-one-byte", "shortest salt", b"x", even, 1, 1)
    yield Split("salt-unicode-nfc", "salts are bytes, not normalised", "caf\u00e9".encode(), even, 1, 1)
    yield Split("salt-unicode-nfd", "the same text decomposed", "cafe\u0301".encode(), even, 1, 1)
    yield Split("salt-not-utf8", "salts need not be UTF-8", b"\xff\xfe\x80salt", even, 1, 1)
    yield Split("salt-long", "salt of 300 bytes", noise("salt", 300), even, 1, 1)
    yield Split("salt-space", "no trimming", b" checkout-2026-11", even, 1, 1)
    yield Split("one-arm", "everyone in one arm", b"one", [1], 1, 1)
    yield Split("one-arm-big", "one arm of the largest weight", b"one", [MASK], 1, 1)
    yield Split("one-arm-half", "a pure rollout", b"rollout", [1], 1, 2, ["on"])
    yield Split("thirds", "boundaries that are no whole numbers", b"thirds", [1, 1, 1], 1, 1)
    yield Split("sevenths", "uneven boundaries", b"sevenths", [3, 1, 2, 1], 1, 1)
    yield Split("ninety-ten", "uneven", b"ninety-ten", [90, 10], 1, 1)
    yield Split("zero-first", "a zero weight before", b"zeros", [0, 1, 1], 1, 1)
    yield Split("zero-middle", "a zero weight between", b"zeros", [1, 0, 1], 1, 1)
    yield Split("zero-last", "a zero weight behind", b"zeros", [1, 1, 0], 1, 1)
    yield Split("zero-many", "only the third of five gets anyone", b"zeros", [0, 0, 5, 0, 0], 1, 1)
    yield Split("big-even", "a sum of 2^64", b"big", [big, big], 1, 1)
    yield Split("big-three", "a sum above 2^64", b"big", [big, big, big], 1, 1)
    yield Split("big-most", "three of the largest weight", b"big", [MASK, MASK, MASK], 1, 1)
    yield Split("big-small", "one against 2^63", b"big", [1, big], 1, 1)
    yield Split("small-big", "2^63 against one", b"big", [big, 1], 1, 1)
    yield Split("dust-first", "weight 1 of more than 2^64 gets no position in front", b"dust", [1, big, big], 1, 1)
    yield Split("dust-last", "and exactly one position at the end", b"dust", [big, big, 1], 1, 1)
    yield Split("eight", "eight equal arms", b"eight", [1] * 8, 1, 1)
    yield Split("nine", "nine arms that grow", b"nine", list(range(1, 10)), 1, 1)
    yield Split("sixty-four", "many arms", b"sixty-four", [1] * 64, 1, 1)
    yield Split("sixty-four-uneven", "many arms, some empty", b"sixty-four",
                [0 if i % 5 == 0 else 1 << (i % 64) for i in range(64)], 1, 1)
    yield Split("traffic-none", "nobody", b"checkout-2026-11", even, 0, 1)
    yield Split("traffic-tenth", "10 percent", b"checkout-2026-11", even, 1, 10)
    yield Split("traffic-fifth", "20 percent keeps the first 10", b"checkout-2026-11", even, 1, 5)
    yield Split("traffic-half", "50 percent", b"checkout-2026-11", even, 1, 2)
    yield Split("traffic-third", "no whole boundary", b"checkout-2026-11", even, 1, 3)
    yield Split("traffic-99", "99 percent", b"checkout-2026-11", even, 99, 100)
    yield Split("traffic-12.5", "an eighth, three arms", b"eighth", [1, 1, 1], 1, 8)
    yield Split("traffic-0.1", "0.1 percent", b"permille", even, 1, 1000)
    yield Split("traffic-2^-63", "two positions are enrolled", b"tiny", even, 1, big)
    yield Split("traffic-10^-18", "eighteen positions are enrolled", b"tiny", even, 1, 10**18)
    yield Split("traffic-least", "the least share that enrols a position", b"tiny", even, 1, MASK)
    yield Split("traffic-most", "the largest share below everyone", b"tiny", even, MASK - 1, MASK)
    yield Split("traffic-odd", "large terms", b"odd", [2, 3], 12345678901234567891, 18446744073709551557)
    yield Split("unicode-variants", "names are not hashed", b"checkout-2026-11", even, 1, 1,
                ["kontroll \u2013 s\u00f8r", "\u65e0\u9700\u9000\u8d27"])


def short_ids():
    """Ids of at most 64 bytes; every split maps every one of them."""
    yield b""
    yield b"\0"
    yield b"customer\0-42"
    yield b"trailing\0"
    for i in (1, 2, 3, 9, 10, 42, 99, 100, 1000, 123456789, 2**31 - 1, 2**31, 2**63, 2**64 - 1):
        yield b"%d" % i
    for i in range(60):
        yield b"customer-%d" % i
    for i in range(40):
        yield b"user-%06d" % i
    for i in range(50):
        d = hashlib.sha256(b"uuid/%d" % i).hexdigest()
        yield ("%s-%s-4%s-a%s-%s" % (d[:8], d[8:12], d[13:16], d[17:20], d[20:32])).encode()
    words = ["\u00e5ngstr\u00f6m", "caf\u00e9", "\u1e9b\u0323", "\ud55c\uad6d\uc5b4", "\ufb01nance", "\u212bngstr\u00f6m"]
    for word in words:
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            yield unicodedata.normalize(form, word).encode()
    for text in ("\u540d\u524d-7", "\u0639\u0645\u064a\u0644", "\U0001f6d2", "\u200b", "\ufeffcustomer-42", "e\u0301\u0301",
                 "\U0001f469\u200d\U0001f680", "customer-42 ", " customer-42", "Customer-42", "customer_42", "a+b@example.org"):
        yield text.encode()
    for raw in (b"\xff", b"\x80", b"\xc3", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"ok\xfeok", b"\x01",
                b"\x7f", b"\xef\xbb\xbf", b"\r\n", b"\t", b"\"\\"):
        yield raw
    for n in (15, 16, 17, 31, 32, 33, 63, 64):
        yield noise("short", n)


def sweep_ids():
    """Every length around the blocks of the hash, and some long ids."""
    for n in list(range(1, 257)) + [511, 512, 513, 1000, 1023, 1024, 1025, 2048, 4095, 4096]:
        yield noise("length/%d" % n, n)
    yield b"x" * 4096
    yield "\u00e9".encode() * 2048


def around(end):
    return [p for p in (end - 1, end, end + 1) if 0 <= p < LINE]


def rows():
    all_splits = list(splits())
    by_name = {s.name: s for s in all_splits}
    assert len(by_name) == len(all_splits)
    for s in all_splits:
        yield s.row()
    seen = set()
    for data in short_ids():
        if data not in seen:
            seen.add(data)
            yield from (s.unit(data) for s in all_splits)
    for data in sweep_ids():
        yield by_name["even"].unit(data)
        yield by_name["traffic-third"].unit(data)
    for s in all_splits:
        for p in sorted({0, 1, MASK - 1, MASK, *around(s.traffic_end)}):
            yield s.unit(id_at(p, s.seeds["traffic"]))
        for p in sorted({0, 1, MASK - 1, MASK, *(p for e in s.ends for p in around(e))}):
            yield s.unit(id_at(p, s.seeds["arm"]))


def self_check():
    for data, want in KNOWN.items():
        assert xxh64(data) == want, data
    assert unmix64(mix64(0x0123456789ABCDEF)) == 0x0123456789ABCDEF
    third = Split("", "", b"s", [1, 1, 1], 1, 3)
    assert third.traffic_end == int(Fraction(LINE, 3)) == 0x5555555555555555


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "write"):
        sys.exit(__doc__)
    self_check()
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
