//! Ed25519 keys as PKCS#8 in PEM, encrypted so that OpenSSL reads them (RFC 8410, RFC 5958, RFC 8018).

use koinon_protocol::id::DeviceKey;
use pkcs8::pkcs5::pbes2::{self, Kdf};
use pkcs8::pkcs5::{self, EncryptionScheme};
use pkcs8::{Document, EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

/// PKCS#8 **v1**, without the public key: Chromium's WebCrypto refuses v2. The seed's 32 bytes follow (RFC 8410, section 7).
const PRIVATE_PREFIX: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// The key's 32 bytes follow (RFC 8410, section 4).
const PUBLIC_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const PRIVATE: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
/// What OWASP advises for PBKDF2 with HMAC-SHA-256.
const ITERATIONS: u32 = 600_000;
/// Ten seconds or so: more is an attack, not caution.
const MOST_ITERATIONS: u32 = 20_000_000;
/// Bytes of memory that scrypt may take.
const MOST_MEMORY: u64 = 256 << 20;

/// The 32 bytes from which a private key is made (RFC 8032); wiped when dropped.
pub type Seed = Zeroizing<[u8; 32]>;

/// Why a PEM text gives no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// No PKCS#8 PEM, or of another algorithm than Ed25519.
    #[error("not an Ed25519 private key in PKCS#8 PEM")]
    NotAKey,
    /// Decryption would take unreasonably long or much memory.
    #[error("the key derivation asks for an unreasonable amount of work")]
    Costly,
    /// It does not decrypt to a key.
    #[error("the passphrase is wrong")]
    Passphrase,
}

/// Random bytes that encrypt one key once.
pub struct Freshness {
    /// For the key derivation.
    pub salt: [u8; 16],
    /// For AES-CBC.
    pub iv: [u8; 16],
}

/// PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC around the 48 bytes of PKCS#8 v1.
///
/// # Errors
/// What the library says; none is known for these parameters.
pub fn encrypt(seed: &Seed, passphrase: &str, fresh: &Freshness) -> Result<String, pkcs8::Error> {
    let der = private_der(seed);
    let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, &fresh.salt, fresh.iv)?;
    let encrypted = PrivateKeyInfoRef::try_from(der.as_slice())?.encrypt_with_params(parameters, passphrase)?;
    Ok(encrypted.to_pem(ENCRYPTED, LineEnding::LF)?.to_string())
}

/// Whether the text is an encrypted key rather than a plain one.
///
/// # Errors
/// [`PemError::NotAKey`] for anything else.
pub fn is_encrypted(text: &str) -> Result<bool, PemError> {
    match SecretDocument::from_pem(text) {
        Ok((ENCRYPTED, _)) => Ok(true),
        Ok((PRIVATE, _)) => Ok(false),
        _ => Err(PemError::NotAKey),
    }
}

/// The seed in an encrypted key.
///
/// # Errors
/// [`PemError`]; the cost is bounded before any work is done.
pub fn decrypt(text: &str, passphrase: &str) -> Result<Seed, PemError> {
    let (_, document) = SecretDocument::from_pem(text).map_err(|_| PemError::NotAKey)?;
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| PemError::NotAKey)?;
    check_cost(&encrypted.encryption_algorithm)?;
    let plain = encrypted.decrypt(passphrase).map_err(|_| PemError::Passphrase)?;
    seed_of(plain.as_bytes())
}

/// The seed in a plain key, of PKCS#8 v1 or v2.
///
/// # Errors
/// [`PemError::NotAKey`].
pub fn read_plain(text: &str) -> Result<Seed, PemError> {
    let (_, document) = SecretDocument::from_pem(text).map_err(|_| PemError::NotAKey)?;
    seed_of(document.as_bytes())
}

/// A public key as SubjectPublicKeyInfo PEM.
///
/// # Errors
/// What the library says; none is known for a key of 32 bytes.
pub fn public(key: DeviceKey) -> Result<String, pkcs8::Error> {
    let document = Document::try_from([&PUBLIC_PREFIX[..], key.as_bytes()].concat())?;
    Ok(document.to_pem("PUBLIC KEY", LineEnding::LF)?)
}

fn private_der(seed: &Seed) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([&PRIVATE_PREFIX[..], &seed[..]].concat())
}

fn seed_of(der: &[u8]) -> Result<Seed, PemError> {
    let info = PrivateKeyInfoRef::try_from(der).map_err(|_| PemError::NotAKey)?;
    let octets = info.private_key.as_bytes();
    let seed = octets.strip_prefix(&[4, 32]).and_then(|seed| <[u8; 32]>::try_from(seed).ok());
    match seed {
        Some(seed) if info.algorithm.oid == ED25519 => Ok(Seed::new(seed)),
        _ => Err(PemError::NotAKey),
    }
}

fn check_cost(scheme: &EncryptionScheme) -> Result<(), PemError> {
    let pkcs5::EncryptionScheme::Pbes2(parameters) = scheme else { return Err(PemError::NotAKey) };
    let bearable = match &parameters.kdf {
        Kdf::Pbkdf2(pbkdf2) => pbkdf2.iteration_count <= MOST_ITERATIONS,
        Kdf::Scrypt(scrypt) => {
            let block = u64::from(scrypt.block_size) * u64::from(scrypt.parallelization) * 128;
            scrypt.cost_parameter.checked_mul(block).is_some_and(|bytes| bytes <= MOST_MEMORY)
        }
        _ => false,
    };
    if bearable { Ok(()) } else { Err(PemError::Costly) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_the_48_bytes_that_chromium_takes() {
        let der = private_der(&Seed::new([7; 32]));
        assert_eq!(der.len(), 48);
        assert_eq!(*seed_of(&der).unwrap(), [7; 32]);
    }

    #[test]
    fn a_key_that_asks_for_endless_work_is_refused_before_any_is_done() {
        let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(MOST_ITERATIONS + 1, &[1; 16], [2; 16]).unwrap();
        assert_eq!(check_cost(&parameters.into()), Err(PemError::Costly));
    }
}
