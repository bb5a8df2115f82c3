//! The line of a watch page, as a browser has it: parts of a letter, a length, and what it is.

use super::{Result, fault};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::timeout;

/// How long a part may take.
const PART: Duration = Duration::from_secs(10);

/// An open line.
pub struct Line {
    answer: reqwest::Response,
    bytes: VecDeque<u8>,
}

impl Line {
    /// What is at `url`, with its status where that is no line.
    ///
    /// # Errors
    /// It does not answer, or otherwise.
    pub async fn open(url: &str) -> Result<std::result::Result<Self, u16>> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let answer = client.get(url).send().await?;
        let status = answer.status();
        Ok(if status.is_success() { Ok(Self { answer, bytes: VecDeque::new() }) } else { Err(status.as_u16()) })
    }

    /// The next part; nothing where the line has ended in order.
    ///
    /// # Errors
    /// It breaks, or is silent for 10 s.
    pub async fn part(&mut self) -> Result<Option<(char, Vec<u8>)>> {
        loop {
            if let Some(part) = self.cut() {
                return Ok(Some(part));
            }
            match timeout(PART, self.answer.chunk()).await {
                Ok(Ok(Some(chunk))) => self.bytes.extend(chunk),
                Ok(Ok(None)) if self.bytes.is_empty() => return Ok(None),
                Ok(Ok(None)) => return fault("the line ended amid a part"),
                Ok(Err(broken)) => return Err(broken.into()),
                Err(_) => return fault("the line is silent"),
            }
        }
    }

    /// The next part that is of this kind.
    ///
    /// # Errors
    /// As [`Line::part`], and where the line ends.
    pub async fn next(&mut self, kind: char) -> Result<Vec<u8>> {
        loop {
            match self.part().await? {
                Some((found, bytes)) if found == kind => return Ok(bytes),
                Some(_) => {}
                None => return fault(format!("the line ended before any {kind}")),
            }
        }
    }

    /// Waits until it is said that the show is so.
    ///
    /// # Errors
    /// As [`Line::next`].
    pub async fn air(&mut self, wanted: &str) -> Result<serde_json::Value> {
        loop {
            let said: serde_json::Value = serde_json::from_slice(&self.next('s').await?)?;
            if said["air"] == wanted {
                return Ok(said);
            }
        }
    }

    fn cut(&mut self) -> Option<(char, Vec<u8>)> {
        let head: Vec<u8> = self.bytes.iter().copied().take(5).collect();
        let [kind, a, b, c, d] = head[..] else { return None };
        let len = u32::from_be_bytes([a, b, c, d]) as usize;
        if self.bytes.len() < 5 + len {
            return None;
        }
        self.bytes.drain(..5);
        Some((char::from(kind), self.bytes.drain(..len).collect()))
    }
}
