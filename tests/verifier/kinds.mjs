// Content records: their bodies by the JSON Schemas of docs/kinds.json, and what their headers repeat.

import { Refused, readJson } from "../../node/assets/verify/verify.mjs";

const ZERO = "0".repeat(64), BODY = 65536;
const NUMBERS = { 32: "organisation", 33: "practice", 34: "need", 35: "offer", 36: "adoption", 37: "translation", 38: "review" };
const SUBJECTS = { adoption: "practice", translation: "of", review: "of" };
const DIVISIONS = { 1: 8, 2: 5, 3: 6, 4: 9, 5: 6, 6: 6, 7: 6, 8: 6, 9: 8, 10: 9 };

const require = (holds, error) => { if (!holds) throw new Refused(error); };
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const IS = {
  object: isObject, array: Array.isArray, string: (value) => typeof value === "string", integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
};

const FORMATS = {
  email(text) {
    const [name, host, ...more] = text.split("@");
    return Boolean(name && host) && !more.length && host.includes(".") && host.split(".").every(Boolean);
  },
  date(text) {
    if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
    const day = new Date(`${text}T00:00:00Z`);
    return !isNaN(day) && day.toISOString().startsWith(text);
  },
};

function isRightText(schema, text) {
  return [...text].length <= (schema.maxLength ?? BODY) && new RegExp(schema.pattern ?? "", "u").test(text)
    && (!schema.oneOf || schema.oneOf.some((term) => term.const === text)) && (FORMATS[schema.format]?.(text) ?? true);
}

const step = (name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
const byCodePoint = (a, b) => { // sort() alone compares UTF-16
  const [left, right] = [[...a], [...b]];
  const n = left.findIndex((letter, place) => letter !== right[place]);
  return n < 0 ? left.length - right.length : (left[n].codePointAt() - (right[n]?.codePointAt() ?? -1));
};

/** The first JSON pointer at which a value is not what the schema asks, or null. */
function wrongPlace(schema, value, at = "") {
  if (!IS[schema.type](value)) return at;
  if (schema.type === "integer") return value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value) ? null : at;
  if (schema.type === "string") return isRightText(schema, value) ? null : at;
  if (schema.type === "array") {
    if (value.length < schema.minItems || value.length > schema.maxItems) return at;
    return first(value.keys(), (n) => wrongPlace(schema.items, value[n], `${at}/${n}`));
  }
  if (schema.type !== "object") return null;
  const names = Object.keys(value).sort(byCodePoint);
  if (names.length < (schema.minProperties ?? 0)) return at;
  const missing = (schema.required ?? []).find((name) => !(name in value));
  if (missing !== undefined) return at + step(missing);
  return first(names, (name) => {
    const member = schema.properties?.[name] ?? schema.additionalProperties;
    if (schema.propertyNames && !isRightText(schema.propertyNames, name)) return at + step(name);
    return member ? wrongPlace(member, value[name], at + step(name)) : null;
  });
}

function first(items, find) {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

function isTopic(number) {
  const division = Math.floor(number / 100), group = Math.floor(number / 10) % 10;
  return division in DIVISIONS && group <= DIVISIONS[division] && (group > 0 || number % 10 === 0);
}

/** Checks the body of a verified record by the schemas of docs/kinds.json; gives what its header repeats. */
export function checkKind(record, body, schemas) {
  const said = readJson(body), kind = NUMBERS[record.kind];
  require(kind, "Kind");
  const place = wrongPlace(schemas.find((schema) => schema.title === kind), said);
  require(place === null, place);
  const subject = kind in SUBJECTS ? said[SUBJECTS[kind]] : ZERO, territory = said.places?.[0].code ?? "", topic = said.topic ?? 0;
  require(!("topic" in said) || isTopic(topic), "/topic");
  require((!(kind in SUBJECTS) || record.subject === subject) && record.territory === territory && record.topic === topic, "Header");
  return { kind, subject, territory, topic };
}
