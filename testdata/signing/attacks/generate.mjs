// Writes the fixtures of attacks, signed by Node and not by this program:
//   node testdata/signing/attacks/generate.mjs
// Each is a directory named after the attack, with the files as the attacker leaves them and
// `case.json`: what `agent-spm verify` is called with and what it must answer. `keys/` in the
// arguments is the directory of the same name beside this one, with the files that `keys` in the
// case adds. No test runs this.
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const here = new URL(".", import.meta.url);
const read = (name) => readFileSync(new URL(`../keys/${name}`, here), "utf8");
const secret = read("ci.hmac").trimEnd();
const reviewer = createPrivateKey(read("reviewer.key.pem"));
const reviewerPem = read("reviewer.pub.pem");

const canonical = (v) =>
  Array.isArray(v) ? `[${v.map(canonical)}]`
  : v && typeof v === "object" ? `{${Object.keys(v).sort().map((k) => `${JSON.stringify(k)}:${canonical(v[k])}`)}}`
  : JSON.stringify(v);
const payload = ({ signature, ...rest }) => Buffer.from(canonical(rest));
const hmac = (key, bytes, encoding = "hex") => createHmac("sha256", key).update(bytes).digest(encoding);
const TYPE = "application/vnd.agent-spm.bundle+json";
const FILE = "application/vnd.agent-spm.file";
const pae = (type, body) => Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `), body]);

const bundle = (extra = {}) => ({
  version: "1.0.0",
  generated_at: "2026-01-01T00:00:00Z",
  expires_at: "2026-04-01T00:00:00Z",
  revision: 7,
  rules: [
    { id: "A", description: "no secrets", match: { tool_name: "send", environment: "*" }, when: { contains_any: ["password"] }, outcome: "DENY" },
    { id: "B", description: "the rest", match: { tool_name: "*", environment: "dev" }, outcome: "ALLOW" },
  ],
  defaults: { outcome: "DENY" },
  ...extra,
});
const opened = bundle({ rules: [{ id: "B", description: "all", match: { tool_name: "*", environment: "*" }, outcome: "ALLOW" }], defaults: { outcome: "ALLOW" } });
const plain = (b) => ({ ...b, signature: hmac(secret, payload(b)) });
const by = {
  ci: (b, type = TYPE) => ({ keyid: "ci", sig: hmac(secret, pae(type, payload(b)), "base64") }),
  reviewer: (b, type = TYPE) => ({ keyid: "reviewer", sig: sign(null, pae(type, payload(b)), reviewer).toString("base64") }),
};
const text = (b) => JSON.stringify(b, null, 2) + "\n";
const AT = ["--at", "2026-02-01T00:00:00Z"];
const KEYS = ["--keys", "keys/"];
const SECRET = ["--secret-file", "keys/ci.hmac"];

const attack = (name, files, code, { exit = 1, args = KEYS, at = AT, keys = {} } = {}) => {
  const directory = new URL(`${name}/`, here);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  for (const [file, content] of Object.entries(files)) writeFileSync(new URL(file, directory), content);
  const target = Object.keys(files)[0];
  writeFileSync(new URL("case.json", directory), text({ arguments: [target, ...args, ...at], keys, exit, code }));
};
const json = (b) => ({ "bundle.json": text(b) });
const swap = (content, from, to) => {
  if (!content.includes(from)) throw new Error(`${from} is not in ${content}`);
  return content.replace(from, to);
};

const good = bundle();
const shallow = (b) => hmac(secret, JSON.stringify(b, Object.keys(b).sort()));

// The same good documents must be accepted, or the refusals below mean nothing.
attack("none-plain", json(plain(good)), null, { exit: 0 });
attack("none-keyed", json({ ...good, signature: [by.ci(good), by.reviewer(good)] }), null, { exit: 0, args: [...KEYS, "--threshold", "2", "--require-key", "reviewer"] });
attack("none-last-second", json(plain(good)), null, { exit: 0, at: ["--at", "2026-03-31T23:59:59.999999Z"] });

attack("none-least-revision", json(plain(good)), null, { exit: 0, args: [...KEYS, "--min-revision", "7"] });
attack("none-hint-names-another-key", json({ ...good, signature: [{ ...by.ci(good), keyid: "reviewer" }, { ...by.reviewer(good), keyid: "whoever" }] }), null, { exit: 0, args: [...KEYS, "--threshold", "2"] });

// Content.
attack("rule-changed", { "bundle.json": swap(text(plain(good)), '"outcome": "DENY"', '"outcome": "ALLOW"') }, "signature_invalid");
attack("rule-changed-keyed", { "bundle.json": swap(text({ ...good, signature: [by.ci(good), by.reviewer(good)] }), '"outcome": "DENY"', '"outcome": "ALLOW"') }, "signature_invalid");
attack("signature-of-another-file", json({ ...opened, signature: plain(good).signature }), "signature_invalid");
attack("signature-of-another-file-keyed", json({ ...opened, signature: [by.ci(good), by.reviewer(good)] }), "signature_invalid");
attack("nested-signature-member", json({ ...plain(good), metadata: { signature: plain(good).signature } }), "signature_invalid");
attack("nested-signature-member-in-a-rule", { "bundle.json": swap(text(plain(good)), '"id": "A",', '"id": "A", "signature": "",') }, "unknown-key", { exit: 2 });

// Spellings of a signature.
attack("truncated", json({ ...good, signature: plain(good).signature.slice(0, 32) }), "signature_invalid");
attack("truncated-to-nothing", json({ ...good, signature: "" }), "signature_invalid");
attack("truncated-keyed", json({ ...good, signature: [{ keyid: "ci", sig: Buffer.from(by.ci(good).sig, "base64").subarray(0, 16).toString("base64") }] }), "signature_invalid");
attack("upper-case-hex", json({ ...good, signature: plain(good).signature.toUpperCase() }), "signature_invalid");
attack("white-space-around-the-signature", json({ ...good, signature: ` ${plain(good).signature}\n` }), "signature_invalid");
attack("base64-for-hex", json({ ...good, signature: Buffer.from(plain(good).signature, "hex").toString("base64") }), "signature_invalid");
attack("base64-without-padding", json({ ...good, signature: [{ keyid: "ci", sig: by.ci(good).sig.replace(/=+$/, "") }] }), "signature_invalid");
attack("empty-list", json({ ...good, signature: [] }), "signature_invalid");
attack("flood-of-signatures", json({ ...good, signature: [...Array(32).fill({ keyid: "ci", sig: "" }), by.ci(good)] }), "signature_invalid");
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const malleable = (sig) => {
  const bytes = Buffer.from(sig, "base64");
  let s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString("hex")}`) + L;
  for (let i = 32; i < 64; i += 1, s >>= 8n) bytes[i] = Number(s & 255n);
  return bytes.toString("base64");
};
const number = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const sha512 = (...parts) => createHash("sha512").update(Buffer.concat(parts)).digest();
// The signer's own trick: the commitment is the neutral point, which lax verifiers accept.
const neutral = (b) => {
  const expanded = sha512(reviewer.export({ format: "der", type: "pkcs8" }).subarray(-32)).subarray(0, 32);
  expanded[0] &= 248; expanded[31] = (expanded[31] & 127) | 64;
  const R = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
  const A = createPublicKey(reviewer).export({ format: "der", type: "spki" }).subarray(-32);
  let s = (number(sha512(R, A, pae(TYPE, payload(b)))) * number(expanded)) % L;
  const S = Buffer.alloc(32);
  for (let i = 0; i < 32; i += 1, s >>= 8n) S[i] = Number(s & 255n);
  return Buffer.concat([R, S]).toString("base64");
};
attack("small-order-commitment", json({ ...good, signature: [{ keyid: "reviewer", sig: neutral(good) }] }), "signature_invalid");
attack("malleable-ed25519", json({ ...good, signature: [{ keyid: "reviewer", sig: malleable(by.reviewer(good).sig) }] }), "signature_invalid");

