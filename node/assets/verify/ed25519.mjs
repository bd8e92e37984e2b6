import { Refused, hex, join, little, require, sha } from "./bytes.mjs";

// Ed25519. WebCrypto's own is not asked: implementations differ about points of small order, encodings that are not canonical, and the
// cofactor. Here is one answer. Nothing secret passes through, so it need not take constant time.

const P = 2n ** 255n - 19n, L = 2n ** 252n + 27742317777372353535851937790883648493n;
const modulo = (n, m) => ((n % m) + m) % m;

function power(base, exponent) {
  let result = 1n;
  for (let square = base % P; exponent; exponent >>= 1n, square = (square * square) % P) {
    if (exponent & 1n) result = (result * square) % P;
  }
  return result;
}

const D = modulo(-121665n * power(121666n, P - 2n), P), ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);
const NEUTRAL = [0n, 1n, 1n, 0n];

// Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z: RFC 8032, section 5.1.4. The formulas hold for all pairs of points.
// Coordinates may be negative on the way: `%` keeps the sign, and only comparisons care.

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = ((y1 - x1) * (y2 - x2)) % P, b = ((y1 + x1) * (y2 + x2)) % P;
  const c = (((2n * D * t1) % P) * t2) % P, d = (2n * z1 * z2) % P;
  const e = b - a, f = d - c, g = d + c, h = b + a;
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

function double([x, y, z]) {
  const a = (x * x) % P, b = (y * y) % P, h = a + b, e = h - (((x + y) * (x + y)) % P), g = a - b, f = ((2n * z * z) % P) + g;
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

const isSame = ([x1, y1, z1], [x2, y2, z2]) => (x1 * z2 - x2 * z1) % P === 0n && (y1 * z2 - y2 * z1) % P === 0n;
const isSmall = (point) => isSame(double(double(double(point))), NEUTRAL);

/** The point in 32 bytes, or null where there is none or its encoding is not canonical. */
function readPoint(bytes) {
  const encoded = little(bytes), sign = encoded >> 255n, y = encoded & (2n ** 255n - 1n);
  if (y >= P) return null;
  // A root of u/v with one power instead of two: RFC 8032, section 5.1.3.
  const u = modulo(y * y - 1n, P), v = (D * y * y + 1n) % P, cube = (v * v * v) % P;
  let x = (((u * cube) % P) * power(u * cube * v * v * v * v, (P - 5n) / 8n)) % P;
  if ((v * x * x) % P !== u) x = (x * ROOT_OF_MINUS_ONE) % P;
  if ((v * x * x) % P !== u || (x === 0n && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, (x * y) % P];
}

const BASE = readPoint(join([0x58], new Uint8Array(31).fill(0x66)));

// What a key or a signature is worth never changes, and who reads many records of one network meets the same ones again: 4,096 answers of each
// sort, by all that they depend on.
const KEPT = 4096, points = new Map(), verdicts = new Map();

function remember(answers, name, answer) {
  if (answers.size === KEPT) answers.clear();
  answers.set(name, answer);
  return answer;
}

/** Checks a public key of 32 bytes; gives its point. */
export function checkKey(bytes) {
  require(bytes.length === 32, "NotAPoint");
  const name = hex(bytes), { point, weak } = points.get(name) ?? remember(points, name, judgeKey(bytes));
  require(point, "NotAPoint");
  require(!weak, "Weak");
  return point;
}

function judgeKey(bytes) {
  const point = readPoint(bytes);
  return { point, weak: point && isSmall(point) };
}

/** [m]A + [n]B, bit by bit for both at once. */
function sumOfMultiples(m, a, n, b) {
  const both = add(a, b);
  let sum = NEUTRAL;
  for (let bit = 252n; bit >= 0n; bit--) {
    sum = double(sum);
    const first = (m >> bit) & 1n, second = (n >> bit) & 1n;
    if (first || second) sum = add(sum, first && second ? both : first ? a : b);
  }
  return sum;
}

/** Checks a signature of 64 bytes by the strict rules; a key that is none is refused by its own name. */
export async function checkSignature(key, message, signature) {
  const name = `${hex(key)} ${hex(signature)} ${hex(message)}`;
  const wrong = verdicts.get(name) ?? remember(verdicts, name, await judgeSignature(key, message, signature));
  require(!wrong, wrong);
}

/** What is wrong with a signature, or "". */
async function judgeSignature(key, message, signature) {
  try {
    const point = checkKey(key), r = signature.slice(0, 32), s = little(signature.slice(32));
    require(signature.length === 64 && s < L, "BadSignature");
    const nonce = readPoint(r);
    require(nonce && !isSmall(nonce), "BadSignature");
    const k = little(await sha("SHA-512", r, key, message)) % L, [x, y, z, t] = point;
    require(isSame(sumOfMultiples(s, BASE, k, [-x, y, z, -t]), nonce), "BadSignature");
    return "";
  } catch (problem) {
    if (problem instanceof Refused) return problem.message;
    throw problem;
  }
}
