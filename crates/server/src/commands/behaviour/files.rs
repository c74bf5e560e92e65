//! Files of acts: CSV and Parquet in, Parquet out.

use anyhow::{Context, anyhow, bail};
use jieti_engine::{DayAct, ImportRow};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::record::Field;
use parquet::schema::parser::parse_message_type;
use serde_json::{Map, Value};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// The columns of an export, in their order.
const SCHEMA: &str = "message behaviour {
    required int32 visitor;
    required int64 at (timestamp(millis, true));
    required binary platform (string);
    optional binary version (string);
    required binary network (string);
    required binary act (string);
    optional binary page (string);
    optional binary target (string);
    optional binary code (string);
    required int32 value;
}";
/// Rows of one group: large enough to compress, small enough to read in part.
const GROUP: usize = 200_000;

/// A table with the columns of an [`ImportRow`]; empty cells are left out.
pub fn read_csv(path: &Path) -> anyhow::Result<Vec<ImportRow>> {
    let mut reader = csv::Reader::from_path(path).with_context(|| path.display().to_string())?;
    let header = reader.headers().with_context(|| path.display().to_string())?.clone();
    let mut rows = Vec::new();
    for (number, record) in (2..).zip(reader.records()) {
        let at = || format!("{} line {number}", path.display());
        let record = record.with_context(at)?;
        let cells = header.iter().zip(&record).filter(|(_, cell)| !cell.is_empty());
        let object: Map<String, Value> = cells
            .map(|(name, cell)| match (name, cell.parse::<i64>()) {
                ("at" | "value", Ok(number)) => (name.to_owned(), number.into()),
                _ => (name.to_owned(), cell.into()),
            })
            .collect();
        rows.push(serde_json::from_value(Value::Object(object)).with_context(at)?);
    }
    Ok(rows)
}

/// A file with the columns of an [`ImportRow`], or one that `jieti behaviour export` wrote: its visitors are customers
/// `visitor:<number>`.
pub fn read_parquet(path: &Path) -> anyhow::Result<Vec<ImportRow>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let reader = SerializedFileReader::new(file).with_context(|| format!("{} is no Parquet file, or damaged", path.display()))?;
    let mut rows = Vec::new();
    for (number, row) in (1..).zip(reader.get_row_iter(None).with_context(|| path.display().to_string())?) {
        let at = || format!("{} row {number}", path.display());
        let row = row.with_context(at)?;
        let mut object = Map::new();
        for (name, field) in row.get_column_iter() {
            let value: Value = match field {
                Field::Null => continue,
                Field::Str(text) => text.as_str().into(),
                Field::Int(value) => (*value).into(),
                Field::UInt(value) => (*value).into(),
                Field::Long(value) | Field::TimestampMillis(value) => (*value).into(),
                Field::TimestampMicros(value) => (value / 1000).into(),
                other => bail!("{}: column {name} holds {other}, which is neither text nor a whole number", at()),
            };
            match (name.as_str(), &value) {
                ("visitor", Value::Number(visitor)) => object.insert("customer".to_owned(), format!("visitor:{visitor}").into()),
                _ => object.insert(name.clone(), value),
            };
        }
        rows.push(serde_json::from_value(Value::Object(object)).with_context(at)?);
    }
    Ok(rows)
}

/// One day as a Parquet file, sorted by visitor and time.
pub fn write_parquet(path: &Path, rows: &[DayAct]) -> anyhow::Result<()> {
    let schema = Arc::new(parse_message_type(SCHEMA).map_err(|e| anyhow!(e))?);
    let properties = Arc::new(WriterProperties::builder().set_compression(Compression::LZ4_RAW).build());
    // Written beside, then renamed: whoever reads the folder never sees half a file.
    let half = path.with_extension("part");
    let file = File::create(&half).with_context(|| half.display().to_string())?;
    let mut writer = SerializedFileWriter::new(file, schema, properties)?;
    for group in rows.chunks(GROUP) {
        let mut columns = writer.next_row_group()?;
        int32(&mut columns, group.iter().map(|r| r.visitor as i32))?;
        int64(&mut columns, group.iter().map(|r| r.act.at.0))?;
        text(&mut columns, group.iter().map(|r| Some(r.platform.code())))?;
        text(&mut columns, group.iter().map(|r| r.version.as_ref().map(|v| v.as_str())))?;
        let words: Vec<(String, String)> = group.iter().map(|r| (word(&r.network), word(&r.act.act))).collect();
        text(&mut columns, words.iter().map(|(network, _)| Some(network.as_str())))?;
        text(&mut columns, words.iter().map(|(_, act)| Some(act.as_str())))?;
        text(&mut columns, group.iter().map(|r| r.act.page.as_ref().map(|n| n.as_str())))?;
        text(&mut columns, group.iter().map(|r| r.act.target.as_ref().map(|n| n.as_str())))?;
        text(&mut columns, group.iter().map(|r| r.act.code.as_ref().map(|n| n.as_str())))?;
        int32(&mut columns, group.iter().map(|r| i32::try_from(r.act.value).unwrap_or(i32::MAX)))?;
        columns.close()?;
    }
    writer.close()?;
    std::fs::rename(&half, path).with_context(|| path.display().to_string())
}

