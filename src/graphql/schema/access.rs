//! `@aws_api_key` and its like: which callers a schema admits to a field.
//!
//! What stands on a field overrides what stands on its type; several directives are alternatives.
//! Where neither has one, the api's default mode decides, which is the guard's to know. Interfaces
//! decide nothing: the object types do that a value turns out to have.
//!
//! See: appsync.md 1.3 (directives), 7.7 (combining directives).

use apollo_compiler::{
    Name, Node,
    ast::{self, Directive, FieldDefinition},
    parser::SourceSpan,
    schema::{ExtendedType, InterfaceType, ObjectType, Schema as Sdl},
};
use rustc_hash::FxHashMap;

use super::load::locate;
use crate::{
    config::{Diagnostics, GraphqlApi},
    guard::Admit,
    request::Mode,
};

/// Who is admitted to which field.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    /// By type and field.
    fields: FxHashMap<Name, FxHashMap<Name, Vec<Admit>>>,
}

/// Who is admitted to the fields that have directives, or whose types have. `offered` are the modes
/// in which callers of the api can show who they are.
pub(crate) fn admitted(
    sdl: &Sdl,
    api: &GraphqlApi,
    offered: &[Mode],
    diagnostics: &mut Diagnostics,
) -> Admitted {
    let mut reader = Reader {
        sdl,
        api,
        offered,
        diagnostics,
        admitted: Admitted::default(),
    };
    for ty in sdl.types.values().filter(|ty| !ty.is_built_in()) {
        if let ExtendedType::Object(object) = ty {
            reader.object(object);
        }
    }
    for ty in sdl.types.values() {
        if let ExtendedType::Interface(interface) = ty {
            reader.interface(interface);
        }
    }
    reader.admitted
}

struct Reader<'a> {
    sdl: &'a Sdl,
    api: &'a GraphqlApi,
    offered: &'a [Mode],
    diagnostics: &'a mut Diagnostics,
    admitted: Admitted,
}

// === impl Admitted ===

impl Admitted {
    /// Who is admitted to a field; nothing: no directive says.
    pub(crate) fn to(&self, ty: &str, field: &str) -> &[Admit] {
        let admits = self.fields.get(ty).and_then(|fields| fields.get(field));
        admits.map_or(&[], Vec::as_slice)
    }
}

// === impl Reader ===

