//! Acts of one day as columns, sorted by visitor and time: what surveys read. Owns their building and their bytes; knows no
//! compression and no store.

use crate::journey::record::Network;
use crate::journey::{Act, Platform, Record, Visit};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use thiserror::Error;

const DAY_MS: i64 = 86_400_000;
/// China has one zone without daylight saving: UTC+8.
const CHINA_MS: i64 = 8 * 3_600_000;
/// Records of one part: small enough to be read whole, large enough to be read fast. Its dictionaries have 16 bits.
pub const PART: usize = 60_000;
/// First bytes of a part. The number is the version of the format.
const MAGIC: [u8; 4] = *b"JTC1";

/// How long a record is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// The way: pages, steps, in sight and out, outcomes.
    Way,
    /// Errors and rage.
    Trouble,
    /// Every touch.
    Touch,
}

impl Class {
    pub const ALL: [Class; 3] = [Class::Way, Class::Trouble, Class::Touch];

    pub fn of(act: Act) -> Class {
        match act {
            Act::Page | Act::Step | Act::Back | Act::Hidden | Act::Visible | Act::Leave | Act::Outcome => Class::Way,
            Act::FieldError | Act::ApiError | Act::RageClick => Class::Trouble,
            Act::Click => Class::Touch,
        }
    }

    /// As stored and written in the configuration.
    pub fn code(self) -> &'static str {
        match self {
            Class::Way => "way",
            Class::Trouble => "trouble",
            Class::Touch => "touch",
        }
    }

    pub fn from_code(code: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.code() == code)
    }
}

/// The China day of an instant, in days since 1970.
pub fn day_of(at_ms: i64) -> i64 {
    (at_ms + CHINA_MS).div_euclid(DAY_MS)
}

/// The instant at which a day begins in China, in ms since 1970.
pub fn start_of_day(day: i64) -> i64 {
    day * DAY_MS - CHINA_MS
}

/// What a client is, as far as surveys ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Client {
    pub platform: Platform,
    pub version: u32,
    pub network: Network,
}

/// One part: at most [`PART`] records of one day and class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    pub day: i64,
    /// Visitor and how many records, in the order of the visitors.
    pub runs: Vec<(u32, u32)>,
    /// Page and target by number.
    pub places: Vec<(u32, u32)>,
    pub clients: Vec<Client>,
    /// Error or outcome by number.
    pub codes: Vec<u32>,
    /// Milliseconds since the day began.
    pub at: Vec<u32>,
    pub act: Vec<u8>,
    pub place: Vec<u16>,
    pub client: Vec<u16>,
    pub code: Vec<u16>,
    pub value: Vec<u32>,
}

/// Why bytes are not columns.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("part of the behaviour columns is damaged at byte {at} of {len}; it was written by another version, or the disk failed")]
pub struct Damaged {
    pub at: usize,
    pub len: usize,
}

/// One record with what was around it, while columns are built and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub visitor: u32,
    pub client: Client,
    pub record: Record,
}

/// Every record of visits, with its client.
pub fn rows<'a>(visits: impl IntoIterator<Item = &'a Visit>) -> impl Iterator<Item = Row> {
    visits.into_iter().flat_map(|visit| {
        let client = Client { platform: visit.platform, version: visit.version, network: visit.network };
        visit.records.iter().map(move |record| Row { visitor: visit.visitor, client, record: *record })
    })
}

/// Parts by day and class.
pub fn columns(rows: impl IntoIterator<Item = Row>) -> Vec<(Class, Columns)> {
    let mut rows: Vec<(i64, Class, Row)> =
        rows.into_iter().map(|row| (day_of(row.record.at), Class::of(row.record.act), row)).collect();
    rows.sort_by_key(|(day, class, row)| (*day, *class, row.visitor, row.record.at));
    rows.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .flat_map(|group| group.chunks(PART))
        .map(|part| (part[0].1, Columns::new(part[0].0, part.iter().map(|(_, _, row)| row))))
        .collect()
}

/// Numbers values in the order of their first appearance.
struct Dictionary<T> {
    numbers: HashMap<T, u16>,
    values: Vec<T>,
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), values: Vec::new() }
    }
}

impl<T: Copy + Eq + std::hash::Hash> Dictionary<T> {
    fn number(&mut self, value: T) -> u16 {
        *self.numbers.entry(value).or_insert_with(|| {
            self.values.push(value);
            u16::try_from(self.values.len() - 1).expect("a part has fewer records than 16 bits count")
        })
    }
}