// One text, two meanings.
attack("duplicate-key", { "bundle.json": swap(text(plain(good)), '"defaults": {', '"defaults": { "outcome": "ALLOW" },\n  "defaults": {') }, "duplicate-key", { exit: 2 });
attack("duplicate-key-escaped", { "bundle.json": swap(text(plain(good)), '"defaults": {', '"default\\u0073": { "outcome": "ALLOW" },\n  "defaults": {') }, "duplicate-key", { exit: 2 });
attack("duplicate-signature", { "bundle.json": swap(text(plain(good)), '"signature"', '"signature": "",\n  "signature"') }, "duplicate-key", { exit: 2 });
const limit = bundle({ metadata: { limit: 9007199254740992 } });
attack("rounded-number", { "bundle.json": swap(text(plain(limit)), "9007199254740992", "9007199254740993") }, "number-range", { exit: 2 });
attack("private-number-spelling", { "bundle.json": swap(text(plain(bundle({ metadata: { limit: 100000 } }))), "100000", '{ "$serde_json::private::Number": "1e5" }') }, "signature_invalid");
const yaml = (b, change = (t) => t) => ({ "bundle.yaml": change(`version: "1.0.0"
generated_at: "2026-01-01T00:00:00Z"
expires_at: "2026-04-01T00:00:00Z"
revision: 7
rules:
  - id: A
    description: no secrets
    match: { tool_name: send, environment: "*" }
    when: { contains_any: [password] }
    outcome: DENY
  - id: B
    description: the rest
    match: { tool_name: "*", environment: dev }
    outcome: ALLOW
defaults:
  outcome: DENY
signature: ${plain(b).signature.match(/^\d+(e\d+)?$/) ? `"${plain(b).signature}"` : plain(b).signature}
`) });
attack("none-yaml", yaml(good), null, { exit: 0 });
attack("yaml-alias", yaml(good, (t) => swap(swap(t, "match: { tool_name: send", "match: &all { tool_name: send"), 'match: { tool_name: "*", environment: dev }', "match: *all")), "anchor", { exit: 2 });
attack("yaml-merge-key", yaml(good, (t) => swap(t, "defaults:\n", "defaults:\n  <<: { outcome: ALLOW }\n")), "merge-key", { exit: 2 });
attack("yaml-norway", yaml(good, (t) => swap(t, "[password]", "[no]")), "ambiguous-scalar", { exit: 2 });
attack("yaml-second-document", yaml(good, (t) => `${t}---\n${JSON.stringify(opened)}\n`), "several-documents", { exit: 2 });

