//! Reads: all of a batch in one transaction, so they see one state of the store.
//!
//! Answers are put together as text from the texts of the items, and each text is indexed once: the
//! items of a whole level share one document.

use std::collections::HashMap;

use bytes::Bytes;
use redb::{Database, ReadOnlyTable, ReadableDatabase};

use crate::{
    json::{Document, Value, View, write_string},
    source::keyvalue::{
        key::Key,
        operation::{Get, GetAll, Order, Page, Read, Shape},
        projection::Projection,
        record::{self, Record},
        refusal::Refusal,
        table::{self, Table},
    },
};

/// DynamoDB's bound on a page, in the bytes that it counts for the items read.
const PAGE: usize = 1024 * 1024;

/// DynamoDB's bound on the items of one BatchGetItem.
const BATCH: usize = 16 * 1024 * 1024;

/// Where one shared document ends and the next begins.
const SHARED: usize = 8 * 1024 * 1024;

/// Answers reads, in their order.
pub(super) fn answer(
    database: &Database,
    table: &Table,
    reads: &[Read],
) -> Vec<Result<Value, Refusal>> {
    let reader = match Reader::open(database, table) {
        Ok(reader) => reader,
        Err(refusal) => return reads.iter().map(|_| Err(refusal.clone())).collect(),
    };
    let gets: Vec<&Get> = reads
        .iter()
        .filter_map(|read| match read {
            Read::Get(get) => Some(get),
            Read::GetAll(_) | Read::Page(_) => None,
        })
        .collect();
    let mut gotten = reader.gets(&gets).into_iter();
    reads
        .iter()
        .map(|read| match read {
            Read::Get(_) => gotten.next().unwrap_or(Err(Refusal::Storage)),
            Read::GetAll(all) => reader.get_all(all),
            Read::Page(page) => reader.page(page),
        })
        .collect()
}

/// One table in one state.
struct Reader<'t> {
    table: &'t Table,
    items: ReadOnlyTable<&'static [u8], &'static [u8]>,
}

// === impl Reader ===

impl<'t> Reader<'t> {
    fn open(database: &Database, table: &'t Table) -> Result<Self, Refusal> {
        let transaction = database.begin_read().map_err(Refusal::storage)?;
        let items = transaction
            .open_table(table::items(&table.stored_name))
            .map_err(Refusal::storage)?;
        Ok(Reader { table, items })
    }

    /// Items by their keys; equal requests are read once.
    fn gets(&self, gets: &[&Get]) -> Vec<Result<Value, Refusal>> {
        let mut places: HashMap<&Get, usize> = HashMap::with_capacity(gets.len());
        let mut list = SharedList::default();
        let order: Vec<usize> = gets
            .iter()
            .map(|get| {
                *places.entry(*get).or_insert_with(|| {
                    list.push(|out| self.item(get.key.as_ref(), get.projection.as_ref(), out))
                })
            })
            .collect();
        let items = list.finish();
        order
            .into_iter()
            .map(|place| items.get(place).cloned().unwrap_or(Err(Refusal::Storage)))
            .collect()
    }

    /// Appends an item's text, or `null`. The bytes that DynamoDB counts for it are returned.
    fn item(
        &self,
        key: Option<&Key>,
        projection: Option<&Projection>,
        out: &mut Vec<u8>,
    ) -> Result<usize, Refusal> {
        let found = match key {
            Some(key) => self.items.get(key.as_slice()).map_err(Refusal::storage)?,
            None => None,
        };
        match found {
            Some(found) => write_item(Record::read(found.value())?, projection, out),
            None => {
                out.extend_from_slice(b"null");
                Ok(0)
            }
        }
    }

    fn get_all(&self, all: &GetAll) -> Result<Value, Refusal> {
        let mut list = vec![b'['];
        let mut size = 0;
        let mut read = 0;
        for key in &all.keys {
            if size >= BATCH {
                break;
            }
            separate(&mut list, read);
            size += self.item(key.as_ref(), all.projection.as_ref(), &mut list)?;
            read += 1;
        }
        let unread = all.keys.len() - read;
        match &all.shape {
            Shape::List if unread > 0 => Err(Refusal::Invalid(format!(
                "the items of one get_all exceed 16 MiB; {unread} keys are left"
            ))),
            Shape::List => {
                list.push(b']');
                document(list)
            }
            Shape::Tables(keys) => {
                // The places of what was not read stay, as null, so that positions tell keys.
                for index in read..all.keys.len() {
                    separate(&mut list, index);
                    list.extend_from_slice(b"null");
                }
                list.push(b']');
                document(self.tables(&list, &keys[read..])?)
            }
        }
    }

