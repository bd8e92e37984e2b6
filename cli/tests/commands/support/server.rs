//! HTTP of a few lines: one request a connection.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::{JoinHandle, spawn};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Its first line.
    pub(crate) line: String,
    /// Its headers, in lower case.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Method, path and query.
    pub(crate) fn target(&self) -> (&str, &str, &str) {
        let mut parts = self.line.split(' ');
        let (method, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        (method, path, query)
    }

    pub(crate) fn accepts_bytes(&self) -> bool {
        self.headers.iter().any(|header| header == "accept: application/octet-stream")
    }
}

/// Answers one request; the thread gives it.
pub(crate) fn serve_one(status: &'static str, answer: Vec<u8>) -> (String, JoinHandle<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let node = format!("http://{}", listener.local_addr().unwrap());
    let server = spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let request = read_request(&stream);
        write_answer(stream, status, &answer);
        request
    });
    (node, server)
}

/// Answers until the test ends.
pub(crate) fn serve(mut answer: impl FnMut(&Request) -> (&'static str, Vec<u8>) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let node = format!("http://{}", listener.local_addr().unwrap());
    spawn(move || {
        for stream in listener.incoming().flatten() {
            let (status, bytes) = answer(&read_request(&stream));
            write_answer(stream, status, &bytes);
        }
    });
    node
}

fn write_answer(mut stream: TcpStream, status: &str, answer: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
    // A client that has seen too much may be gone.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(answer));
}

fn read_request(stream: &TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: Vec<_> = lines.iter().skip(1).map(|line| line.to_lowercase()).collect();
    let length = headers.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    Request { line: lines.first().cloned().unwrap_or_default(), headers, body }
}
