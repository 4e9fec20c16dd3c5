//! Any bytes: accepted exactly when `serde_json` finds JSON in them, and then written and read back.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use loomgate::json::Value;
use serde_json::value::RawValue;

fuzz_target!(|bytes: &[u8]| {
    // A raw value is checked for form alone: no lone surrogate and no large number disturbs it.
    let is_json = serde_json::from_slice::<&RawValue>(bytes).is_ok();
    let value = match Value::parse(Bytes::copy_from_slice(bytes)) {
        Ok(value) => value,
        Err(error) => {
            assert!(!is_json || error.message.starts_with("nested"), "{error}");
            return;
        }
    };
    assert!(is_json);
    let mut text = Vec::new();
    value.view().write(&mut text);
    assert!(Value::parse(text).is_ok_and(|again| again == value));
});
