//! From what the team wrote to a [`Mapping`], whichever of the three spellings it is.

use std::{path::Path, sync::Arc};

use super::{
    Dialect, Function, Mapping, Reads, Shape, js,
    scan::Scan,
    template::{Prints, Template},
};
use crate::config::{
    self, Diagnostics, Span,
    resolver::{CodeFile, TemplateFile, Written},
};

impl Mapping {
    /// Compiles a request or a response as it is written.
    pub(crate) fn of_written(
        written: &Written,
        dialect: Dialect,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        match written {
            Written::Tree { node, templates } => {
                Mapping::compile_tree(node, templates, dialect, diagnostics)
            }
            Written::Template(file) => Mapping::of_file(file, dialect, diagnostics),
        }
    }

    /// Compiles a template. One that is broken is reported, and yields nothing.
    pub(crate) fn of_file(
        file: &TemplateFile,
        dialect: Dialect,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        match Template::of_file(file, dialect, Prints::of_file(dialect), diagnostics) {
            Some(template) => {
                let (scan, own_turn) = template.scan();
                Mapping::program(Shape::Template(template), scan, own_turn)
            }
            None => Mapping::nothing(),
        }
    }

    /// Compiles a module: its request and its response. A function that the module has not is
    /// absent; a broken module is reported, and yields nothing.
    pub(crate) fn of_code(
        file: &CodeFile,
        diagnostics: &mut Diagnostics,
    ) -> (Option<Self>, Option<Self>) {
        let Some(module) = js::Module::compile(file, diagnostics) else {
            return (Some(Mapping::nothing()), None);
        };
        let module = Arc::new(module);
        let mapping = |function: Function| {
            let uses = module.uses(function)?;
            let mut scan = Scan::default();
            match &uses.paths {
                None => scan.note_all(),
                Some(paths) => {
                    for path in paths {
                        let path: Vec<&str> = path.iter().map(|name| &**name).collect();
                        scan.note(&path);
                    }
                }
            }
            let own_turn = uses.own_turn || scan.reads.stash;
            let shape = Shape::Module(Arc::clone(&module), function);
            Some(Mapping::program(shape, scan, own_turn))
        };
        (mapping(Function::Request), mapping(Function::Response))
    }

    fn program(shape: Shape, scan: Scan, own_turn: bool) -> Self {
        Mapping {
            shape,
            reads: scan.reads,
            caller_reads: scan.caller_reads,
            members: Vec::new(),
            own_turn,
        }
    }

    fn nothing() -> Self {
        Mapping {
            shape: Shape::Tree(super::tree::Tree::NULL),
            reads: Reads::default(),
            caller_reads: Vec::new(),
            members: Vec::new(),
            own_turn: false,
        }
    }
}

impl Template {
    /// Compiles a file; faults go to `diagnostics` with their positions.
    pub(super) fn of_file(
        file: &TemplateFile,
        dialect: Dialect,
        prints: Prints,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let path = diagnostics.files.path(file.file).unwrap_or(Path::new(""));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match Template::compile(&file.text, Arc::from(name), dialect, prints) {
            Ok(template) => {
                let at = |range| Span::new(file.file, range);
                template.report(&at, diagnostics);
                Some(template)
            }
            Err(error) => {
                let span = Span::new(file.file, error.span.clone());
                let mut fault = config::Diagnostic::error(Some(span), error.to_string());
                fault.help = error.help();
                diagnostics.push(fault);
                None
            }
        }
    }
}
