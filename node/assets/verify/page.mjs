// "Verify in this browser", on the page of a record. What it shows comes from the proof and from nowhere else on the page; it is written as text,
// never as markup.

import { verifyBundle } from "./verify.mjs";
import * as words from "./words.mjs";

const NETWORK = /^[0-9a-f]{64}$/;
/** Characters that control a line or turn its direction, which could show another text than there is. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Ids, keys and names of keys, which are set apart. */
const CODE = /([0-9a-f]{64}|koinon\/\S+)/;

const clean = (text) => String(text).replace(UNSAFE, " ");

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...children.map((child) => (child instanceof Node ? child : clean(child))));
  return element;
}

const line = ([kind, text]) => {
  const parts = text.split(CODE).map((part, n) => (n % 2 ? make("code", { class: "id" }, part) : part));
  return make("li", { class: kind }, ...parts);
};

// What a reader trusts stays in the browser; where that is forbidden, it is asked again.
const remembered = (name) => {
  try {
    return localStorage.getItem(`koinon.${name}`) ?? "";
  } catch {
    return "";
  }
};
const remember = (name, value) => {
  try {
    localStorage.setItem(`koinon.${name}`, value);
  } catch {
    // Nothing else depends on it.
  }
};

const moment = (at, options) => {
  if (at > 8_640_000_000_000_000n) return words.LATER;
  // English without a country would put the month first, and the rest of the page does not.
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  return new Intl.DateTimeFormat(language, { timeZone: "UTC", dateStyle: "long", ...options }).format(Number(at));
};
const day = (at) => moment(at, {});
const minute = (at) => `${moment(at, { timeStyle: "short", hourCycle: "h23" })} UTC`;

/** The text in the first of the reader's languages that there is. */
function pick(texts) {
  const said = Object.entries(texts ?? {}).filter(([, text]) => text);
  const has = (tag) => said.find(([language]) => language.split("-")[0] === tag.split("-")[0]);
  return (navigator.languages.map(has).find(Boolean) ?? said[0])?.[1];
}

function named(id, report) {
  const known = report.parties.organisations.get(id);
  return known ? `${pick(known.name) ?? words.NAMELESS} (${known.country})` : id;
}

/** What is proven and what is not, as [class, text]. */
function findings(record, report, trusted) {
  const network = pick(report.charter.name) ?? "";
  const found = [trusted ? ["good", words.ofNetwork(network, report.network)] : ["fair", words.ofSomeNetwork(network, report.network)]];
  if (record.author) {
    found.push(["good", words.signed(named(record.author, report), day(record.claimed_at))], ["good", words.signedBy(record.device)]);
    found.push([record.content === "unknown" ? "bad" : record.content === "absent" ? "fair" : "good", words.CONTENT[record.content]]);
    if (record.erased) found.push(["fair", words.erased(named(record.erased.by, report), day(record.erased.claimed_at), record.erased.ground, record.erased.law)]);
    found.push(["good", words.log(record.seq + 1n)], ...path(record, report));
    if (record.position !== null) found.push(["good", words.included(record.position + 1n, report.size, report.root)]);
    found.push(...times(record.time, report));
  }
  const wrong = [...record.failures, ...report.checkpoints.flatMap(({ failures }) => failures)];
  return [...wrong.map((code) => ["bad", `${words.WRONG[code] ?? code} (${code})`]), ...found, ...report.setAside.map(({ id }) => ["fair", words.aside(id)])];
}

function path({ author, vouched }, report) {
  const first = vouched[0]?.voucher ?? author;
  const begin = report.parties.founders.has(first) ? [["good", words.founder(named(first, report))]] : [];
  const steps = vouched.map(({ voucher, subject, until, mandate }) =>
    ["good", words.vouched(named(voucher, report), named(subject, report), day(BigInt(until)), mandate.resolution)]);
  return [...begin, ...steps];
}

function times({ at, why, by, quorum }, report) {
  if (why) return [["fair", words.UNSEEN[why]]];
  const each = by.map(({ witness, at: seen }) => ["good", words.witness(witness, minute(seen))]);
  return [["good", words.seen(minute(at), by.length, quorum, report.chosenByReader)], ...each];
}

