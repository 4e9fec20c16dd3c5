//! The file: one per gateway, shared by all its tables.
//!
//! Every commit is `Durability::Immediate`: redb flushes the file before it reports the commit done,
//! and only then is a write answered. After a crash redb verifies checksums and goes back to the last
//! commit that is whole, so what was answered is there and what was not is not there by half. When a
//! commit fails (a full disk), redb refuses further writes until the file is opened again; reads go on.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use redb::{Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, TableDefinition};
use uuid::Uuid;

use crate::source::keyvalue::{
    schema::Schema,
    table::{self, Table},
    write::Writer,
};

/// What the store knows about itself: the token secret, the schema of each table.
const META: TableDefinition<'static, &'static str, &'static [u8]> = TableDefinition::new("meta");

const SECRET: &str = "token-secret";

/// Pages of the file that redb keeps in memory. Its own default, 1 GiB, is more than a gateway should
/// take without being asked; behind this cache stands the operating system's.
const CACHE: usize = 64 * 1024 * 1024;

/// The stores that this process has open.
static OPEN: Mutex<BTreeMap<PathBuf, Weak<Store>>> = Mutex::new(BTreeMap::new());

/// The embedded store: one file, open once.
#[derive(Debug)]
pub struct Store {
    // First, so that dropping the store ends the writer before the file is closed.
    pub(super) writer: Writer,
    pub(super) database: Arc<Database>,
    secret: [u8; 32],
}

/// Why the store, or a table of it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else has the file.
    #[error("{} is in use by another process; a store can be open only once", .path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened or created.
    #[error("cannot open the store {}: {cause}", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What redb or the operating system says.
        cause: Box<redb::Error>,
    },
    /// The table was created with another key.
    #[error(
        "table `{table}` was created with {stored}, but is configured with {configured}; \
         use another table name, or remove the store to begin anew"
    )]
    Schema {
        /// The table.
        table: String,
        /// Its key on disk.
        stored: String,
        /// Its key as configured.
        configured: String,
    },
    /// What the store knows about itself makes no sense to this version.
    #[error("the store's record of {0} cannot be read; it was written by another version")]
    Unreadable(String),
    /// Reading or writing failed.
    #[error("the store failed: {0}")]
    Storage(Box<redb::Error>),
}

impl<E: Into<redb::Error>> From<E> for StoreError {
    fn from(cause: E) -> Self {
        StoreError::Storage(Box::new(cause.into()))
    }
}

// === impl Store ===

impl Store {
    /// Opens the file, or creates it and the folders above it. A file that this process has open
    /// already, as before a reload, is shared: it can be open only once.
    pub fn open(path: &Path) -> Result<Arc<Self>, StoreError> {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        let name = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if let Some(store) = open.get(&name).and_then(Weak::upgrade) {
            return Ok(store);
        }
        let database = Arc::new(open_file(path)?);
        let secret = secret(&database)?;
        let writer = Writer::start(Arc::clone(&database))?;
        let store = Arc::new(Store {
            writer,
            database,
            secret,
        });
        open.insert(name, Arc::downgrade(&store));
        Ok(store)
    }

    /// Opens a table, or creates it; its key must be the one it was created with.
    pub(super) fn table(&self, schema: Schema) -> Result<Table, StoreError> {
        let known = format!("table/{}", schema.table);
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        let stored = {
            let meta = transaction.open_table(META)?;
            let stored = meta.get(known.as_str())?;
            stored.map(|text| text.value().to_vec())
        };
        if let Some(stored) = stored {
            transaction.abort()?;
            check(&schema, &stored)?;
            return Ok(Table::new(schema, self.secret));
        }
        {
            let mut meta = transaction.open_table(META)?;
            meta.insert(known.as_str(), schema.to_stored().as_bytes())?;
            transaction.open_table(table::items(&table::stored_name(&schema.table)))?;
        }
        transaction.commit()?;
        Ok(Table::new(schema, self.secret))
    }
}

fn open_file(path: &Path) -> Result<Database, StoreError> {
    let failed = |cause: redb::Error| StoreError::Open {
        path: path.to_owned(),
        cause: Box::new(cause),
    };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(directory).map_err(|error| failed(error.into()))?;
    let database = Database::builder()
        .set_cache_size(CACHE)
        .create(path)
        .map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => StoreError::Locked {
                path: path.to_owned(),
            },
            other => failed(other.into()),
        })?;
    // A new file is only safe once its name is: redb flushes the file, not the folder.
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| failed(error.into()))?;
    Ok(database)
}

/// The key that tokens are signed with; made when the store is.
fn secret(database: &Database) -> Result<[u8; 32], StoreError> {
    if let Some(secret) = stored_secret(database)? {
        return Ok(secret);
    }
    let mut secret = [0; 32];
    secret[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    secret[16..].copy_from_slice(Uuid::new_v4().as_bytes());
    let transaction = database.begin_write()?;
    transaction
        .open_table(META)?
        .insert(SECRET, secret.as_slice())?;
    transaction.commit()?;
    Ok(secret)
}

fn stored_secret(database: &Database) -> Result<Option<[u8; 32]>, StoreError> {
    let transaction = database.begin_read()?;
    let meta = match transaction.open_table(META) {
        Ok(meta) => meta,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(stored) = meta.get(SECRET)? else {
        return Ok(None);
    };
    let secret = stored.value().try_into();
    secret
        .map(Some)
        .map_err(|_| StoreError::Unreadable("its token secret".into()))
}

fn check(configured: &Schema, stored: &[u8]) -> Result<(), StoreError> {
    let table = &configured.table;
    let stored = std::str::from_utf8(stored)
        .ok()
        .and_then(|text| Schema::from_stored(table, text))
        .ok_or_else(|| StoreError::Unreadable(format!("table `{table}`")))?;
    if stored == *configured {
        return Ok(());
    }
    Err(StoreError::Schema {
        table: table.clone(),
        stored: stored.to_string(),
        configured: configured.to_string(),
    })
}