impl Reader<'_> {
    fn object(&mut self, object: &ObjectType) {
        let directives = object.directives.iter().map(|directive| &directive.node);
        let of_type = self.directives(directives);
        for (name, field) in &object.fields {
            let of_field = self.directives(field.directives.iter());
            if let Some(admits) = of_field.or_else(|| of_type.clone()) {
                let fields = self.admitted.fields.entry(object.name.clone());
                fields.or_default().insert(name.clone(), admits);
            }
        }
    }

    /// `None`: no directive says anything.
    fn directives<'d>(
        &mut self,
        directives: impl Iterator<Item = &'d Node<Directive>>,
    ) -> Option<Vec<Admit>> {
        let mut admits = None;
        for directive in directives {
            let Some(admit) = self.directive(directive) else {
                continue;
            };
            let is_offered = match &admit {
                Admit::Mode(Mode::Oidc) => self.offers(Mode::Oidc) || self.offers(Mode::UserPool),
                Admit::Mode(mode) => self.offers(*mode),
                Admit::Groups(groups) => self.offers(Mode::UserPool) && !groups.is_empty(),
            };
            if !is_offered {
                let message = format!(
                    "`@{}` admits nobody: {}",
                    directive.name,
                    match &admit {
                        Admit::Groups(groups) if groups.is_empty() => "it names no groups",
                        _ => "no provider of the api is of its mode",
                    }
                );
                let help = "add such a provider to the api's `auth`, or change the directive";
                self.warning(directive.location(), message, help);
            }
            admits.get_or_insert_with(Vec::new).push(admit);
        }
        admits
    }

    fn directive(&mut self, directive: &Directive) -> Option<Admit> {
        match directive.name.as_str() {
            "aws_api_key" => Some(Admit::Mode(Mode::ApiKey)),
            "aws_oidc" => Some(Admit::Mode(Mode::Oidc)),
            "aws_cognito_user_pools" => Some(match groups(directive) {
                Some(groups) => Admit::Groups(groups),
                None => Admit::Mode(Mode::UserPool),
            }),
            "aws_auth" if self.offered == [Mode::UserPool] => {
                Some(Admit::Groups(groups(directive).unwrap_or_default()))
            }
            "aws_auth" => {
                let message =
                    "`@aws_auth` has no effect here: user pools are not the only mode of the api";
                let help = "write `@aws_cognito_user_pools(cognito_groups: […])`";
                self.warning(directive.name.location(), message.to_owned(), help);
                None
            }
            "aws_iam" | "aws_lambda" => {
                let message = format!("`@{}`: this mode does not exist yet", directive.name);
                let help = "`@aws_api_key`, `@aws_oidc` and `@aws_cognito_user_pools` do";
                let span = self.span(directive.name.location());
                self.diagnostics.error(span, message, Some(help.to_owned()));
                None
            }
            _ => None,
        }
    }

    /// A directive on an interface misleads where an object type has none of its own.
    fn interface(&mut self, interface: &InterfaceType) {
        let types = self.sdl.types.values().filter_map(ExtendedType::as_object);
        let implementers: Vec<&ObjectType> = types
            .filter(|object| object.implements_interfaces.contains(&interface.name))
            .collect();
        let of_type = interface.directives.iter().map(|it| &it.node);
        let of_type: Vec<_> = of_type.filter(|it| is_access(it)).cloned().collect();
        self.misleads(interface.fields.keys(), &of_type, &implementers);
        for (name, field) in &interface.fields {
            let of_field = access_of(field);
            self.misleads(std::iter::once(name), &of_field, &implementers);
        }
    }

    fn misleads<'n>(
        &mut self,
        mut fields: impl Iterator<Item = &'n Name>,
        directives: &[Node<Directive>],
        implementers: &[&ObjectType],
    ) {
        let Some(directive) = directives.first() else {
            return;
        };
        let says_nothing = |field: &Name| {
            let mut objects = implementers.iter();
            let object = objects.find(|object| self.admitted.to(&object.name, field).is_empty());
            object.map(|object| &object.name)
        };
        let Some(object) = fields.find_map(says_nothing) else {
            return;
        };
        let message = format!(
            "`@{}` on an interface decides nothing: `{object}` has no directive of its own",
            directive.name
        );
        let help = "write it on the object types";
        self.warning(directive.location(), message, help);
    }

    fn offers(&self, mode: Mode) -> bool {
        self.offered.contains(&mode)
    }

    fn warning(&mut self, location: Option<SourceSpan>, message: String, help: &str) {
        let span = self.span(location);
        self.diagnostics
            .warning(span, message, Some(help.to_owned()));
    }

    fn span(&self, location: Option<SourceSpan>) -> Option<crate::config::Span> {
        locate(location, &self.sdl.sources, &self.api.schema)
    }
}

fn access_of(field: &FieldDefinition) -> Vec<Node<Directive>> {
    let directives = field.directives.iter();
    directives.filter(|it| is_access(it)).cloned().collect()
}

fn is_access(directive: &Directive) -> bool {
    matches!(
        directive.name.as_str(),
        "aws_api_key"
            | "aws_oidc"
            | "aws_cognito_user_pools"
            | "aws_auth"
            | "aws_iam"
            | "aws_lambda"
    )
}

/// `cognito_groups:`; one name will do for a list of one.
fn groups(directive: &Directive) -> Option<Vec<Box<str>>> {
    let given = directive.specified_argument_by_name("cognito_groups")?;
    match &**given {
        ast::Value::Null => None,
        ast::Value::List(names) => {
            let names = names.iter().filter_map(|name| name.as_str());
            Some(names.map(Box::from).collect())
        }
        one => Some(one.as_str().into_iter().map(Box::from).collect()),
    }
}