impl Columns {
    fn new<'a>(day: i64, rows: impl Iterator<Item = &'a Row>) -> Self {
        let start = start_of_day(day);
        let mut places = Dictionary::default();
        let mut clients = Dictionary::default();
        let mut codes = Dictionary::default();
        let mut columns = Self {
            day,
            runs: Vec::new(),
            places: Vec::new(),
            clients: Vec::new(),
            codes: Vec::new(),
            at: Vec::new(),
            act: Vec::new(),
            place: Vec::new(),
            client: Vec::new(),
            code: Vec::new(),
            value: Vec::new(),
        };
        for row in rows {
            match columns.runs.last_mut() {
                Some((visitor, count)) if *visitor == row.visitor => *count += 1,
                _ => columns.runs.push((row.visitor, 1)),
            }
            let record = &row.record;
            columns.at.push(u32::try_from(record.at - start).unwrap_or(0));
            columns.act.push(record.act as u8);
            columns.place.push(places.number((record.page, record.target)));
            columns.client.push(clients.number(row.client));
            columns.code.push(codes.number(record.code));
            columns.value.push(record.value);
        }
        columns.places = places.values;
        columns.clients = clients.values;
        columns.codes = codes.values;
        columns
    }

    pub fn len(&self) -> usize {
        self.at.len()
    }

    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// The record at a place, as it was.
    pub fn row(&self, visitor: u32, place: usize) -> Option<Row> {
        let (page, target) = *self.places.get(usize::from(*self.place.get(place)?))?;
        Some(Row {
            visitor,
            client: *self.clients.get(usize::from(*self.client.get(place)?))?,
            record: Record {
                n: 0,
                at: start_of_day(self.day) + i64::from(*self.at.get(place)?),
                act: *Act::ALL.get(usize::from(*self.act.get(place)?))?,
                page,
                target,
                code: *self.codes.get(usize::from(*self.code.get(place)?))?,
                value: *self.value.get(place)?,
            },
        })
    }

    /// Records of one visitor, in the order of time.
    pub fn of_visitor(&self, visitor: u32) -> Vec<Row> {
        self.of_visitors(|who| who == visitor).collect()
    }

    /// Rows of the visitors that are wanted, in the order of the columns.
    pub fn of_visitors(&self, wanted: impl Fn(u32) -> bool) -> impl Iterator<Item = Row> {
        let mut to = 0;
        let runs = self.runs.iter().map(move |(who, count)| {
            let from = to;
            to += *count as usize;
            (*who, from..to)
        });
        runs.filter(move |(who, _)| wanted(*who))
            .flat_map(move |(who, places)| places.filter_map(move |place| self.row(who, place)))
    }

    /// Little-endian throughout: magic, counts, dictionaries, columns.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + self.len() * 15);
        out.extend(MAGIC);
        out.extend(self.day.to_le_bytes());
        for count in [self.runs.len(), self.places.len(), self.clients.len(), self.codes.len(), self.len()] {
            out.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
        }
        let mut pairs = |pairs: &[(u32, u32)]| {
            for (a, b) in pairs {
                out.extend(a.to_le_bytes());
                out.extend(b.to_le_bytes());
            }
        };
        pairs(&self.runs);
        pairs(&self.places);
        for client in &self.clients {
            out.extend([client.platform as u8, client.network as u8]);
            out.extend(client.version.to_le_bytes());
        }
        self.codes.iter().chain(&self.at).chain(&self.value).for_each(|v| out.extend(v.to_le_bytes()));
        self.place.iter().chain(&self.client).chain(&self.code).for_each(|v| out.extend(v.to_le_bytes()));
        out.extend(&self.act);
        out
    }

    /// # Errors
    /// `Damaged` where the bytes do not hold together; nothing is read past their end.
    pub fn from_bytes(bytes: &[u8]) -> Result<Columns, Damaged> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.take(4)? != MAGIC {
            return Err(Damaged { at: 0, len: bytes.len() });
        }
        let day = i64::from_le_bytes(reader.array()?);
        let mut count = || Ok(u32::from_le_bytes(reader.array()?) as usize);
        let (runs, places, clients, codes, records) = (count()?, count()?, count()?, count()?, count()?);
        let runs = reader.pairs(runs)?;
        let places = reader.pairs(places)?;
        let clients = (0..clients).map(|_| reader.client()).collect::<Result<Vec<_>, _>>()?;
        let columns = Columns {
            day,
            runs,
            places,
            clients,
            codes: reader.u32s(codes)?,
            at: reader.u32s(records)?,
            value: reader.u32s(records)?,
            place: reader.u16s(records)?,
            client: reader.u16s(records)?,
            code: reader.u16s(records)?,
            act: reader.take(records)?.to_vec(),
        };
        let in_range = |numbers: &[u16], len: usize| numbers.iter().all(|n| usize::from(*n) < len);
        let sound = columns.runs.iter().map(|(_, count)| *count as usize).sum::<usize>() == records
            && in_range(&columns.place, columns.places.len())
            && in_range(&columns.client, columns.clients.len())
            && in_range(&columns.code, columns.codes.len())
            && columns.act.iter().all(|act| usize::from(*act) < Act::ALL.len());
        if sound { Ok(columns) } else { Err(reader.damaged()) }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn damaged(&self) -> Damaged {
        Damaged { at: self.at, len: self.bytes.len() }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Damaged> {
        let taken = self.bytes.get(self.at..self.at.saturating_add(len)).ok_or(self.damaged())?;
        self.at += len;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let damaged = self.damaged();
        self.take(N)?.try_into().map_err(|_| damaged)
    }

    fn u32s(&mut self, count: usize) -> Result<Vec<u32>, Damaged> {
        let bytes = self.take(count.saturating_mul(4))?;
        Ok(bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    fn u16s(&mut self, count: usize) -> Result<Vec<u16>, Damaged> {
        let bytes = self.take(count.saturating_mul(2))?;
        Ok(bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect())
    }

    fn pairs(&mut self, count: usize) -> Result<Vec<(u32, u32)>, Damaged> {
        let flat = self.u32s(count.saturating_mul(2))?;
        Ok(flat.chunks_exact(2).map(|p| (p[0], p[1])).collect())
    }

    fn client(&mut self) -> Result<Client, Damaged> {
        let damaged = self.damaged();
        let [platform, network] = self.array()?;
        let version = u32::from_le_bytes(self.array()?);
        let platform = *Platform::ALL.get(usize::from(platform)).ok_or(damaged.clone())?;
        let network = *Network::ALL.get(usize::from(network)).ok_or(damaged)?;
        Ok(Client { platform, version, network })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row() -> impl Strategy<Value = Row> {
        let client = (0_usize..4, 0_u32..5, 0_usize..4).prop_map(|(platform, version, network)| Client {
            platform: Platform::ALL[platform],
            version,
            network: Network::ALL[network],
        });
        let record = (0_i64..3 * DAY_MS, 0_usize..Act::ALL.len(), 0_u32..9, 0_u32..9, 0_u32..9, any::<u32>())
            .prop_map(|(at, act, page, target, code, value)| Record { n: 0, at, act: Act::ALL[act], page, target, code, value });
        (0_u32..20, client, record).prop_map(|(visitor, client, record)| Row { visitor, client, record })
    }

    proptest! {
        #[test]
        fn columns_hold_every_row_and_survive_their_bytes(rows in prop::collection::vec(row(), 0..200)) {
            let parts = columns(rows.iter().copied());
            let mut back = Vec::new();
            for (class, part) in &parts {
                let read = Columns::from_bytes(&part.to_bytes()).expect("sound");
                prop_assert_eq!(&read, part);
                let visitors: Vec<u32> = read.runs.iter().map(|(v, _)| *v).collect();
                prop_assert!(visitors.is_sorted());
                for visitor in visitors {
                    let of = read.of_visitor(visitor);
                    prop_assert!(of.is_sorted_by_key(|r| r.record.at));
                    prop_assert!(of.iter().all(|r| Class::of(r.record.act) == *class && day_of(r.record.at) == read.day));
                    back.extend(of);
                }
            }
            let key = |r: &Row| (r.visitor, r.record.at, r.record.act as u8, r.record.page, r.record.target, r.record.code, r.record.value, r.client);
            let mut sent = rows.clone();
            sent.sort_by_key(key);
            back.sort_by_key(key);
            prop_assert_eq!(back, sent);
        }

        #[test]
        fn damaged_bytes_are_an_error_and_never_a_panic(rows in prop::collection::vec(row(), 1..40), cut in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>()) {
            for (_, part) in columns(rows) {
                let mut bytes = part.to_bytes();
                prop_assert!(Columns::from_bytes(&bytes[..cut.index(bytes.len())]).is_err());
                let place = flip.index(bytes.len());
                bytes[place] ^= 0x40;
                let _ = Columns::from_bytes(&bytes);
            }
        }
    }
}