// Keys.
attack("unsigned", json(good), "signature_missing");
attack("signed-without-a-key", json(plain(good)), "key_missing", { args: [] });
attack("unsigned-without-a-key", json(good), "signature_missing", { args: [] });
attack("unknown-key", json({ ...good, signature: [{ keyid: "mallory", sig: hmac("mallory", pae(TYPE, payload(good)), "base64") }] }), "key_unknown");
attack("only-another-kind-of-key", json(plain(good)), "key_unknown", { args: ["--keys", "keys/reviewer.pub.pem"] });
attack("key-id-confusion", json({ ...good, signature: [{ keyid: "reviewer", sig: hmac(reviewerPem, pae(TYPE, payload(good)), "base64") }] }), "signature_invalid");
attack("key-id-confusion-plain", json({ ...good, signature: hmac(reviewerPem, payload(good)) }), "signature_invalid");
const raw = createPublicKey(reviewerPem).export({ format: "der", type: "spki" }).subarray(12);
attack("key-id-confusion-raw", json({ ...good, signature: [{ keyid: "reviewer", sig: hmac(raw, pae(TYPE, payload(good)), "base64") }] }), "signature_invalid");
attack("unencoded-payload", json({ ...good, signature: [{ keyid: "ci", sig: hmac(secret, payload(good), "base64") }] }), "signature_invalid");
attack("encoded-payload-as-plain", json({ ...good, signature: hmac(secret, pae(TYPE, payload(good))) }), "signature_invalid");
attack("other-payload-type", json({ ...good, signature: [by.ci(good, "application/vnd.in-toto+json")] }), "signature_invalid");
attack("one-key-twice", json({ ...good, signature: [by.ci(good), { ...by.ci(good), keyid: "reviewer" }] }), "threshold_unmet", { args: [...KEYS, "--threshold", "2"] });
attack("one-key-under-two-names", json({ ...good, signature: [by.ci(good), { ...by.ci(good), keyid: "copy" }] }), "threshold_unmet", { args: [...KEYS, "--threshold", "2"], keys: { "copy.hmac": `${secret}\n` } });
attack("required-key-absent", json({ ...good, signature: [by.ci(good)] }), "key_required", { args: [...KEYS, "--require-key", "reviewer"] });
attack("required-key-forged", json({ ...good, signature: [by.ci(good), { keyid: "reviewer", sig: by.reviewer(opened).sig }] }), "key_required", { args: [...KEYS, "--require-key", "reviewer"] });
const weak = "correct horse battery staple";
attack("weak-secret", json({ ...good, signature: hmac(weak, payload(good)) }), "key_weak", { args: ["--secret-file", "keys/weak.hmac"], keys: { "weak.hmac": weak } });
attack("none-weak-secret-allowed", json({ ...good, signature: hmac(weak, payload(good)) }), null, { exit: 0, args: ["--secret-file", "keys/weak.hmac", "--allow-weak-secret"], keys: { "weak.hmac": weak } });
attack("secret-with-nul", json({ ...good, signature: hmac(`${secret}\0`, payload(good)) }), "key_weak", { args: ["--secret-file", "keys/nul.hmac"], keys: { "nul.hmac": `${secret}\0` } });
attack("empty-secret", json({ ...good, signature: hmac("", payload(good)) }), "key_weak", { args: ["--secret-file", "keys/empty.hmac"], keys: { "empty.hmac": "" } });
attack("small-order-key", json({ ...good, signature: [{ keyid: "weak", sig: Buffer.alloc(64).toString("base64") }] }), "key_weak", {
  keys: { "weak.pub.pem": `-----BEGIN PUBLIC KEY-----\n${Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from("01" + "00".repeat(31), "hex")]).toString("base64")}\n-----END PUBLIC KEY-----\n` },
});

