//! What stands before every resource.

use crate::house::{House, RECORD};
use koinond::serve::{self, Guards, Rate};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Sends bytes as they are and gives the whole answer, to the end of the connection.
fn raw(house: &House, request: &str) -> String {
    let mut stream = TcpStream::connect(house.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A connection that is reset has said all that it will.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_node_on_loopback_answers_to_its_own_names_only() {
    let house = House::open();
    let port = house.address.port();
    let ask = |host: &str| raw(&house, &format!("GET /api/v1/status HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
    assert!(ask(&format!("localhost:{port}")).starts_with("HTTP/1.1 200"));
    let refused = ask(&format!("evil.example:{port}"));
    assert!(refused.starts_with("HTTP/1.1 421") && refused.contains(r#""code":"host""#), "{refused}");
}

#[test]
fn pages_of_other_sites_do_not_write() {
    let house = House::open();
    let author = house.founder();
    let send = |headers: &[(&str, &str)]| house.post("/api/v1/records", RECORD, &author.inception.file(), headers);
    send(&[("Origin", "https://evil.example")]).problem(403, "origin");
    send(&[("Sec-Fetch-Site", "cross-site")]).problem(403, "origin");
    assert_eq!(house.handle.status().records, 0);
    let own = format!("http://{}", house.address);
    let answer = send(&[("Origin", &own), ("Sec-Fetch-Site", "same-origin")]);
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[test]
fn every_answer_tells_browsers_to_be_careful() {
    let house = House::open();
    for path in ["/api/v1/status", "/api/v1/nothing", "/healthz", "/nothing"] {
        let answer = house.get(path, &[]);
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
    }
}

#[test]
fn a_head_is_the_answer_without_its_body() {
    let house = House::open();
    let port = house.address.port();
    let answer = raw(&house, &format!("HEAD /api/v1/journal HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("etag: ") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn who_writes_too_often_is_told_when_to_come_again() {
    let house = House::guarded(|guards| {
        guards.trust_local = false;
        guards.writes = Rate { interval: Duration::from_secs(60), burst: 2 };
    });
    let send = || house.post("/api/v1/records/check", RECORD, b"", &[]);
    assert_eq!((send().status, send().status), (400, 400));
    let third = send();
    third.problem(429, "too-many-requests");
    let wait: u64 = third.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(house.get("/api/v1/status", &[]).status, 200, "reading is not writing");
}

#[test]
fn more_requests_than_the_node_answers_are_told_so() {
    let house = House::guarded(|guards| guards.requests = 0);
    let answer = house.get("/api/v1/status", &[]);
    answer.problem(503, "overloaded");
    assert_eq!(answer.header("retry-after"), "1");
}

#[test]
fn whoever_sends_slowly_takes_nobodys_place() {
    let house = House::guarded(|guards| guards.requests = 1);
    let port = house.address.port();
    let head = format!(
        "POST /api/v1/records HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: {RECORD}\r\nContent-Length: 300\r\n\r\n"
    );
    let slow: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = TcpStream::connect(house.address).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(house.get("/api/v1/status", &[]).status, 200);
    }
    drop(slow);
}

#[test]
fn a_request_that_does_not_come_to_its_end_is_ended() {
    let house = House::guarded(|guards| guards.time = Duration::from_millis(200));
    let port = house.address.port();
    let head = format!(
        "POST /api/v1/records HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: {RECORD}\r\nContent-Length: 300\r\n\r\n"
    );
    let answer = raw(&house, &head);
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains(r#""code":"timeout""#), "{answer}");
}

#[test]
fn a_body_over_the_bound_is_refused_whether_or_not_it_says_its_length() {
    let house = House::open();
    let port = house.address.port();
    let head =
        format!("POST /api/v1/records HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nContent-Type: {RECORD}\r\n");
    let said = raw(&house, &format!("{head}Content-Length: 1000000000\r\n\r\n"));
    assert!(said.starts_with("HTTP/1.1 413"), "{said}");
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
    let unsaid = raw(&house, &format!("{head}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n", chunk.repeat(5)));
    assert!(unsaid.starts_with("HTTP/1.1 413") && unsaid.contains("too-large"), "{unsaid}");
}

#[test]
fn a_head_over_the_bound_is_refused() {
    let house = House::open();
    let port = house.address.port();
    let answer = raw(&house, &format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nX: {}\r\n\r\n", "x".repeat(2 * serve::HEAD)));
    // What was not read when a connection is closed may cost the asker the answer.
    assert!(answer.starts_with("HTTP/1.1 431") || answer.is_empty(), "{answer}");
}

#[test]
fn silent_sockets_do_not_keep_others_out() {
    let house = House::guarded(|guards| guards.head_time = Duration::from_millis(500));
    let silent: Vec<_> = (0..serve::CONNECTIONS + 100).map(|_| TcpStream::connect(house.address).unwrap()).collect();
    let answer = house.get("/api/v1/status", &[]);
    assert_eq!(answer.status, 200, "once their heads are overdue, the silent ones are gone");
    drop(silent);
}

#[test]
fn a_port_that_is_taken_is_named_with_what_to_do() {
    let house = House::open();
    let error = house.runtime.as_ref().unwrap().block_on(serve::bind(house.address)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(&house.address.to_string()) && text.contains("--http"), "{text}");
}

#[test]
fn a_request_under_way_ends_before_the_node_does() {
    let house = House::open();
    let author = house.founder();
    let file = author.inception.file();
    let port = house.address.port();
    let mut stream = TcpStream::connect(house.address).unwrap();
    let length = file.len();
    write!(
        stream,
        "POST /api/v1/records HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: {RECORD}\r\nContent-Length: {length}\r\n\r\n"
    )
    .unwrap();
    stream.write_all(&file[..300]).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    house.stop.send_replace(true);
    stream.write_all(&file[300..]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 "), "it was answered: {answer}");
    crate::house::eventually("nobody listens any more", || TcpStream::connect(house.address).is_err());
}

#[test]
fn only_a_node_on_loopback_has_a_list_of_hosts() {
    assert!(
        Guards::at("127.0.0.1:8480".parse().unwrap()).hosts.is_some_and(|hosts| hosts.contains(&"localhost:8480".to_owned()))
    );
    assert!(Guards::at("[::1]:8480".parse().unwrap()).hosts.is_some());
    assert!(Guards::at("0.0.0.0:8480".parse().unwrap()).hosts.is_none());
}

#[test]
fn a_host_that_the_operator_names_is_answered_and_pages_of_it_may_write() {
    let house = House::guarded(|guards| *guards = guards.clone().answering_to(vec!["node.example".parse().unwrap()]));
    let status = |host: &str| house.get("/api/v1/status", &[("Host", host)]);
    assert_eq!((status("node.example").status, status("node.example:8443").status), (200, 200));
    assert_eq!(house.get("/api/v1/status", &[]).status, 200, "localhost is answered still");
    let refused = status("evil.example").problem(421, "host");
    assert!(refused.contains("node.example") && refused.contains("--hosts"), "{refused}");
    let posted = |origin: &str| house.post("/api/v1/records", RECORD, b"", &[("Host", "node.example"), ("Origin", origin)]);
    posted("https://node.example").problem(400, "malformed-record");
    posted("https://evil.example").problem(403, "origin");
}
