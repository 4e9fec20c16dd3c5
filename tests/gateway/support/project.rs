//! A team's directory: the files that a test writes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// A temporary directory with a configuration in it.
#[derive(Debug)]
pub(crate) struct Project {
    directory: TempDir,
}

/// What a test that says nothing about its apis gets.
const DEFAULT_APIS: &str =
    "\napis:\n  test: { type: graphql, schema: schema.graphql, resolvers: resolvers }\n";

/// Any free port of this machine; the program says which.
const DEFAULT_SERVER: &str = "\nserver: { listen: 127.0.0.1:0 }\n";

impl Project {
    /// Writes the files. A `loomgate.yaml` without `server:` or `apis:` gets those of every test,
    /// and `{name}` becomes what `places` says.
    pub(crate) fn new<P: AsRef<str>, T: AsRef<str>>(
        files: &[(P, T)],
        places: &[(&str, &str)],
    ) -> Self {
        let directory = tempfile::tempdir().expect("there is room for temporary files");
        let project = Project { directory };
        for (path, text) in files {
            let mut text = text.as_ref().to_owned();
            if path.as_ref() == "loomgate.yaml" {
                add_defaults(&mut text);
            }
            for (name, value) in places {
                text = text.replace(&format!("{{{name}}}"), value);
            }
            project.write(path.as_ref(), &text);
        }
        project
    }

    /// Writes one more file, or another version of one.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        let folder = path.parent().expect("a file stands in a folder");
        fs::create_dir_all(folder).expect("folders can be made");
        fs::write(&path, text).expect("files can be written");
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where its `loomgate.yaml` is.
    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("loomgate.yaml")
    }
}

fn add_defaults(text: &mut String) {
    let has = |section: &str| text.lines().any(|line| line.starts_with(section));
    let (server, apis) = (has("server:"), has("apis:"));
    if !server {
        text.push_str(DEFAULT_SERVER);
    }
    if !apis {
        text.push_str(DEFAULT_APIS);
    }
}
