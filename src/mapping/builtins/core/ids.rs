//! Names that nothing else has.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use svix_ksuid::{Ksuid, KsuidLike};
use ulid::Ulid;
use uuid::Uuid;

use crate::{
    clock,
    json::Value,
    mapping::builtins::{Services, Thrown},
};

/// A UUID of version 4: `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx`.
pub(in crate::mapping::builtins) fn auto_id(
    _: &mut Services<'_>,
    _: &[Value],
) -> Result<Value, Thrown> {
    let mut buffer = Uuid::encode_buffer();
    let text: &str = Uuid::new_v4().hyphenated().encode_lower(&mut buffer);
    Ok(Value::from(text))
}

/// A ULID: 26 characters, the milliseconds before the random part.
pub(in crate::mapping::builtins) fn auto_ulid(
    _: &mut Services<'_>,
    _: &[Value],
) -> Result<Value, Thrown> {
    let now = UNIX_EPOCH.checked_add(Duration::from_millis(clock::unix_millis()));
    let ulid = Ulid::from_datetime(now.unwrap_or(SystemTime::UNIX_EPOCH));
    Ok(Value::from(ulid.to_string()))
}

/// A KSUID: 27 characters, the seconds before the random part.
pub(in crate::mapping::builtins) fn auto_ksuid(
    _: &mut Services<'_>,
    _: &[Value],
) -> Result<Value, Thrown> {
    // The random part comes from here, because the crate panics where its own source fails.
    let mut payload = [0; Ksuid::PAYLOAD_BYTES];
    payload.copy_from_slice(Uuid::new_v4().as_bytes());
    let seconds = i64::try_from(clock::unix_seconds()).unwrap_or(i64::MAX);
    let ksuid = Ksuid::from_seconds(Some(seconds), Some(&payload));
    Ok(Value::from(ksuid.to_string()))
}
