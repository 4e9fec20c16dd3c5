//! What somebody probably meant to write.

/// The candidate closest to what was written, when one is close enough to be meant: the same word
/// in another spelling (`groupBy`, `HTTP`), or a few typing slips away.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = fold(name);
    let slips = (plain.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&plain, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= slips && *distance < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The same as a sentence of help.
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(name, candidates).map(|word| format!("did you mean `{word}`?"))
}

/// Whether two words differ in nothing but case, `_` and `-`.
pub(crate) fn is_respelled(name: &str, word: &str) -> bool {
    name != word && fold(name) == fold(word)
}

fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const KEYS: [&str; 4] = ["timeout", "url", "group_by", "max_response"];

    #[test]
    fn a_slip_finds_the_word() {
        assert_eq!(nearest("timout", KEYS), Some("timeout"));
        assert_eq!(nearest("tiemout", KEYS), Some("timeout"));
        assert_eq!(nearest("ulr", KEYS), Some("url"));
    }

    #[test]
    fn another_spelling_finds_the_word() {
        assert_eq!(nearest("groupBy", KEYS), Some("group_by"));
        assert_eq!(nearest("MAX-RESPONSE", KEYS), Some("max_response"));
    }

    #[test]
    fn another_word_finds_nothing() {
        assert_eq!(nearest("colour", KEYS), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("", KEYS), None);
    }
}
