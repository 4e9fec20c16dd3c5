//! Dialogues, as `tests/transcripts` has them: `>` is the client, `<` the server, `!` what happens
//! elsewhere, `#` a remark.

use std::{fmt::Write, path::Path};

use super::*;
use crate::subscribe::Envelope;

/// The server of a dialogue.
struct Server {
    machine: TransportWs,
    session: Session<String>,
    tickets: Vec<Ticket>,
    said: String,
}

impl Server {
    fn hear(&mut self, line: &str) {
        let effect = self.machine.receive(&mut self.session, line.into());
        match effect {
            Effect::Nothing => {}
            Effect::Send(text) => self.say(&text),
            Effect::Initialise(payload) => {
                let mut text = Vec::new();
                payload.view().write(&mut text);
                let text = String::from_utf8(text).unwrap();
                writeln!(self.said, "! initialise {text}").unwrap();
            }
            Effect::Begin(ticket, payload) => {
                let payload = String::from_utf8(payload.to_vec()).unwrap();
                writeln!(self.said, "! begin {} {payload}", ticket.id()).unwrap();
                let held = self.session.hold(&ticket, ticket.id().to_owned());
                assert_eq!(held, None);
                self.tickets.push(ticket);
            }
            Effect::End(id) => writeln!(self.said, "! end {id}").unwrap(),
            Effect::Close(close) => self.close(&close),
        }
    }

    /// What a transcript tells the server to do.
    fn act(&mut self, what: &str) {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        match verb {
            // These two the machine says, when it hears a message.
            "initialise" | "begin" | "end" => return,
            _ => writeln!(self.said, "! {what}").unwrap(),
        }
        match verb {
            "admit" => {
                let text = self.machine.acknowledge();
                self.say(&text);
            }
            "refuse" | "expire" => self.close(&Close::forbidden()),
            "wait" => {
                if self.machine.is_silent() {
                    self.close(&Close::init_timeout());
                }
            }
            "next" => {
                let (id, payload) = rest.split_once(' ').unwrap();
                self.say(&Envelope::next(id).wrap(payload));
            }
            "error" => {
                let (id, list) = rest.split_once(' ').unwrap();
                let text = errors(id, list.as_bytes());
                self.finish(id);
                self.say(&text);
            }
            "complete" => {
                self.finish(rest);
                self.say(&complete(rest));
            }
            other => panic!("no transcript says `{other}`"),
        }
    }

    fn finish(&mut self, id: &str) {
        let ticket = self.tickets.iter().rfind(|ticket| ticket.id() == id);
        assert!(self.session.finish(ticket.unwrap()).is_some(), "{id}");
    }

    fn say(&mut self, text: &str) {
        writeln!(self.said, "< {text}").unwrap();
    }

    fn close(&mut self, close: &Close) {
        assert!(close.reason.len() <= 123, "{close:?}");
        writeln!(self.said, "< close {} {}", close.code, close.reason).unwrap();
    }
}

/// The dialogue that the client's lines of a transcript lead to.
fn replay(transcript: &str) -> String {
    let mut server = Server {
        machine: TransportWs::default(),
        session: Session::new(3),
        tickets: Vec::new(),
        said: String::new(),
    };
    for line in transcript.lines() {
        if let Some(message) = line.strip_prefix("> ") {
            writeln!(server.said, "{line}").unwrap();
            server.hear(message);
        } else if let Some(what) = line.strip_prefix("! ") {
            server.act(what);
        } else if !line.starts_with('<') {
            writeln!(server.said, "{line}").unwrap();
        }
    }
    server.said
}

#[test]
fn the_dialogues_go_as_they_are_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let transcript = std::fs::read_to_string(&path).unwrap();
        // A blank line begins another connection.
        for dialogue in transcript.split("\n\n") {
            let dialogue = format!("{}\n", dialogue.trim_end());
            let said = replay(&dialogue);
            assert_eq!(said, dialogue, "{}:\n{said}", path.display());
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn a_long_id_is_refused_and_a_longest_one_taken_twice_is_named_without_it() {
    let longest = "i".repeat(256);
    let subscribe = |id: &str| {
        format!(r#"> {{"id":"{id}","type":"subscribe","payload":{{"query":"{{ a }}"}}}}"#)
    };
    let init = "> {\"type\":\"connection_init\"}\n! admit";
    let once = subscribe(&longest);
    let said = replay(&format!("{init}\n{once}\n{once}"));
    assert!(
        said.ends_with("< close 4409 Subscriber already exists\n"),
        "{said}"
    );
    let said = replay(&format!("{init}\n{}", subscribe(&format!("{longest}i"))));
    assert!(
        said.ends_with("< close 4400 the `id` of `subscribe` must be at most 256 bytes long\n"),
        "{said}"
    );
}
