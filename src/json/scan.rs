//! Where the plain part of a string ends: the innermost loop of parsing and of writing.
//!
//! Plain is every byte but the quote, the backslash and the control characters below 0x20.

/// How many bytes are looked at together once a string has proved to be long.
const WIDE: usize = 32;

/// How many words are tried before the wide steps begin; most names and short strings end here.
const WORDS_FIRST: usize = 2;

/// How many plain bytes a text begins with.
#[inline(always)]
pub(super) fn plain_length(text: &[u8]) -> usize {
    let mut length = 0;
    let (words, _) = text.as_chunks();
    for word in words.iter().take(WORDS_FIRST) {
        let found = special_bytes(u64::from_le_bytes(*word));
        if found != 0 {
            return length + first_byte(found);
        }
        length += size_of::<u64>();
    }
    length + long_plain_length(text.get(length..).unwrap_or_default())
}

/// The same for a string that goes on past the first words.
fn long_plain_length(text: &[u8]) -> usize {
    let (chunks, _) = text.as_chunks();
    let mut length = WIDE
        * chunks
            .iter()
            .take_while(|chunk| !has_special(chunk))
            .count();
    let rest = text.get(length..).unwrap_or_default();
    let (words, tail) = rest.as_chunks();
    for word in words {
        let found = special_bytes(u64::from_le_bytes(*word));
        if found != 0 {
            return length + first_byte(found);
        }
        length += size_of::<u64>();
    }
    let plain = tail.iter().position(|&byte| is_special(byte));
    length + plain.unwrap_or(tail.len())
}

/// Whether a chunk has a byte that is not plain. Without early exit, so that it becomes vector code.
#[inline(always)]
fn has_special(chunk: &[u8; WIDE]) -> bool {
    let mut any = 0;
    for &byte in chunk {
        any |= u8::from(is_special(byte));
    }
    any != 0
}

/// `^ 2` swaps the quote (0x22) with the space (0x20) and keeps the control characters among
/// themselves, so one comparison finds both.
#[inline(always)]
fn is_special(byte: u8) -> bool {
    (byte ^ 2 < 0x21) | (byte == b'\\')
}

/// The high bit of each byte that is not plain. Bytes above the first such byte may be marked
/// wrongly, by the borrow of a subtraction; the first one never is.
#[inline(always)]
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = 0x80 * ONES;
    let quote_or_control = {
        let swapped = word ^ (2 * ONES);
        swapped.wrapping_sub(0x21 * ONES) & !swapped
    };
    let backslash = {
        let zero = word ^ (b'\\' as u64 * ONES);
        zero.wrapping_sub(ONES) & !zero
    };
    (quote_or_control | backslash) & HIGH
}

/// The index of the first marked byte of a word that was read as little-endian.
#[inline(always)]
fn first_byte(marks: u64) -> usize {
    (marks.trailing_zeros() / u8::BITS) as usize
}
