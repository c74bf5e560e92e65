//! A customer's client: frames out, frames in, nothing remembered.

use super::{PATIENCE, Server, Staff};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub struct Client {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// The socket has ended.
#[derive(Debug)]
pub struct Ended;

impl Client {
    pub async fn connect(server: &Server, session: &str) -> Client {
        Client::connect_at(server, &format!("session={session}")).await
    }

    /// With a whole query of one's own.
    pub async fn connect_at(server: &Server, query: &str) -> Client {
        let client = Client::dial(server.address, query).await;
        client.unwrap_or_else(|e| panic!("connect with {query}: {e}\n{}", server.log()))
    }

    /// The error where nobody is there, or the server says no.
    pub async fn dial(server: SocketAddr, query: &str) -> Result<Client, Error> {
        let url = format!("ws://{server}/api/customer/live?{query}");
        let (socket, _) = tokio_tungstenite::connect_async(url).await?;
        Ok(Client { socket })
    }

    /// A console of this member of staff, after its hello.
    pub async fn console(server: &Server, staff: &Staff) -> Client {
        let mut request =
            format!("ws://{}/api/staff/live", server.address).into_client_request().expect("the address is an address");
        request.headers_mut().insert("cookie", staff.cookie.parse().expect("a cookie is text"));
        let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap_or_else(|e| panic!("{e}\n{}", server.log()));
        let mut client = Client { socket };
        client.until(|f| f["type"] == "hello").await;
        client
    }

    pub async fn send(&mut self, frame: &Value) -> Result<(), Ended> {
        self.socket.send(Message::text(frame.to_string())).await.map_err(|_| Ended)
    }

    pub async fn send_raw(&mut self, message: Message) -> Result<(), Ended> {
        self.socket.send(message).await.map_err(|_| Ended)
    }

    /// The next frame; an error once the socket has ended.
    pub async fn next(&mut self) -> Result<Value, Ended> {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("a frame or an end in time");
            match frame {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(text.as_str()).expect("the server speaks JSON"));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Ended),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Reads on until a frame will do; gives it and everything before it.
    pub async fn until(&mut self, mut enough: impl FnMut(&Value) -> bool) -> Vec<Value> {
        let mut read = Vec::new();
        loop {
            let frame = match self.next().await {
                Ok(frame) => frame,
                Err(Ended) => panic!("the socket ended before what was waited for; it had said {read:#?}"),
            };
            let found = enough(&frame);
            read.push(frame);
            if found {
                return read;
            }
        }
    }

    /// Sends, and gives the acknowledgement's or the error's frame.
    pub async fn send_and_settle(&mut self, frame: &Value) -> Value {
        self.send(frame).await.expect("the socket is open");
        let id = frame["client_id"].clone();
        let mut read = self.until(|f| matches!(f["type"].as_str(), Some("ack" | "error")) && f["client_id"] == id).await;
        read.pop().expect("the frame that was waited for")
    }

    /// Says something and waits until the bot or an agent has answered: the answer's message.
    pub async fn ask(&mut self, id: &str, text: &str) -> Value {
        self.answer_to(&json!({ "type": "say", "client_id": id, "text": text })).await
    }

    /// Sends something and waits until it is stored and something was said after it.
    pub async fn answer_to(&mut self, frame: &Value) -> Value {
        let frames = self.exchange(frame).await;
        let said = frames.iter().rev().find(|f| f["event"]["body"]["kind"] == "said").expect("waited for it");
        said["event"]["body"]["message"].clone()
    }

    /// Sends something; everything up to the acknowledgement and the first thing said after it, in either order.
    pub async fn exchange(&mut self, frame: &Value) -> Vec<Value> {
        self.send(frame).await.expect("the socket is open");
        let id = frame["client_id"].clone();
        let (mut place, mut said) = (None, 0);
        self.until(|f| {
            assert!(f["type"] != "error", "refused: {f}");
            if f["type"] == "ack" && f["client_id"] == id {
                place = f["seq"].as_u64();
            }
            if f["event"]["body"]["kind"] == "said" {
                said = f["event"]["seq"].as_u64().unwrap_or(0);
            }
            place.is_some_and(|place| said > place)
        })
        .await
    }

    /// Reads on until the bot or an agent has said something with these words.
    pub async fn until_said(&mut self, words: &str) -> Value {
        let read = self.until(|f| f["event"]["body"]["message"]["text"].as_str().is_some_and(|text| text.contains(words))).await;
        read.last().expect("the frame that was waited for")["event"]["body"]["message"].clone()
    }

    /// Everything that the server sends before it answers a ping: a replay, and nothing after it.
    pub async fn settled(&mut self) -> Vec<Value> {
        self.send(&json!({ "type": "ping" })).await.expect("the socket is open");
        let mut read = self.until(|f| f["type"] == "pong").await;
        read.pop();
        read
    }
}
