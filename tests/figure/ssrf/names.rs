//! A name server that says what it is told (RFC 1035), so that names go through the operating system's own resolver.

use crate::bed::Result;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::UdpSocket;
use tokio_util::task::TaskTracker;

/// Where resolvers are told to ask.
const HERE: (&str, u16) = ("127.0.0.1", 53);
const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;

/// What is answered, in the order in which it is asked; the last one for ever. The text is addresses, after `name >`
/// where the name is an alias.
type Book = HashMap<&'static str, (Vec<&'static str>, HashMap<u16, usize>)>;

/// A running one.
#[derive(Clone, Default)]
pub(super) struct Names(Arc<Mutex<Book>>);

impl Names {
    /// Answers on the port of name servers.
    ///
    /// # Errors
    /// It is taken.
    pub(super) async fn start() -> Result<Self> {
        let (socket, names) = (UdpSocket::bind(HERE).await?, Self::default());
        let book = names.clone();
        TaskTracker::new().spawn(async move {
            let mut buffer = [0; 512];
            while let Ok((count, from)) = socket.recv_from(&mut buffer).await {
                if let Some(answer) = book.answer(&buffer[..count]) {
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        Ok(names)
    }

    /// From now on `name` has these answers.
    pub(super) fn set(&self, name: &'static str, answers: &[&'static str]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, (answers.to_vec(), HashMap::new()));
    }

    /// How often its IPv4 address was asked for.
    pub(super) fn asked(&self, name: &str) -> usize {
        let book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.get(name).and_then(|(_, asked)| asked.get(&A)).copied().unwrap_or(0)
    }

    fn answer(&self, query: &[u8]) -> Option<Vec<u8>> {
        let (mut at, mut labels) = (12, Vec::new());
        while let Some(length) = query.get(at).copied().filter(|length| *length > 0) {
            let label = query.get(at + 1..at + 1 + usize::from(length))?;
            labels.push(String::from_utf8_lossy(label).to_lowercase());
            at += 1 + usize::from(length);
        }
        let kind = u16::from_be_bytes(*query.get(at + 1..)?.first_chunk()?);
        let records = self.records(&labels.join("."), kind);
        let missing = if records.is_some() { 0 } else { 3 };
        let records = records.unwrap_or_default();
        let mut out = [&query[..2], &[0x81, 0x80 | missing, 0, 1, 0, records.len() as u8, 0, 0, 0, 0]].concat();
        out.extend(query.get(12..at + 5)?);
        records.iter().for_each(|record| out.extend(record));
        Some(out)
    }

    /// The whole records for a question; nothing where nobody knows the name.
    fn records(&self, name: &str, kind: u16) -> Option<Vec<Vec<u8>>> {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (answers, asked) = book.get_mut(name)?;
        let turn = asked.entry(kind).or_default();
        let text = answers[(*turn).min(answers.len() - 1)];
        *turn += 1;
        let (alias, addresses) = match text.split_once('>') {
            Some((alias, addresses)) => (Some(alias.trim()), addresses),
            None => (None, text),
        };
        let record = |name: &[u8], kind: u16, data: &[u8]| {
            // Time to live: none.
            [name, &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 0], &(data.len() as u16).to_be_bytes(), data].concat()
        };
        let question = [0xc0, 12];
        let alias = alias.map(wire);
        let owner = alias.as_deref().unwrap_or(&question);
        let mut records: Vec<_> = alias.iter().map(|alias| record(&question, CNAME, alias)).collect();
        for address in addresses.split_whitespace().filter_map(|address| address.parse().ok()) {
            match address {
                IpAddr::V4(ip) if kind == A => records.push(record(owner, A, &ip.octets())),
                IpAddr::V6(ip) if kind == AAAA => records.push(record(owner, AAAA, &ip.octets())),
                _ => {}
            }
        }
        Some(records)
    }
}

/// A name on the wire.
fn wire(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.') {
        out.push(label.len() as u8);
        out.extend(label.as_bytes());
    }
    out.push(0);
    out
}
