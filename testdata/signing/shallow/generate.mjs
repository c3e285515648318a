// Writes `runtime.jsonl` and `semantics.jsonl` as Node 20 answers:
//   node testdata/signing/shallow/generate.mjs
// No test runs this; it says where the expected texts come from.
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";

const here = new URL(".", import.meta.url);
let state = 20260115;
const below = (n) => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
};
const pick = (list) => list[below(list.length)];

const deleted = (bundle) => {
  const { signature, ...rest } = bundle;
  return JSON.stringify(rest, Object.keys(rest).sort());
};
const undefinedInstead = (bundle) => {
  const rest = { ...bundle, signature: undefined };
  return JSON.stringify(rest, Object.keys(rest).sort());
};

// Bundles as a platform team writes them, and the same with every uncovered member changed.
const rule = (id, outcome) => ({
  id,
  description: `rule ${id}: “quoted” \\ \u2028 é 😀`,
  match: { tool_name: ["read", "write"], environment: "prod" },
  when: { tool_args_match: { amount: { gt: 1000.5 } } },
  outcome,
});
const bundles = [{}, { revision: 7 }, { metadata: { version: "kept", rules: ["kept", { version: 1 }] } },
  { rules: [] }, { metadata: { signature: "inner", owner: "me" }, signature: "0".repeat(64) }].map((extra) => ({
  version: "1.0.0",
  generated_at: "2026-01-01T00:00:00.000Z",
  expires_at: "2099-01-01T00:00:00.000Z",
  rules: [rule("A", "DENY"), rule("B", "REQUIRE_APPROVAL")],
  defaults: { outcome: "DENY" },
  ...extra,
}));
const runtime = bundles.map((bundle) => {
  const secret = "an example of a secret that is long enough";
  const payload = deleted(bundle);
  const signature = createHmac("sha256", secret).update(payload).digest("hex");
  const tampered = { ...bundle, rules: bundle.rules.map(() => rule("C", "ALLOW")), defaults: { outcome: "ALLOW" } };
  return { secret, bundle, payload, signature, tampered };
});
writeFileSync(new URL("runtime.jsonl", here), runtime.map((v) => JSON.stringify(v) + "\n").join(""));

// Random documents, built by JSON.parse so that "__proto__" is a member like any other.
const keys = ["__proto__", "signature", "a", "b", "10", "9", "-1", "01", "", "é", "\u{1F600}", "\uE000", "\uFFFD",
  "constructor", "toString", "toJSON", "length", "rules", "version"];
const scalars = ["null", "true", "false", "0", "-0", "1e-7", "1e21", "1e20", "0.1", "-1.5e-9", "5e-324",
  "1.7976931348623157e308", "9007199254740991", "123456789012345680000", "100", "1E2", '""', '"text"',
  '"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\\\/\\u007f\\u2028\\u2029\\ufeff"', '"\\ud83d\\ude00"', '"é"'];
const value = (depth) => {
  const kind = depth > 3 ? 0 : below(4);
  if (kind < 2) return pick(scalars);
  if (kind === 2) return `[${Array.from({ length: below(4) }, () => value(depth + 1)).join()}]`;
  return object(depth + 1);
};
const object = (depth) => {
  const chosen = [...new Set(Array.from({ length: below(7) }, () => pick(keys)))];
  return `{${chosen.map((key) => `${JSON.stringify(key)}:${value(depth)}`).join()}}`;
};
const semantics = Array.from({ length: 200 }, () => {
  const text = object(0);
  const bundle = JSON.parse(text);
  const answers = `"deleted":${JSON.stringify(deleted(bundle))},"undefined":${JSON.stringify(undefinedInstead(bundle))}`;
  return `{"bundle":${text},${answers}}\n`;
});
writeFileSync(new URL("semantics.jsonl", here), semantics.join(""));
