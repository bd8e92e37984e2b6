//! Canonical bytes: big-endian, fixed width, bounded. The only file that names bincode.
//!
//! The layout is specified in docs/PROTOCOL.md without reference to bincode: integers big-endian, arrays bare, sequences behind an
//! 8-byte count, enum variants behind a 4-byte number.

pub use bincode::{Decode, Encode};

/// Why bytes are not the one canonical form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The bytes end early, name an unknown variant, or exceed the bound.
    #[error("the bytes are cut short, over the bound, or not of this form")]
    Malformed,
    /// Bytes are left after the value.
    #[error("{0} bytes follow the value")]
    Trailing(usize),
    /// The value has another encoding, which is the canonical one.
    #[error("the bytes are not the canonical form of their value")]
    NotCanonical,
}

/// The canonical bytes of `value`.
pub fn encode<T: Encode>(value: &T) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "encoding into a Vec fails only for types that the protocol does not use")]
    bincode::encode_to_vec(value, unlimited()).expect("a value of the protocol encodes")
}

/// The value whose canonical form is `bytes`, of which at most `LIMIT` are read.
///
/// # Errors
/// Every input that [`encode`] cannot have written.
pub fn decode<T: Encode + Decode<()>, const LIMIT: usize>(bytes: &[u8]) -> Result<T, WireError> {
    if bytes.len() > LIMIT {
        return Err(WireError::Malformed);
    }
    let config = unlimited().with_limit::<LIMIT>();
    let (value, consumed) = bincode::decode_from_slice(bytes, config).map_err(|_| WireError::Malformed)?;
    if consumed != bytes.len() {
        return Err(WireError::Trailing(bytes.len() - consumed));
    }
    if encode(&value) != bytes {
        return Err(WireError::NotCanonical);
    }
    Ok(value)
}

fn unlimited() -> bincode::config::Configuration<bincode::config::BigEndian, bincode::config::Fixint> {
    bincode::config::standard().with_big_endian().with_fixed_int_encoding()
}
