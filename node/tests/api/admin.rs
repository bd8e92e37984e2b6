//! Administration: only by whoever may open the socket.

use crate::house::{House, eventually};
use koinond::admin::{self, Admin, Line, Progress, Work};
use koinond::store::backup;
use koinond::upkeep::Upkeep;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

struct Steps;

impl Work for Steps {
    fn backup(&self, to: &Path, progress: &Progress) -> Result<(), String> {
        progress.at(1, 2);
        std::fs::create_dir(to).map_err(|error| error.to_string())
    }

    fn scrub(&self, _: &Progress) -> Result<(), String> {
        Err("entry 7 is damaged".into())
    }
}

pub(crate) fn open(house: &House) {
    open_with(house, Arc::new(Steps));
}

fn open_with(house: &House, work: Arc<dyn Work>) {
    let admin = Admin {
        handle: house.handle.clone(),
        reader: house.reader.clone(),
        hidden: house.hidden.clone(),
        links: house.links(),
        stop: house.stop.clone(),
        work,
    };
    let runtime = house.runtime.as_ref().unwrap();
    let listener = runtime.block_on(async { admin::bind(house.data.path()) }).unwrap();
    runtime.spawn(admin::run(listener, admin));
}

fn ask(house: &House, request: &str) -> (u16, String) {
    let mut stream = UnixStream::connect(house.data.path().join(admin::SOCKET)).unwrap();
    write!(stream, "{request} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

/// The JSON lines of an answer that came in chunks.
fn lines(body: &str) -> Vec<Line> {
    body.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_socket_is_its_owners_alone_and_survives_a_crash() {
    let house = House::open();
    std::fs::write(house.data.path().join(admin::SOCKET), b"left behind").unwrap();
    open(&house);
    let mode = std::fs::metadata(house.data.path().join(admin::SOCKET)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (status, body) = ask(&house, "GET /status");
    let found: admin::Status = serde_json::from_str(&body).unwrap();
    assert_eq!((status, found.records, found.network, found.process), (200, 0, house.founding.network(), std::process::id()));
}

#[test]
fn long_work_tells_its_steps_and_its_end() {
    let house = House::open();
    open(&house);
    let to = house.data.path().join("copy");
    let (status, body) = ask(&house, &format!("POST /backup?to={}", to.display()));
    assert_eq!((status, lines(&body)), (200, vec![Line::Progress { done: 1, of: 2 }, Line::Done]));
    assert!(to.is_dir());
    let (_, body) = ask(&house, "POST /scrub");
    assert_eq!(lines(&body), vec![Line::Failed { reason: "entry 7 is damaged".into() }]);
    assert_eq!(ask(&house, "POST /backup?to=relative").0, 400);
    assert_eq!(ask(&house, "POST /backup").0, 400);
}

#[test]
fn the_node_is_stopped_over_the_socket() {
    let house = House::open();
    open(&house);
    assert_eq!(ask(&house, "POST /stop").0, 202);
    assert!(*house.stop.borrow());
    eventually("the node no longer listens", || std::net::TcpStream::connect(house.address).is_err());
}

#[test]
fn a_running_node_is_copied_and_read_through() {
    let house = House::open();
    let mut author = house.founder();
    house.publish(&author.inception);
    for number in 0..5 {
        house.publish(&author.example("practice", &format!("Lorry {number}")));
    }
    let store = house.data.path().to_owned();
    let charter = store.join("absent.record");
    let hidden = house.data.path().join(koinond::hidden::FILE);
    open_with(
        &house,
        Arc::new(Upkeep { store: store.clone(), segment: 1 << 20, charter, hidden, network: house.founding.network() }),
    );
    let (_, body) = ask(&house, "POST /scrub");
    assert_eq!(lines(&body).last(), Some(&Line::Done), "{body}");

    let elsewhere = tempfile::tempdir().unwrap();
    let to = elsewhere.path().join("copy");
    let (_, body) = ask(&house, &format!("POST /backup?to={}", to.display()));
    assert_eq!(lines(&body).last(), Some(&Line::Done), "{body}");
    let about = backup::verify(&to, &mut |_| ()).unwrap();
    assert_eq!((about.records, about.network), (6, house.founding.network()));
    assert_eq!(about.root.to_string(), house.json("/api/v1/journal")["root"]);
    let (_, body) = ask(&house, &format!("POST /backup?to={}", to.display()));
    assert!(matches!(lines(&body).last(), Some(Line::Failed { reason }) if reason.contains("nothing is overwritten")), "{body}");

    let files = std::fs::read_dir(&store).unwrap().map(|file| file.unwrap().path());
    let path = files.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("header")).min().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(32).position(|bytes| bytes == house.founding.network().0).unwrap();
    bytes[at + 350] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let (_, body) = ask(&house, "POST /scrub");
    assert!(matches!(lines(&body).last(), Some(Line::Failed { reason }) if reason.contains("damaged")), "{body}");
}
