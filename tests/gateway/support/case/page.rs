//! The parts of a case's page.

/// A page, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The files to serve, by path.
    pub(crate) files: Vec<(String, String)>,
    /// What the service behind the gateway answers, as YAML.
    pub(crate) upstream: Option<String>,
    /// Requests and their answers, in order.
    pub(crate) exchanges: Vec<(Question, Expectation)>,
}

/// What is asked.
#[derive(Debug)]
pub(crate) enum Question {
    /// `graphql request`, with the `json variables` that may follow.
    Graphql {
        /// The document.
        query: String,
        /// JSON.
        variables: Option<String>,
    },
    /// `json request`: a whole body.
    Json(String),
    /// `http request`: a line, header fields, an empty line, a body.
    Http {
        /// Method and target.
        line: String,
        /// Header fields.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
}

/// What must come back.
#[derive(Debug)]
pub(crate) struct Expectation {
    /// The status.
    pub(crate) status: u16,
    /// Header fields that must be there.
    pub(crate) headers: Vec<(String, String)>,
    /// JSON or text; empty: not looked at.
    pub(crate) body: String,
}

/// A fenced block.
struct Block<'a> {
    language: &'a str,
    role: &'a str,
    text: String,
}

impl Page {
    /// Takes a page apart.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if !text.starts_with("# ") {
            return Err("a page starts with its title, `# …`".to_owned());
        }
        let mut page = Page::default();
        let mut pending: Option<Question> = None;
        for block in blocks(text)? {
            match (block.language, block.role) {
                (_, "") => {}
                (_, "upstream") => page.upstream = Some(block.text),
                (language, "request") => {
                    let question = Question::read(language, block.text)?;
                    if pending.replace(question).is_some() {
                        return Err(
                            "a request is followed by another one instead of its answer".to_owned()
                        );
                    }
                }
                (_, "variables") => match &mut pending {
                    Some(Question::Graphql { variables, .. }) => *variables = Some(block.text),
                    _ => return Err("variables follow a graphql request".to_owned()),
                },
                (language, "answer") => {
                    let question = pending.take().ok_or("an answer follows a request")?;
                    page.exchanges
                        .push((question, Expectation::read(language, block.text)?));
                }
                (_, path) => page.files.push((path.to_owned(), block.text)),
            }
        }
        if pending.is_some() || page.exchanges.is_empty() {
            return Err("every request has an answer, and a page has one at least".to_owned());
        }
        Ok(page)
    }
}

impl Question {
    fn read(language: &str, text: String) -> Result<Self, String> {
        match language {
            "graphql" => Ok(Question::Graphql {
                query: text,
                variables: None,
            }),
            "json" => Ok(Question::Json(text)),
            "http" => {
                let (line, headers, body) = message(&text)?;
                Ok(Question::Http {
                    line,
                    headers,
                    body,
                })
            }
            other => Err(format!("a request is graphql, json or http, not {other}")),
        }
    }
}

impl Expectation {
    fn read(language: &str, text: String) -> Result<Self, String> {
        match language {
            "json" => Ok(Expectation {
                status: 200,
                headers: Vec::new(),
                body: text,
            }),
            "http" => {
                let (status, headers, body) = message(&text)?;
                let status = status
                    .parse()
                    .map_err(|_| format!("{status:?} is no status"))?;
                Ok(Expectation {
                    status,
                    headers,
                    body,
                })
            }
            other => Err(format!("an answer is json or http, not {other}")),
        }
    }
}

type Message = (String, Vec<(String, String)>, String);

/// A first line, header fields up to an empty line, and the rest.
fn message(text: &str) -> Result<Message, String> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().trim().to_owned();
    let mut headers = Vec::new();
    for line in lines {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| format!("{line:?} is no header field"))?;
        headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
    }
    Ok((first, headers, body.trim_end_matches('\n').to_owned()))
}

/// The fenced blocks of a page.
fn blocks(text: &str) -> Result<Vec<Block<'_>>, String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let fence = line.chars().take_while(|c| *c == '`').count();
        if fence < 3 {
            continue;
        }
        let info = line[fence..].trim();
        let (language, role) = info.split_once(' ').unwrap_or((info, ""));
        let mut body = String::new();
        loop {
            let line = lines
                .next()
                .ok_or_else(|| format!("the block `{info}` has no end"))?;
            if line == &"`".repeat(fence)[..] {
                break;
            }
            body.push_str(line);
            body.push('\n');
        }
        blocks.push(Block {
            language,
            role: role.trim(),
            text: body,
        });
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_files_and_exchanges() {
        let text = "# A title\n\nWords.\n\n```yaml loomgate.yaml\nsources: {}\n```\n```graphql request\n{ a }\n```\n```json variables\n{}\n```\n```json answer\n{}\n```\n```http request\nGET /graphql?query=a\nAccept: x\n\nbody\n```\n```http answer\n406\n```\n";
        let page = Page::parse(text).expect("a page");
        assert_eq!(
            page.files,
            [("loomgate.yaml".to_owned(), "sources: {}\n".to_owned())]
        );
        let [
            (Question::Graphql { query, variables }, first),
            (
                Question::Http {
                    line,
                    headers,
                    body,
                },
                second,
            ),
        ] = &page.exchanges[..]
        else {
            panic!("two exchanges: {page:?}");
        };
        assert_eq!(
            (query.as_str(), variables.as_deref(), first.status),
            ("{ a }\n", Some("{}\n"), 200)
        );
        assert_eq!(
            (line.as_str(), body.as_str(), second.status),
            ("GET /graphql?query=a", "body", 406)
        );
        assert_eq!(headers, &[("accept".to_owned(), "x".to_owned())]);
    }

    #[test]
    fn a_page_that_asserts_nothing_is_refused() {
        for text in [
            "no title",
            "# T\n",
            "# T\n```graphql request\n{ a }\n```\n",
            "# T\n```json answer\n{}\n```\n",
            "# T\n```json answer\n",
        ] {
            assert!(Page::parse(text).is_err(), "{text}");
        }
    }
}
