//! The checkpoints of one log that different nodes saw, compared with each other and with the tree that the log shows.

use super::desk::Post;
use super::errand::open;
use super::http::Http;
use super::metrics::Finder;
use super::tiles::{TileError, Tiles};
use crate::reader::{ReadError, Reader};
use koinon_protocol::checkpoint::{LogKey, NoSplit, Prefix, Published, SplitView};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is to be compared.
pub(super) struct Comparison {
    pub(super) key: LogKey,
    pub(super) checkpoints: Vec<Published>,
    pub(super) place: Place,
    /// Where what is found goes.
    pub(super) post: Post,
}

/// Where the log shows its tree.
pub(super) enum Place {
    /// It is this node's own, with its latest checkpoint.
    Here(Reader, Option<Arc<Published>>),
    /// At an address.
    At(Http, String),
    /// Nobody said.
    Unknown,
}

/// The tree as large as the log shows it.
enum Tree<'a> {
    Own { reader: &'a Reader, size: u64 },
    At(Tiles<'a>),
}

/// Why the tree could not be compared with a checkpoint.
#[derive(Debug, thiserror::Error)]
enum CompareError {
    #[error(transparent)]
    Tile(#[from] TileError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Comparison {
    /// Blocks for as long as the log takes to show its tree.
    pub(super) fn make(mut self) {
        let shown = self.place.shown(&self.key);
        self.checkpoints.extend(shown.clone());
        let found = SplitView::among(&self.checkpoints);
        let tree = shown.as_ref().and_then(|shown| Some((shown, self.place.tree(shown)?)));
        if let (true, Some((shown, tree))) = (found.is_empty(), tree) {
            self.with_tree(shown, &tree);
        }
        found.into_iter().for_each(|split| self.post.bring(split, Finder::Here));
    }

    /// Only with smaller checkpoints: a larger one says nothing yet, since the log may be about to show more.
    fn with_tree(&self, shown: &Published, tree: &Tree<'_>) {
        let sizes = self.checkpoints.iter().map(|published| (published.checkpoint().size, published));
        let smaller: BTreeMap<u64, &Published> = sizes.filter(|(size, _)| *size < shown.checkpoint().size).collect();
        for (old, published) in smaller {
            match tree.prefix(old).map(|prefix| SplitView::of_two_sizes(published.clone(), shown.clone(), prefix)) {
                Ok(Err(NoSplit::Continues)) => {}
                Ok(Ok(split)) => return self.post.bring(split, Finder::Here),
                Ok(Err(_)) | Err(CompareError::Tile(TileError::Missing(_))) => {
                    return self.post.doubt(published.clone(), shown.clone());
                }
                Err(error) => {
                    let log = self.key.name().as_str();
                    return tracing::debug!(log, %error, "a log's tree could not be compared with what others cosigned");
                }
            }
        }
    }
}

impl Place {
    /// What the log signed last, as it shows it.
    fn shown(&self, key: &LogKey) -> Option<Published> {
        match self {
            Self::Here(_, shown) => shown.as_ref().map(|shown| Published::clone(shown)),
            Self::At(http, url) => {
                let reply = http.get(&format!("{url}/checkpoint")).ok()?;
                open(&reply.bytes, key).filter(|_| reply.status == 200)
            }
            Self::Unknown => None,
        }
    }

    fn tree(&self, shown: &Published) -> Option<Tree<'_>> {
        let size = shown.checkpoint().size;
        match self {
            Self::Here(reader, _) => Some(Tree::Own { reader, size }),
            Self::At(http, url) => Some(Tree::At(Tiles::new(http, url, size))),
            Self::Unknown => None,
        }
    }
}

impl Tree<'_> {
    /// With what it began when it had `old` leaves.
    fn prefix(&self, old: u64) -> Result<Prefix, CompareError> {
        match self {
            Self::Own { reader, size } => Ok(Prefix { root: reader.root(old)?, path: reader.consistency(old, *size)? }),
            Self::At(tiles) => Ok(tiles.prefix(old)?),
        }
    }
}
