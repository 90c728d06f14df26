// touchlift/1 in JavaScript, written from the package documentation of assign and from
// nothing else, to show that it says enough. Every integer is a BigInt: the numbers of
// JavaScript lose the last bits of a hash. Ids and salts are bytes, as Uint8Array.

const MASK = (1n << 64n) - 1n;
const LINE = 1n << 64n;

// XXH64 with seed 0, of https://github.com/Cyan4973/xxHash.

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const mul = (a, b) => (a * b) & MASK;
const add = (a, b) => (a + b) & MASK;
const rotl = (x, r) => ((x << r) | (x >> (64n - r))) & MASK;
const round = (acc, lane) => mul(rotl(add(acc, mul(lane, P2)), 31n), P1);

export function xxh64(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at) => view.getBigUint64(at, true);
  let at = 0;
  let h = P5;
  if (bytes.length >= 32) {
    const lanes = [add(P1, P2), P2, 0n, (-P1) & MASK];
    for (; at + 32 <= bytes.length; at += 32) {
      for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i], word(at + 8 * i));
    }
    h = [1n, 7n, 12n, 18n].reduce((sum, r, i) => add(sum, rotl(lanes[i], r)), 0n);
    for (const lane of lanes) h = add(mul(h ^ round(0n, lane), P1), P4);
  }
  h = add(h, BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) h = add(mul(rotl(h ^ round(0n, word(at)), 27n), P1), P4);
  if (at + 4 <= bytes.length) {
    h = add(mul(rotl(h ^ mul(BigInt(view.getUint32(at, true)), P1), 23n), P2), P3);
    at += 4;
  }
  for (; at < bytes.length; at++) h = mul(rotl(h ^ mul(BigInt(bytes[at]), P5), 11n), P1);
  h = mul(h ^ (h >> 33n), P2);
  h = mul(h ^ (h >> 29n), P3);
  return h ^ (h >> 32n);
}

// The mapping.

export function mix64(x) {
  x ^= x >> 33n;
  x = mul(x, 0xff51afd7ed558ccdn);
  x ^= x >> 33n;
  x = mul(x, 0xc4ceb9fe1a85ec53n);
  return x ^ (x >> 33n);
}

export function seedOf(salt, purpose) {
  return xxh64(new Uint8Array([...salt, 0, ...new TextEncoder().encode(purpose)]));
}

export const position = (u, seed) => mix64(u ^ seed);

// reasonOf says why an id cannot be assigned; undefined if it can.
export function reasonOf(id) {
  if (id.length === 0) return "missing_unit";
  return id.includes(0) ? "invalid_unit" : undefined;
}

export const trafficEnd = ({ num, den }) => (LINE * num) / den;

// endsOf returns where each arm ends on the line of phase 0.
export function endsOf(weights) {
  const total = weights.reduce((a, b) => a + b, 0n);
  let sum = 0n;
  return weights.map((w) => (LINE * (sum += w)) / total);
}

// Phases. A line is a list of pieces { from, to, owner } that cover [0, 2^64).

// variantsOf numbers the arms in the order in which the spec mentions them first.
export function variantsOf(spec) {
  return [...new Set([spec.arms, ...spec.phases].flat().map((arm) => arm.variant))];
}

function sizesOf(arms, variants) {
  const weight = new Map(arms.map((arm) => [arm.variant, arm.weight]));
  const ends = endsOf(variants.map((v) => weight.get(v) ?? 0n));
  return ends.map((end, i) => end - (i > 0 ? ends[i - 1] : 0n));
}

function laid(sizes) {
  let at = 0n;
  return sizes.map((size, owner) => ({ from: at, to: (at += size), owner })).filter((p) => p.from < p.to);
}

function measured(line, count) {
  const sizes = Array(count).fill(0n);
  for (const p of line) sizes[p.owner] += p.to - p.from;
  return sizes;
}

// both cuts two lines into ranges in which the owners on both are constant.
function both(a, b) {
  const ranges = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const from = a[i].from > b[j].from ? a[i].from : b[j].from;
    const to = a[i].to < b[j].to ? a[i].to : b[j].to;
    ranges.push({ from, to, owner: a[i].owner, other: b[j].owner });
    if (a[i].to === to) i++;
    if (b[j].to === to) j++;
  }
  return ranges;
}

function merged(line) {
  const out = [];
  for (const p of line) {
    const last = out.at(-1);
    if (last && last.owner === p.owner) last.to = p.to;
    else out.push({ from: p.from, to: p.to, owner: p.owner });
  }
  return out;
}

const least = (...all) => all.reduce((a, b) => (a < b ? a : b));
const over0 = (x) => (x > 0n ? x : 0n);
const same = (a, b) => a.every((x, i) => x === b[i]);

// give goes through ranges from the highest position down. takers names the arms that
// may get a range, in order; each gets its upper part, as far as excess and need allow.
function give(ranges, excess, need, takers) {
  const line = [];
  for (const range of [...ranges].reverse()) {
    let to = range.to;
    for (const taker of takers(range)) {
      const size = least(to - range.from, excess[range.owner], need[taker]);
      if (size === 0n) continue;
      line.unshift({ from: to - size, to, owner: taker });
      to -= size;
      excess[range.owner] -= size;
      need[taker] -= size;
    }
    if (to > range.from) line.unshift({ from: range.from, to, owner: range.owner });
  }
  return merged(line);
}

// moved returns the line of a phase of new sizes: rule 4.
function moved(history, have, want) {
  const excess = have.map((s, i) => over0(s - want[i]));
  const need = have.map((s, i) => over0(want[i] - s));
  let line = history.at(-1);
  for (const earlier of history.slice(0, -1).reverse()) {
    line = give(both(line, earlier), excess, need, (range) => [range.other]);
  }
  return give(line, excess, need, () => want.keys());
}

// linesOf returns the line of every phase, the arms of the spec being phase 0.
export function linesOf(spec) {
  const variants = variantsOf(spec);
  const sizes = (line) => measured(line, variants.length);
  const history = [laid(sizesOf(spec.arms, variants))];
  const lines = [history[0]];
  for (const phase of spec.phases) {
    const want = sizesOf(phase, variants);
    const have = sizes(history.at(-1));
    const moves = want.reduce((sum, t, i) => sum + over0(t - have[i]), 0n);
    const apart = (line) =>
      both(line, history.at(-1)).reduce((sum, r) => sum + (r.owner === r.other ? 0n : r.to - r.from), 0n);
    if (!same(want, have)) {
      if (history.length > 1 && same(want, sizes(history.at(-2)))) {
        history.pop();
      } else {
        const home = history.slice(0, -1).findLast((line) => same(want, sizes(line)) && apart(line) === moves);
        history.push(home ?? moved(history, have, want));
      }
    }
    lines.push(history.at(-1));
  }
  return lines;
}

export const ownerAt = (line, position) => line.find((p) => position < p.to).owner;
