//! Server-sent events of a chat completion, put together. Chunks may end anywhere, in the middle of a character too.

use jieti_domain::writing::WritingError;
use serde::Deserialize;

/// What a chunk brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    More,
    /// The server said that this was all.
    End,
}

pub(super) struct Reader {
    is_stream: bool,
    /// What has come and is not read yet; all of it where it is no stream.
    bytes: Vec<u8>,
    text: String,
    used: Option<u64>,
    /// The model finished by itself.
    is_done: bool,
}

#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Usage>,
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Choice {
    /// In a stream.
    delta: Option<Part>,
    /// Otherwise.
    message: Option<Part>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Part {
    content: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    total_tokens: Option<u64>,
}

impl Reader {
    pub fn new(is_stream: bool) -> Self {
        Self { is_stream, bytes: Vec::new(), text: String::new(), used: None, is_done: false }
    }

    /// Bytes and text held so far.
    pub fn len(&self) -> usize {
        self.bytes.len() + self.text.len()
    }

    /// What came, where it was no stream.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn take(&mut self, bytes: &[u8]) -> Result<Piece, WritingError> {
        self.bytes.extend_from_slice(bytes);
        if !self.is_stream {
            return Ok(Piece::More);
        }
        while let Some(end) = self.bytes.iter().position(|b| *b == b'\n') {
            let line: Vec<u8> = self.bytes.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            // Comments and other fields keep the connection alive, and say nothing.
            let Some(data) = line.trim_end().strip_prefix("data:") else { continue };
            if data.trim() == "[DONE]" {
                self.is_done = true;
                return Ok(Piece::End);
            }
            self.read(data)?;
        }
        Ok(Piece::More)
    }

    fn read(&mut self, json: &str) -> Result<(), WritingError> {
        let unreadable = |e: serde_json::Error| WritingError::Unreachable { detail: format!("its answer cannot be read: {e}") };
        let completion: Completion = serde_json::from_str(json.trim()).map_err(unreadable)?;
        if let Some(error) = completion.error.filter(|e| !e.is_null()) {
            return Err(WritingError::Refused { detail: error.to_string().chars().take(crate::peer::DETAIL).collect() });
        }
        if let Some(usage) = completion.usage {
            self.used = usage.total_tokens;
        }
        let Some(choice) = completion.choices.into_iter().next() else { return Ok(()) };
        if let Some(content) = choice.delta.or(choice.message).and_then(|part| part.content) {
            self.text.push_str(&content);
        }
        match choice.finish_reason.as_deref() {
            // Half an answer is none.
            Some("length") => Err(WritingError::Refused { detail: "the answer was cut off at its longest".to_owned() }),
            Some("content_filter") => Err(WritingError::Refused { detail: "its filter held the answer back".to_owned() }),
            Some(_) => {
                self.is_done = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The text and the tokens used, where the server counted them. `ended`: the server said so; otherwise the connection closed.
    pub fn finish(mut self, ended: bool) -> Result<(String, Option<u64>), WritingError> {
        if !self.is_stream {
            let raw = self.raw();
            self.read(&raw)?;
        }
        if !ended && !self.is_done {
            return Err(WritingError::Unreachable { detail: "the connection ended in the middle of the answer".to_owned() });
        }
        Ok((self.text, self.used))
    }
}
