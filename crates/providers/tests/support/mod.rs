//! A model's server: speaks HTTP on a socket of its own, keeps what it was asked, and answers as the test says.

use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a question.
pub trait Reply: Clone + Send + 'static {
    /// To this body.
    fn to(self, body: &Value) -> Sent;
}

/// What goes over the socket, and whether the connection is then closed or stays open.
#[derive(Debug, Default)]
pub struct Sent {
    pub pieces: Vec<Vec<u8>>,
    pub stays_open: bool,
}

impl Sent {
    /// A whole answer.
    pub fn body(status: u16, text: &str) -> Self {
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}", text.len());
        Self { pieces: vec![format!("{head}\r\nconnection: close\r\n\r\n{text}").into_bytes()], stays_open: false }
    }
}

pub struct Server<R> {
    pub url: String,
    /// Head and body of each question.
    pub asked: Arc<Mutex<Vec<(String, Value)>>>,
    reply: Arc<Mutex<R>>,
}

impl<R: Reply> Server<R> {
    pub async fn start(reply: R) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let (asked, reply) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(reply)));
        let (log, script) = (Arc::clone(&asked), Arc::clone(&reply));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&log), Arc::clone(&script)));
            }
        });
        Self { url, asked, reply }
    }

    pub fn times(&self) -> usize {
        self.asked.lock().expect("not poisoned").len()
    }

    pub fn now(&self, reply: R) {
        *self.reply.lock().expect("not poisoned") = reply;
    }
}

async fn serve<R: Reply>(mut socket: TcpStream, log: Arc<Mutex<Vec<(String, Value)>>>, script: Arc<Mutex<R>>) {
    let mut bytes = Vec::new();
    let (head, body): (String, Value) = loop {
        let mut piece = [0_u8; 4096];
        let Ok(read @ 1..) = socket.read(&mut piece).await else { return };
        bytes.extend_from_slice(&piece[..read]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length =
            head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length:").map(|n| n.trim().parse::<usize>()));
        let length = length.expect("a length").expect("a number");
        if bytes.len() >= end + 4 + length {
            break (head, serde_json::from_slice(&bytes[end + 4..end + 4 + length]).expect("JSON"));
        }
    };
    let reply = script.lock().expect("not poisoned").clone();
    let Sent { pieces, stays_open } = reply.to(&body);
    log.lock().expect("not poisoned").push((head, body));
    for piece in pieces {
        // The client may have gone.
        let _ = socket.write_all(&piece).await;
        let _ = socket.flush().await;
        tokio::task::yield_now().await;
    }
    if stays_open {
        std::future::pending::<()>().await;
    }
}
