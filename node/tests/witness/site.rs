//! A place on the web that answers whatever the test says: a log that shows its tree, or a node that lies.

use crate::house::{House, eventually};
use crate::running::{Forger, listener};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use koinon_protocol::checkpoint::SplitView;
use koinond::serve::{self, Guards};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// What is answered under a path.
#[derive(Clone)]
pub(crate) enum Says {
    This(Vec<u8>),
    /// That it is elsewhere.
    Moved(String),
}

/// What is answered, and what was asked for.
#[derive(Default)]
struct Shelf {
    says: BTreeMap<String, Says>,
    asked: Vec<String>,
}

pub(crate) struct Site {
    address: SocketAddr,
    shelf: Arc<Mutex<Shelf>>,
    _stop: watch::Sender<bool>,
}

impl Site {
    pub(crate) fn open(house: &House) -> Self {
        let (listener, shelf) = (listener(house), Arc::<Mutex<Shelf>>::default());
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let router = Router::new().fallback(answer).with_state(shelf.clone());
        house.runtime.as_ref().unwrap().spawn(serve::run_with(listener, router, stopped, Guards::at(address)));
        Self { address, shelf, _stop: stop }
    }

    /// Where a log shows the tree of so many leaves.
    pub(crate) fn of_log(house: &House, log: &Forger, size: u64) -> Self {
        let site = Self::open(house);
        site.show(log, size);
        site
    }

    /// The tree of so many leaves, beside the tiles that it showed before.
    pub(crate) fn show(&self, log: &Forger, size: u64) {
        log.tiles(size).into_iter().for_each(|(name, tile)| self.say(&format!("/tile/{name}"), tile));
        self.say("/checkpoint", log.published(size).note().to_string());
    }

    pub(crate) fn say(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.put(path, Says::This(bytes.into()));
    }

    pub(crate) fn forget(&self, path: &str) {
        self.shelf.lock().unwrap().says.remove(path);
    }

    pub(crate) fn put(&self, path: &str, says: Says) {
        self.shelf.lock().unwrap().says.insert(path.to_owned(), says);
    }

    /// Serves the files of a case under a name.
    pub(crate) fn say_case(&self, name: &str, notes: [String; 2], prefix: Option<String>) {
        let [first, second] = notes;
        self.say(&format!("/evidence/{name}/first.note"), first);
        self.say(&format!("/evidence/{name}/second.note"), second);
        prefix.into_iter().for_each(|prefix| self.say(&format!("/evidence/{name}/prefix"), prefix));
    }

    /// Serves a true case under its name, which it gives.
    pub(crate) fn say_split(&self, split: &SplitView) -> String {
        let prefix = split.prefix().map(ToString::to_string);
        self.say_case(&split.case(), split.checkpoints().map(|published| published.note().to_string()), prefix);
        split.case()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.shelf.lock().unwrap().asked.iter().filter(|asked| *asked == path).count()
    }

    /// Waits until the path was asked for in three rounds more, of which two are whole.
    pub(crate) fn wait_for_rounds(&self, path: &str) {
        let before = self.asked(path);
        eventually(&format!("three rounds ask for {path}"), || self.asked(path) >= before + 3);
    }
}

async fn answer(State(shelf): State<Arc<Mutex<Shelf>>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let mut shelf = shelf.lock().unwrap();
    let says = shelf.says.get(&path).cloned();
    shelf.asked.push(path);
    match says {
        Some(Says::This(bytes)) => bytes.into_response(),
        Some(Says::Moved(to)) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
