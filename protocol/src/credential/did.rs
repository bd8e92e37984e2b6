//! Ed25519 keys as `did:key`, and bytes in base58btc: the Multikey of W3C's Controlled Identifiers 1.0.

use crate::id::DeviceKey;

/// The multicodec of an Ed25519 public key, as a varint.
const ED25519: [u8; 2] = [0xed, 0x01];
/// What base58btc begins with in multibase.
const BASE58: char = 'z';

/// The decentralised identifier of a key, `did:key:z6Mk…`: whoever reads it has the key.
pub fn did(key: DeviceKey) -> String {
    format!("did:key:{}", multikey(key))
}

/// The verification method of a key, `did:key:z6Mk…#z6Mk…`.
pub fn method(key: DeviceKey) -> String {
    format!("{}#{}", did(key), multikey(key))
}

/// The key of a verification method that [`method`] writes; none for any other text. The key is not checked.
pub fn key_of(text: &str) -> Option<DeviceKey> {
    let (_, multikey) = text.split_once('#')?;
    let [first, second, key @ ..] = from_multibase::<34>(multikey)?;
    let key = DeviceKey(key);
    ([first, second] == ED25519 && method(key) == text).then_some(key)
}

/// Bytes as `z` and base58btc.
pub fn multibase(bytes: &[u8]) -> String {
    format!("{BASE58}{}", bs58::encode(bytes).into_string())
}

/// Exactly `N` bytes that are written so. The work is bounded by `N`, however long the text is.
pub fn from_multibase<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let length = bs58::decode(text.strip_prefix(BASE58)?).onto(&mut bytes).ok()?;
    (length == N).then_some(bytes)
}

fn multikey(key: DeviceKey) -> String {
    multibase(&[&ED25519[..], key.as_bytes()].concat())
}