    /// `{ data: { table: list }, unprocessedKeys: { table: keys } }`
    fn tables(
        &self,
        list: &[u8],
        unprocessed: &[super::attribute::Item],
    ) -> Result<Vec<u8>, Refusal> {
        let mut out = Vec::with_capacity(list.len() + 128);
        out.extend_from_slice(b"{\"data\":{");
        write_string(&self.table.schema.table, &mut out);
        out.push(b':');
        out.extend_from_slice(list);
        out.extend_from_slice(b"},\"unprocessedKeys\":{");
        write_string(&self.table.schema.table, &mut out);
        out.extend_from_slice(b":[");
        for (index, key) in unprocessed.iter().enumerate() {
            separate(&mut out, index);
            out.extend_from_slice(Record::read(&record::encode(key)?)?.text);
        }
        out.extend_from_slice(b"]}}");
        Ok(out)
    }

    /// `{ items, nextToken, scannedCount }`
    fn page(&self, page: &Page) -> Result<Value, Refusal> {
        let mut out = b"{\"items\":[".to_vec();
        let mut count = 0;
        let mut next = None;
        if let Some(range) = page.range.as_ref().filter(|range| range.start < range.end) {
            let range = range.start.as_slice()..range.end.as_slice();
            let mut found = self.items.range(range).map_err(Refusal::storage)?;
            let mut size = 0;
            loop {
                let entry = match page.order {
                    Order::Forward => found.next(),
                    Order::Backward => found.next_back(),
                };
                let Some(entry) = entry else { break };
                let (key, record) = entry.map_err(Refusal::storage)?;
                separate(&mut out, count);
                let record = Record::read(record.value())?;
                size += write_item(record, page.projection.as_ref(), &mut out)?;
                count += 1;
                // As in DynamoDB, a page that is full has a token even if nothing follows.
                if count >= page.limit || size >= PAGE {
                    next = Some(self.table.tokens.issue(page.purpose, key.value()));
                    break;
                }
            }
        }
        out.extend_from_slice(b"],\"nextToken\":");
        match next {
            Some(token) => write_string(&token, &mut out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"scannedCount\":");
        out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
        out.push(b'}');
        document(out)
    }
}

fn write_item(
    record: Record<'_>,
    projection: Option<&Projection>,
    out: &mut Vec<u8>,
) -> Result<usize, Refusal> {
    match projection {
        Some(projection) => projection.write(record.text, out)?,
        None => out.extend_from_slice(record.text),
    }
    Ok(record.size)
}

/// A comma before every item but the first.
fn separate(out: &mut Vec<u8>, index: usize) {
    if index > 0 {
        out.push(b',');
    }
}

/// Indexes a text that was put together here.
pub(super) fn document(text: impl Into<Bytes>) -> Result<Value, Refusal> {
    let document = Document::parse(text.into()).map_err(|_| Refusal::corrupt("an item's text"))?;
    Ok(Value::Node(document, 0))
}

/// Items that are written one behind the other and indexed together.
#[derive(Default)]
struct SharedList {
    text: Vec<u8>,
    pending: usize,
    items: Vec<Result<Value, Refusal>>,
}

// === impl SharedList ===

impl SharedList {
    /// Adds what `write` appends; its place is returned. One that fails, fails alone.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<usize, Refusal>) -> usize {
        let start = self.text.len();
        self.text.push(if self.pending == 0 { b'[' } else { b',' });
        match write(&mut self.text) {
            Ok(_) => self.pending += 1,
            Err(refusal) => {
                self.text.truncate(start);
                self.flush();
                self.items.push(Err(refusal));
            }
        }
        let place = self.items.len() + self.pending;
        if self.text.len() >= SHARED {
            self.flush();
        }
        place.saturating_sub(1)
    }

    fn flush(&mut self) {
        if self.pending == 0 {
            return;
        }
        self.text.push(b']');
        let text = std::mem::take(&mut self.text);
        let pending = std::mem::take(&mut self.pending);
        match document(text) {
            Ok(list) => self
                .items
                .extend(list.view().items().map(|item| Ok(own(item)))),
            Err(refusal) => {
                let failed = std::iter::repeat_n(Err(refusal), pending);
                self.items.extend(failed);
            }
        }
    }

    fn finish(mut self) -> Vec<Result<Value, Refusal>> {
        self.flush();
        self.items
    }
}

fn own(item: View<'_>) -> Value {
    if item.is_null() {
        return Value::Null;
    }
    item.to_value()
}
