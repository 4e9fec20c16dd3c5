//! The demo as a project of its own, and the files of folders like it.

use std::{fs, net::TcpListener, path::Path};

use super::Project;

/// What a configuration is made of.
const KINDS: [&str; 6] = ["graphql", "js", "pem", "ts", "vtl", "yaml"];

/// The files of a folder and of those in it, by their paths in it. `data` is no part of a project.
pub(crate) fn files_of(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.ends_with("data") {
                folders.push(path);
            } else if path
                .extension()
                .and_then(|it| it.to_str())
                .is_some_and(|it| KINDS.contains(&it))
            {
                let name = path.strip_prefix(folder).expect("it stands in the folder");
                let text = fs::read_to_string(&path).expect("it is text");
                files.push((name.display().to_string(), text));
            }
        }
    }
    files
}

/// The demo's files.
pub(crate) fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = fs::read_to_string(root.join("loomgate.yaml")).expect("the demo is there");
    let mut demo = vec![("loomgate.yaml".to_owned(), config)];
    for folder in ["schemas", "resolvers"] {
        let inside = files_of(&root.join(folder)).into_iter();
        demo.extend(inside.map(|(path, text)| (format!("{folder}/{path}"), text)));
    }
    demo
}

/// The demo on a port that is free now: it calls itself, so that it must know its port.
pub(crate) fn project() -> Project {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = socket.local_addr().expect("it is bound").port();
    let mut files = files();
    files[0].1 = files[0].1.replace(":4000", &format!(":{port}"));
    Project::new(&files, &[])
}
