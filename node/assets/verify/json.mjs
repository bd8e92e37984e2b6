import { Refused, require } from "./bytes.mjs";

const BODY = 65536;

// The JSON of bodies. JSON.parse keeps the last of two equal keys, rounds, and lets lone surrogates pass; and of two faults the first must
// name the error.

const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Reads a body; objects have no prototype. */
export function readJson(bytes) {
  require(bytes.length <= BODY, "Length");
  let text, at = 0;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("Utf8");
  }
  const take = (pattern) => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    require(found !== undefined, "Syntax");
    at += found.length;
    return found;
  };
  const next = () => (take(/[ \t\n\r]*/y), text[at]);

  const string = () => {
    take(/"/y);
    let value = "";
    while (text[at] !== '"') {
      if (text[at] !== "\\") value += take(/[^"\\\0-\x1f]+/y);
      else if (text[at + 1] === "u") value += String.fromCharCode(parseInt(take(/\\u[0-9a-fA-F]{4}/y).slice(2), 16));
      else value += ESCAPES[take(/\\["\\/bfnrt]/y)[1]];
    }
    at++;
    require(!/\p{Surrogate}/u.test(value), "Syntax");
    require(!value.includes("\0"), "Nul");
    require(value === value.normalize("NFC"), "NotNormal");
    return value;
  };
  const integer = () => {
    const digits = take(/-?(0(?![0-9])|[1-9][0-9]*)/y);
    const fraction = text[at] === "." && take(/\.[0-9]+/y), exponent = /^[eE]$/.test(text[at]) && take(/[eE][+-]?[0-9]+/y);
    require(!fraction && !exponent && digits !== "-0" && Number.isSafeInteger(Number(digits)), "Number");
    return Number(digits);
  };
  const members = (end, read) => {
    at++;
    if (next() === end) return void at++;
    for (;;) {
      read();
      if (next() === end) return void at++;
      take(/,/y);
      next();
    }
  };
  const value = (depth) => {
    const begin = next();
    if (begin === '"') return string();
    if (begin !== "{" && begin !== "[") {
      if (!/^[tfn]$/.test(begin)) return integer();
      return { true: true, false: false, null: null }[take(/true|false|null/y)];
    }
    require(depth < 16, "Depth");
    const object = Object.create(null), list = [];
    if (begin === "[") members("]", () => list.push(value(depth + 1)));
    else {
      members("}", () => {
        const name = string();
        require(!(name in object), "Duplicate");
        next();
        take(/:/y);
        object[name] = value(depth + 1);
      });
    }
    return begin === "[" ? list : object;
  };

  const whole = value(0);
  next();
  require(at === text.length, "Syntax");
  require(isObject(whole), "NotAnObject");
  return whole;
}

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
