//! The rows of a sweep as Parquet, with what was swept in the file's metadata.

use std::sync::Arc;

use ::parquet::basic::{LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;

use super::Table;

/// A column, of the type that a reader of the CSV would guess.
enum Column {
    Whole(Vec<i64>),
    Real(Vec<f64>),
    Text(Vec<ByteArray>),
}

impl Column {
    fn of(texts: &[String]) -> Self {
        if let Ok(numbers) = texts.iter().map(|text| text.parse()).collect() {
            return Self::Whole(numbers);
        }
        let numbers: Result<_, _> = texts.iter().map(|text| text.parse()).collect();
        numbers.map_or_else(|_| Self::texts(texts), Self::Real)
    }

    fn texts(texts: &[String]) -> Self {
        Self::Text(texts.iter().map(|text| text.as_str().into()).collect())
    }

    fn schema(&self, name: &str) -> Result<Arc<Type>, ParquetError> {
        let (physical, logical) = match self {
            Self::Whole(_) => (Physical::INT64, None),
            Self::Real(_) => (Physical::DOUBLE, None),
            Self::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    }
}

/// The rows that are there, with the columns of the CSV. `about` is the metadata's `rnntop.sweep`, and the
/// program's version its `rnntop.version`.
///
/// # Errors
/// What the encoding says of itself; in memory it has no reason to fail.
pub fn parquet(table: &Table, about: String) -> Result<Vec<u8>, String> {
    encode(table, about).map_err(|error| error.to_string())
}

fn encode(table: &Table, about: String) -> Result<Vec<u8>, ParquetError> {
    let rows = || {
        let rows = table.rows().iter().enumerate();
        rows.filter_map(|(row, point)| Some((row, (*point)?)))
    };
    let mut columns = Vec::new();
    for k in 0..3 {
        let texts: Vec<String> = rows().map(|(row, _)| table.key(row)[k].clone()).collect();
        columns.push(Column::of(&texts));
    }
    for k in 0..3 {
        let numbers = rows().map(|(_, point)| point.numbers()[k]).collect();
        columns.push(Column::Real(numbers));
    }
    let causes: Vec<String> = rows().map(|(_, point)| point.why.text()).collect();
    columns.push(Column::texts(&causes));

    let named = table.columns().into_iter().zip(&columns);
    let fields: Result<_, _> = named.map(|(name, column)| column.schema(name)).collect();
    let schema = Type::group_type_builder("sweep").with_fields(fields?);
    let version = env!("CARGO_PKG_VERSION");
    let properties = WriterProperties::builder()
        .set_created_by(format!("rnntop {version}"))
        .set_key_value_metadata(Some(vec![
            KeyValue::new("rnntop.version".to_owned(), version.to_owned()),
            KeyValue::new("rnntop.sweep".to_owned(), about),
        ]));
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(
        &mut bytes,
        Arc::new(schema.build()?),
        Arc::new(properties.build()),
    )?;
    let mut group = file.next_row_group()?;
    for column in &columns {
        let Some(mut writer) = group.next_column()? else {
            break;
        };
        match column {
            Column::Whole(all) => writer.typed::<Int64Type>().write_batch(all, None, None)?,
            Column::Real(all) => writer.typed::<DoubleType>().write_batch(all, None, None)?,
            Column::Text(all) => writer
                .typed::<ByteArrayType>()
                .write_batch(all, None, None)?,
        };
        writer.close()?;
    }
    group.close()?;
    file.close()?;
    Ok(bytes)
}
