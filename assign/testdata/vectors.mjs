// Recomputes every row of the files that are named on the command line with
// touchlift.mjs, and compares all of its fields. The last line counts the rows; the
// status is 1 if a row differs.
//
//     node vectors.mjs vectors.jsonl phases.jsonl

import { isDeepStrictEqual } from "node:util";
import { readFileSync } from "node:fs";
import * as touchlift from "./touchlift.mjs";

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const hex16 = (x) => x.toString(16).padStart(16, "0");
const arm = ({ variant, weight }) => ({ variant, weight: BigInt(weight) });

// readSpec returns the input of a row that defines a split.
function readSpec(row) {
  return {
    salt: bytes(row.salt_hex),
    arms: row.arms.map(arm),
    phases: (row.phases ?? []).map((phase) => phase.map(arm)),
    traffic: { num: BigInt(row.traffic.num), den: BigInt(row.traffic.den) },
  };
}

const inputs = ["spec", "why", "salt_hex", "arms", "phases", "traffic", "id_hex", "purpose"];
const inputOf = (row) => Object.fromEntries(Object.entries(row).filter(([key]) => inputs.includes(key)));

function specRow(row, splits) {
  const spec = readSpec(row);
  const split = {
    seeds: { arm: touchlift.seedOf(spec.salt, "arm"), traffic: touchlift.seedOf(spec.salt, "traffic") },
    trafficEnd: touchlift.trafficEnd(spec.traffic),
    lines: touchlift.linesOf(spec),
    variants: touchlift.variantsOf(spec),
    phased: row.phases !== undefined,
  };
  splits.set(row.spec, split);
  if (split.phased) {
    const starts = (line) => line.map((piece) => ({ start: hex16(piece.from), index: piece.owner }));
    return { ...inputOf(row), variants: split.variants, lines: split.lines.map(starts) };
  }
  return {
    ...inputOf(row),
    seed_traffic: hex16(split.seeds.traffic),
    seed_arm: hex16(split.seeds.arm),
    traffic_end: split.trafficEnd.toString(16),
    arm_ends: touchlift.endsOf(spec.arms.map((a) => a.weight)).map((end) => end.toString(16)),
  };
}

function unitRow(row, splits) {
  const split = splits.get(row.spec);
  const id = bytes(row.id_hex);
  const u = touchlift.xxh64(id);
  const inTraffic = touchlift.position(u, split.seeds.traffic);
  const inArms = touchlift.position(u, split.seeds.arm);
  const reason = touchlift.reasonOf(id);
  const enrolled = reason === undefined && inTraffic < split.trafficEnd;
  const indices = split.lines.map((line) => (enrolled ? touchlift.ownerAt(line, inArms) : -1));
  const found = { ...inputOf(row), u: hex16(u), traffic_position: hex16(inTraffic), arm_position: hex16(inArms) };
  if (split.phased) return { ...found, indices };
  if (reason !== undefined) found.reason = reason;
  return { ...found, enrolled, index: indices[0], variant: enrolled ? split.variants[indices[0]] : "" };
}

function streamRow(row) {
  const seed = touchlift.seedOf(bytes(row.salt_hex), row.purpose);
  const u = touchlift.xxh64(bytes(row.id_hex));
  return { ...inputOf(row), seed: hex16(seed), u: hex16(u), position: hex16(touchlift.position(u, seed)) };
}

function check(file) {
  const splits = new Map();
  let passed = 0;
  let failed = 0;
  for (const line of readFileSync(file, "utf8").trimEnd().split("\n")) {
    const row = JSON.parse(line);
    const got = row.why ? specRow(row, splits) : row.purpose ? streamRow(row) : unitRow(row, splits);
    if (isDeepStrictEqual(got, row)) {
      passed++;
    } else if (++failed <= 5) {
      console.log(`${file}: want ${line}\n${file}: got  ${JSON.stringify(got)}`);
    }
  }
  return { passed, failed };
}

const counts = process.argv.slice(2).map(check);
const sum = (key) => counts.reduce((all, count) => all + count[key], 0);
console.log(`javascript: ${sum("passed")} passed, ${sum("failed")} failed`);
process.exitCode = sum("failed") > 0 || sum("passed") === 0 ? 1 : 0;