/// A unit variant as its one word.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

type Columns<'a> = SerializedRowGroupWriter<'a, File>;

fn int32(columns: &mut Columns<'_>, values: impl Iterator<Item = i32>) -> anyhow::Result<()> {
    let mut column = columns.next_column()?.context("the schema has this column")?;
    column.typed::<Int32Type>().write_batch(&values.collect::<Vec<_>>(), None, None)?;
    Ok(column.close()?)
}

fn int64(columns: &mut Columns<'_>, values: impl Iterator<Item = i64>) -> anyhow::Result<()> {
    let mut column = columns.next_column()?.context("the schema has this column")?;
    column.typed::<Int64Type>().write_batch(&values.collect::<Vec<_>>(), None, None)?;
    Ok(column.close()?)
}

/// Required columns take no levels: those of an optional one say which rows have a value.
fn text<'a>(columns: &mut Columns<'_>, values: impl Iterator<Item = Option<&'a str>>) -> anyhow::Result<()> {
    let values: Vec<Option<&str>> = values.collect();
    let levels: Vec<i16> = values.iter().map(|v| i16::from(v.is_some())).collect();
    let present: Vec<ByteArray> = values.into_iter().flatten().map(|v| ByteArray::from(v.as_bytes().to_vec())).collect();
    let mut column = columns.next_column()?.context("the schema has this column")?;
    column.typed::<ByteArrayType>().write_batch(&present, Some(&levels), None)?;
    Ok(column.close()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jieti_domain::journey::{Act, Name, Network, Platform};
    use jieti_domain::time::Timestamp;
    use jieti_engine::SessionAct;

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("behaviour.parquet");
        let name = |text: &str| Name::parse(text).ok();
        let rows: Vec<DayAct> = (0..5)
            .map(|i| DayAct {
                visitor: i,
                platform: Platform::Ios,
                version: name("5.2.1").filter(|_| i % 2 == 0),
                network: Network::Wifi,
                act: SessionAct {
                    at: Timestamp(1_795_320_000_000 + i64::from(i)),
                    act: Act::FieldError,
                    page: name("apply/id"),
                    target: None,
                    code: name("blurred").filter(|_| i > 2),
                    value: i,
                },
            })
            .collect();
        write_parquet(&path, &rows).expect("written");
        let read = read_parquet(&path).expect("read");
        assert_eq!(read.len(), 5);
        for (row, back) in rows.iter().zip(read) {
            assert_eq!(back.customer.as_str(), format!("visitor:{}", row.visitor));
            assert_eq!(
                (back.at, back.act, back.platform, back.network),
                (row.act.at.0, Act::FieldError, Platform::Ios, Network::Wifi)
            );
            assert_eq!(
                (back.version, back.page, back.code, back.value),
                (row.version.clone(), name("apply/id"), row.act.code.clone(), row.act.value)
            );
        }
        std::fs::write(&path, b"no parquet").expect("written");
        let error = format!("{:#}", read_parquet(&path).expect_err("damaged"));
        assert!(error.contains("no Parquet file"), "{error}");
    }

    #[test]
    fn a_bad_cell_is_told_with_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("acts.csv");
        std::fs::write(&path, "customer,at,platform,act,page\nc1,1000,h5,page,apply\nc2,2000,h5,page,我的名字\n")
            .expect("written");
        let error = format!("{:#}", read_csv(&path).expect_err("free text"));
        assert!(error.contains("line 3") && error.contains("never send what a customer typed"), "{error}");
        std::fs::write(&path, "customer,at,platform,act,page,code\nc1,1000,h5,page,apply,\n").expect("written");
        assert_eq!(read_csv(&path).expect("good")[0].code, None);
    }
}
