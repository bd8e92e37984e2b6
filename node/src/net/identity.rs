//! The key by which a node is known on the network. It signs no record: an author's key is another, and this one may be thrown away.

use crate::private_file::{is_exposed, replace};
use libp2p::identity::Keypair;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes of the longest key file that is read; one has 68.
const MOST: u64 = 1024;

/// Why a node has no key.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The file cannot be read.
    #[error("cannot read the node's key {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{0} is not the key of a node; move it away, and the node makes itself a new one and is known by another id")]
    NotAKey(PathBuf),
    /// Others on this machine can read it.
    #[error("others on this machine can read the node's key {0} and pretend to be this node; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// A new key cannot be written.
    #[error("cannot write the node's key {path}: {source}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The Ed25519 key in the file `path`, in libp2p's encoding; a new one, readable by nobody else, when there is no such file.
///
/// # Errors
/// [`IdentityError`].
pub fn identity(path: &Path) -> Result<Keypair, IdentityError> {
    match File::open(path) {
        Ok(file) => load(file, path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path),
        Err(source) => Err(IdentityError::Unreadable { path: path.to_owned(), source }),
    }
}

fn load(file: File, path: &Path) -> Result<Keypair, IdentityError> {
    let unreadable = |source| IdentityError::Unreadable { path: path.to_owned(), source };
    if is_exposed(&file).map_err(unreadable)? {
        return Err(IdentityError::Exposed(path.to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).map_err(unreadable)?;
    Keypair::from_protobuf_encoding(&bytes).map_err(|_| IdentityError::NotAKey(path.to_owned()))
}

/// Whole under its name or not at all: a key that was cut short would make the node a stranger to its peers.
fn create(path: &Path) -> Result<Keypair, IdentityError> {
    let key = Keypair::generate_ed25519();
    let written = key.to_protobuf_encoding().map_err(io::Error::other).and_then(|bytes| replace(path, &bytes));
    written.map_err(|source| IdentityError::Unwritable { path: path.to_owned(), source })?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_keeps_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.key");
        let first = identity(&path).unwrap().public();
        assert_eq!(identity(&path).unwrap().public(), first);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_no_key_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.key");
        replace(&path, b"not a key").unwrap();
        assert!(matches!(identity(&path), Err(IdentityError::NotAKey(_))));
        assert_eq!(std::fs::read(&path).unwrap(), b"not a key");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.key");
        identity(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(identity(&path).unwrap_err().to_string().contains("chmod 600"));
    }
}