const notice = (kind, title, ...text) =>
  make("div", { class: `notice ${kind}` }, make("p", {}, make("strong", {}, title)), ...text.map((each) => make("p", {}, each)));

/** The body as it was signed, laid out. */
function signed({ body }) {
  const text = new TextDecoder().decode(body);
  let laidOut = text;
  try {
    laidOut = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // It is shown as it stands.
  }
  const pre = make("pre", { class: "raw", tabindex: "0", dir: "auto" });
  pre.append(laidOut.replace(/[^\S\n]/gu, " ").split("\n").map(clean).join("\n"));
  return make("details", {}, make("summary", {}, words.TEXT), pre);
}

function shown(report, id, trusted) {
  if (report.error) return [notice("bad", words.NOT_VERIFIED, `${words.WRONG[report.error] ?? report.error} (${report.error})`)];
  const record = report.records.find((each) => each.id === id);
  if (!record) return [notice("bad", words.NOT_VERIFIED, words.OTHER_RECORD)];
  const verdict = !report.verified ? notice("bad", words.NOT_VERIFIED) : trusted ? notice("good", words.VERIFIED) : notice("info", words.UNANCHORED);
  const list = findings(record, report, trusted).map(line);
  return [verdict, make("ul", { class: "ticks" }, ...list), ...(record.body && record.author ? [signed(record)] : [])];
}

async function verify(id, { network, witnesses, quorum }) {
  if (!globalThis.crypto?.subtle) return [notice("bad", words.NOT_VERIFIED, words.NO_CRYPTOGRAPHY)];
  const answer = await fetch(`/api/v1/bundle/${id}`, { cache: "no-store", headers: { accept: "application/octet-stream" } }).catch(() => null);
  if (!answer?.ok) return [notice("bad", words.NOT_VERIFIED, words.NO_PROOF)];
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return shown(await verifyBundle(bytes, { network, witnesses, quorum }), id, network !== "");
}

function begin(room) {
  const value = (name) => remembered(name);
  const network = make("input", { id: "verify-network", type: "text", autocomplete: "off", spellcheck: "false", maxlength: "100", "aria-describedby": "verify-network-advice" });
  const witnesses = make("textarea", { id: "verify-witnesses", rows: "3", spellcheck: "false", "aria-describedby": "verify-witnesses-advice" });
  const quorum = make("input", { id: "verify-quorum", type: "number", min: "1", max: "32" });
  [network.value, witnesses.value, quorum.value] = [value("network"), value("witnesses"), value("quorum")];
  const button = make("button", { type: "submit" }, words.VERIFY), result = make("div", { class: "result", role: "status" });
  const form = make("form", { novalidate: "" },
    make("label", { for: network.id }, words.NETWORK), network, make("p", { class: "how", id: "verify-network-advice" }, words.NETWORK_ADVICE),
    make("details", {}, make("summary", {}, words.WITNESSES),
      make("label", { for: witnesses.id }, words.WITNESSES), witnesses, make("p", { class: "how", id: "verify-witnesses-advice" }, words.WITNESSES_ADVICE),
      make("label", { for: quorum.id }, words.QUORUM), quorum),
    button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const asked = {
      network: network.value.trim().toLowerCase(), quorum: Number(quorum.value) || undefined,
      witnesses: witnesses.value.split(/\s+/).filter((key) => key),
    };
    if (asked.network && !NETWORK.test(asked.network)) {
      network.setAttribute("aria-invalid", "true");
      result.replaceChildren(notice("bad", words.NETWORK_FORM));
      return network.focus();
    }
    network.removeAttribute("aria-invalid");
    for (const [name, field] of Object.entries({ network, witnesses, quorum })) remember(name, field.value.trim());
    button.disabled = true;
    result.replaceChildren(make("p", {}, words.CHECKING));
    try {
      result.replaceChildren(...await verify(room.dataset.record, asked));
    } catch (problem) {
      result.replaceChildren(notice("bad", words.NOT_VERIFIED, problem.message));
    } finally {
      button.disabled = false;
    }
  });
  room.replaceChildren(make("h2", {}, words.TITLE), make("p", {}, words.ADVICE), form, result, make("p", { class: "how" }, words.SCRIPT));
  room.hidden = false;
}

begin(document.getElementById("verify"));
