//! History from elsewhere: acts with their own times are put into the columns, and what they teach (break points, how long
//! those who got through needed) is learnt as if they had come live.

use crate::Engine;
use crate::behaviour::checkpoint::{columns_of, numbered};
use crate::behaviour::recorder::Recorder;
use jieti_domain::id::CustomerId;
use jieti_domain::journey::columns::{Client, Row, columns, day_of};
use jieti_domain::journey::{Act, Consent, Crowd, Instant, NONE, Name, Network, Platform, Record, Sign, Visit};
use jieti_store::{LogAppend, ReadError, WriteError};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use thiserror::Error;

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRow {
    pub customer: CustomerId,
    /// Milliseconds since 1970.
    pub at: i64,
    pub platform: Platform,
    #[serde(default)]
    pub version: Option<Name>,
    #[serde(default)]
    pub network: Network,
    pub act: Act,
    #[serde(default)]
    pub page: Option<Name>,
    #[serde(default)]
    pub target: Option<Name>,
    #[serde(default)]
    pub code: Option<Name>,
    #[serde(default)]
    pub value: u32,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    pub stored: u64,
    /// The same in every field as one that was there.
    pub doubled: u64,
    /// Break points that the rows showed.
    pub breaks: u64,
}

/// Why a file was not taken; nothing of it is kept then.
#[derive(Debug, Error)]
pub enum ImportError {
    #[error("a row is of {at}, which is not before now; import what has been, and send what is now to /api/customer/behaviour")]
    NotPast { at: i64 },
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Time of the virtual clock between two looks at its timers.
const STEP_MS: i64 = 1_000;
/// After the last row the clock runs on for so long, so that what time alone says is said: a way left takes ten minutes.
const RUN_ON_MS: i64 = 30 * 60_000;

impl Engine {
    /// Takes in a piece of history. Rows may be in any order; those of one customer and day belong into one piece.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub async fn import_behaviour(&self, file: Vec<ImportRow>) -> Result<Imported, ImportError> {
        let _whole = self.0.behaviour.whole.lock().await;
        let now = self.now();
        if let Some(row) = file.iter().find(|row| row.at >= now.0) {
            return Err(ImportError::NotPast { at: row.at });
        }
        let given = file.len() as u64;
        let mut known = self.known_rows(&file).await?;
        let (append, rows, breaks) = {
            let mut recorder = self.0.behaviour.recorder();
            let mut rows: Vec<Row> = file.iter().map(|row| recorder.row(row)).collect();
            rows.sort_by_key(|row| (row.record.at, row.visitor));
            rows.retain(|row| known.insert((row.visitor, row.client, row.record)));
            let (mut append, ..) = recorder.take_in(Vec::new(), now);
            append.breaks.extend(recorder.live_through(&rows));
            let breaks = append.breaks.len() as u64;
            (append, rows, breaks)
        };
        self.write_import(append, &rows).await?;
        let stored = rows.len() as u64;
        Ok(Imported { stored, doubled: given - stored, breaks })
    }

    /// What is stored of the customers and days of a file.
    async fn known_rows(&self, file: &[ImportRow]) -> Result<HashSet<(u32, Client, Record)>, ReadError> {
        let visitors: HashMap<i64, HashSet<u32>> = {
            let recorder = self.0.behaviour.recorder();
            let seen = file.iter().filter_map(|row| Some((day_of(row.at), recorder.visitors.known(&row.customer)?)));
            seen.fold(HashMap::new(), |mut days, (day, visitor)| {
                days.entry(day).or_insert_with(HashSet::new).insert(visitor);
                days
            })
        };
        let mut known = HashSet::new();
        for (day, visitors) in &visitors {
            for key in self.0.store.segment_keys(*day, *day).await? {
                let part = columns_of(&self.0.store.segment(&key).await?)?;
                let of = part.of_visitors(|visitor| visitors.contains(&visitor));
                known.extend(of.map(|r| (r.visitor, r.client, r.record)));
            }
        }
        Ok(known)
    }

    /// Names, visitors and break points first, then the columns with a checkpoint of what was learnt.
    async fn write_import(&self, append: LogAppend, rows: &[Row]) -> Result<(), ImportError> {
        let position = append.position;
        let written = match self.0.store.append_behaviour(&append).await {
            Ok(()) => {
                let parts = columns(rows.iter().copied());
                self.checkpoint_with(numbered(position, &parts)).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            self.reload_behaviour().await?;
            return Err(error.into());
        }
        Ok(())
    }
}

impl Recorder {
    fn row(&mut self, row: &ImportRow) -> Row {
        let mut number = |name: &Option<Name>| name.as_ref().map_or(NONE, |name| self.names.number(name));
        let record = Record {
            n: 0,
            at: row.at,
            act: row.act,
            page: number(&row.page),
            target: number(&row.target),
            code: number(&row.code),
            value: row.value,
        };
        let client = Client { platform: row.platform, version: number(&row.version), network: row.network };
        Row { visitor: self.visitors.number(&row.customer), client, record }
    }

    /// Folds rows, sorted by time, in a crowd of their own on a clock of their own. Returns the break points; what those who
    /// got through needed is learnt here.
    fn live_through(&mut self, rows: &[Row]) -> Vec<jieti_domain::journey::BreakPoint> {
        let mut past = Crowd::new(Arc::clone(self.crowd.map()), &mut self.names);
        past.learn_from(self.crowd.baselines().clone());
        let mut signs: Vec<Sign> = Vec::new();
        for group in rows.chunk_by(|a, b| a.record.at / STEP_MS == b.record.at / STEP_MS) {
            let visits = group
                .chunk_by(|a, b| (a.visitor, a.client) == (b.visitor, b.client))
                .map(|acts| Visit {
                    visitor: acts[0].visitor,
                    stream: 0,
                    platform: acts[0].client.platform,
                    version: acts[0].client.version,
                    network: acts[0].client.network,
                    consent: Consent::Service,
                    records: acts.iter().map(|row| row.record).collect(),
                })
                .collect();
            past.take(&Instant { at: group[0].record.at, visits }, &mut signs);
        }
        let until = rows.last().map_or(0, |row| row.record.at + RUN_ON_MS);
        past.take(&Instant { at: until, visits: Vec::new() }, &mut signs);
        self.crowd.learn_from(past.baselines().clone());
        signs.iter().filter_map(|sign| self.broke(sign)).collect()
    }
}
