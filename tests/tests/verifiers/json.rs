//! Texts near the edges of the JSON of bodies, and what is wrong with each.

use koinon_protocol::json::{Document, JsonProblem};

pub(crate) fn packed(texts: &[Vec<u8>]) -> Vec<u8> {
    serde_json::to_vec(&texts.iter().map(hex::encode).collect::<Vec<_>>()).expect("texts are JSON")
}

pub(crate) fn answer(text: &[u8]) -> String {
    let Err(error) = Document::parse(text) else { return "ok".to_owned() };
    match error.problem {
        JsonProblem::Length(_) => "Length",
        JsonProblem::Utf8 => "Utf8",
        JsonProblem::Syntax(_) => "Syntax",
        JsonProblem::NotAnObject => "NotAnObject",
        JsonProblem::Number => "Number",
        JsonProblem::Duplicate(_) => "Duplicate",
        JsonProblem::Nul => "Nul",
        JsonProblem::NotNormal => "NotNormal",
        JsonProblem::Depth => "Depth",
    }
    .to_owned()
}

/// Every text of [`WHOLE`], and every seed with every piece in the place of, and before, each of its bytes, and without that byte.
pub(crate) fn texts() -> Vec<Vec<u8>> {
    let mut texts: Vec<Vec<u8>> = WHOLE.iter().map(|text| text.to_vec()).collect();
    let deep = |levels: usize| [&b"{\"a\":".repeat(levels)[..], b"0", &b"}".repeat(levels)].concat();
    texts.extend([16, 17, 200, 9_000].map(deep));
    texts.extend([b"[".repeat(60_000), vec![b' '; 65_536], vec![b' '; 65_537], long(65_536), long(65_537)]);
    for seed in SEEDS {
        for at in 0..seed.len() {
            texts.push([&seed[..at], &seed[at + 1..]].concat());
            texts.push(seed[..at].to_vec());
            for piece in PIECES {
                texts.push([&seed[..at], piece, &seed[at + 1..]].concat());
                texts.push([&seed[..at], piece, &seed[at..]].concat());
            }
        }
    }
    texts
}

/// An object of so many bytes.
fn long(bytes: usize) -> Vec<u8> {
    [&b"{\"a\":\""[..], &vec![b'x'; bytes - 8], b"\"}"].concat()
}

const SEEDS: &[&[u8]] = &[
    br#"{"a":[1,-2,{"b":null}],"c":"d\u00e9","e":true}"#,
    "{\"é\":\"𝒳\",\"x\": \"\\ud835\\udcb3\" }".as_bytes(),
    br#" [10,"",{}] "#,
];

const PIECES: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b" ",
    b"\t",
    b"\n",
    b"\r",
    b"\x0b",
    b"\x0c",
    b"\x00",
    b"\x1f",
    b"\x7f",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
    b"0",
    b"1",
    b"00",
    b"-",
    b"-0",
    b"-1",
    b"+1",
    b".",
    b".5",
    b"1.",
    b"1.0",
    b"e",
    b"E5",
    b"1e5",
    b"1e",
    b"1e+",
    b"0e0",
    b"1e400",
    b"-1e400",
    b"1e-400",
    b"0e99999999999",
    b"1e99999999999",
    b"9007199254740991",
    b"9007199254740992",
    b"-9007199254740991",
    b"-9007199254740992",
    b"18446744073709551616",
    b"99999999999999999999999999999999999999999",
    b"1.5.",
    b"1.5e3e",
    b"0x10",
    b"01",
    b"-01",
    b"NaN",
    b"Infinity",
    b"null",
    b"nul",
    b"nulll",
    b"true",
    b"True",
    b"false",
    b"\"a\":1,",
    b",\"a\":1",
    b"\"a\"",
    b"\"\"",
    b"\\u0000",
    b"\\u000",
    b"\\ud800",
    b"\\udc00",
    b"\\ud83d\\ude00",
    b"\\ude00\\ud83d",
    b"\\u0301",
    b"\\u0065\\u0301",
    b"\\/",
    b"\\x",
    b"\\n",
    b"//",
    b"/**/",
    b"'",
    "e\u{301}".as_bytes(),
    "\u{301}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{1100}\u{1161}".as_bytes(),
    "\u{212b}".as_bytes(),
    "\u{fb1d}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{10ffff}".as_bytes(),
    "\u{fffe}".as_bytes(),
    "a\u{315}\u{300}".as_bytes(),
];

const WHOLE: &[&[u8]] = &[
    b"",
    b" ",
    b"{}",
    b"{} ",
    b"{}{}",
    b"{},",
    b"[]",
    b"0",
    b"-0",
    b"5",
    b"1.5",
    b"1e5",
    b"1e400",
    b"01",
    b"-01",
    b"-",
    b"\"\"",
    b"\"a",
    b"null",
    b"nul",
    b"t",
    b"{\"a\":1,}",
    b"{,}",
    b"[,]",
    b"[1,]",
    b"[1 2]",
    b"{\"a\" 1}",
    b"{\"a\"}",
    b"{1:2}",
    b"{\"__proto__\":1}",
    b"{\"__proto__\":1,\"__proto__\":1}",
    b"{\"constructor\":{},\"toString\":[]}",
    b"[1.5",
    b"[1.5,",
    b"{\"a\":1,\"a\"",
    b"{\"a\":1,\"\\u0061\":2}",
    b"{\"a\":1.5,\"a\":2}",
    b"\xef\xbb\xbf{}",
    b"{\"\\u0000",
    b"{\"\\u0000\"",
    b"{\"\\u0000\":",
    b"{\"a\":\"\\u0000\\ud800\"}",
    b"{\"a\":\"\\u0000e\xcc\x81\"}",
    b"{\"a\":\"\\ud800\\ud800\\udc00\"}",
    b"{\"a\":\"\\ud800x\"}",
    b"{\"a\":\"\\uD834\\uDD1E\"}",
    b"{\"a\":\"\\uFFFE\\uFFFF\"}",
];