// Time.
attack("expired-by-one-second", json(plain(good)), "expired", { at: ["--at", "2026-04-01T00:00:01Z"] });
attack("expired-this-instant", json(plain(good)), "expired", { at: ["--at", "2026-04-01T00:00:00Z"] });
attack("made-in-the-future", json(plain(good)), "not_yet_valid", { at: ["--at", "2025-12-31T23:59:59Z"] });

// Revision.
const state = (revision, b) => JSON.stringify({ schema: "agent-spm/state/1", bundle: { revision, digest: b } });
const digest = (b) => createHash("sha256").update(payload(b)).digest("hex");
const STATE = [...KEYS, "--state", "state.json"];
attack("revision-below-the-least", json(plain(good)), "revision_rollback", { args: [...KEYS, "--min-revision", "8"] });
attack("revision-rollback", { ...json(plain(good)), "state.json": state(8, digest(bundle({ revision: 8 }))) }, "revision_rollback", { args: STATE });
attack("revision-with-other-content", { ...json(plain(good)), "state.json": state(7, digest(opened)) }, "revision_content_mismatch", { args: STATE });
attack("none-same-revision", { ...json(plain(good)), "state.json": state(7, digest(good)) }, null, { exit: 0, args: STATE });
const { revision, ...unnumbered } = good;
attack("revision-left-out", { ...json(plain(unnumbered)), "state.json": state(7, digest(good)) }, "revision_missing", { args: STATE });
attack("state-corrupted", { ...json(plain(good)), "state.json": state(8, digest(good)).slice(0, -20) }, "state", { exit: 2, args: STATE });
attack("state-emptied", { ...json(plain(good)), "state.json": "" }, "state", { exit: 2, args: STATE });

// What runtime 0.3 signs.
attack("shallow", json({ ...good, signature: shallow(good) }), "signature_shallow");
attack("shallow-rules-replaced", json({ ...good, rules: [opened.rules[0], { ...opened.rules[0], id: "C" }], defaults: opened.defaults, signature: shallow(good) }), "signature_shallow", { args: SECRET });
attack("shallow-with-another-revision", json({ ...good, revision: 8, signature: shallow(good) }), "signature_invalid", { args: SECRET });

// Beside the file.
const envelope = (bytes, { type = FILE, signed = bytes, body = signed, extra = {} } = {}) => text({
  payload: Buffer.from(body).toString("base64"), payloadType: type,
  signatures: [{ keyid: "reviewer", sig: sign(null, pae(type, Buffer.from(signed)), reviewer).toString("base64"), ...extra }],
});
const file = text(good);
attack("none-detached", { "bundle.json": file, "bundle.json.sig": envelope(file) }, null, { exit: 0, args: [...KEYS, "--detached"] });
attack("detached-layout-changed", { "bundle.json": JSON.stringify(good), "bundle.json.sig": envelope(file) }, "signature_invalid", { args: [...KEYS, "--detached"] });
attack("detached-payload-replaced", { "bundle.json": text(opened), "bundle.json.sig": envelope(text(opened), { signed: file, body: text(opened) }) }, "signature_invalid", { args: [...KEYS, "--detached"] });
attack("detached-payload-of-another-file", { "bundle.json": file, "bundle.json.sig": envelope(file, { body: text(opened) }) }, "signature_invalid", { args: [...KEYS, "--detached"] });
attack("detached-type-mislabelled", { "bundle.json": file, "bundle.json.sig": swap(envelope(file), FILE, TYPE) }, "signature_invalid", { args: [...KEYS, "--detached"] });
attack("detached-other-type", { "bundle.json": file, "bundle.json.sig": envelope(file, { type: "text/plain" }) }, "signature_invalid", { args: [...KEYS, "--detached"] });
attack("detached-malformed", { "bundle.json": file, "bundle.json.sig": "not an envelope" }, "syntax", { exit: 2, args: [...KEYS, "--detached"] });
attack("detached-absent", { "bundle.json": text(plain(good)) }, "not-found", { exit: 2, args: [...KEYS, "--detached"] });
