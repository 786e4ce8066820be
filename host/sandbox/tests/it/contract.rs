//! A contract item by item, as text that can be compared: what a type or a function is, without its documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use wit_parser::{Function, FunctionKind, InterfaceId, Resolve, Type, TypeDefKind, TypeId, WorldItem};

/// `handover:connector` of one version.
pub struct Contract {
    /// Types and functions by interface and name.
    items: BTreeMap<(String, String), String>,
    /// What each world imports and exports.
    worlds: BTreeMap<String, BTreeSet<String>>,
}

impl Contract {
    pub fn of(folder: &Path) -> Self {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(folder).unwrap_or_else(|e| panic!("{}: {e:#}", folder.display()));
        let package = &resolve.packages[package];
        assert_eq!(format!("{}:{}", package.name.namespace, package.name.name), "handover:connector");
        let mut items = BTreeMap::new();
        for (interface, id) in &package.interfaces {
            let of = &resolve.interfaces[*id];
            for (name, id) in &of.types {
                items.insert((interface.clone(), name.clone()), defined(&resolve, *id));
            }
            for (name, function) in &of.functions {
                items.insert((interface.clone(), name.clone()), signature(&resolve, function));
            }
        }
        let mut worlds = BTreeMap::new();
        for (name, id) in &package.worlds {
            let world = &resolve.worlds[*id];
            let imports = world.imports.values().map(|item| format!("import {}", named(&resolve, item)));
            let exports = world.exports.values().map(|item| format!("export {}", named(&resolve, item)));
            worlds.insert(name.clone(), imports.chain(exports).collect());
        }
        Self { items, worlds }
    }

    fn has_interface(&self, name: &str) -> bool {
        self.items.keys().any(|(interface, _)| interface == name)
    }
}

/// What of the older contract the newer one does not hold, or holds otherwise.
pub fn broken(old: &Contract, new: &Contract) -> Vec<String> {
    let mut broken = Vec::new();
    for ((interface, name), was) in &old.items {
        match new.items.get(&(interface.clone(), name.clone())) {
            Some(is) if is == was => {}
            Some(is) => broken.push(format!("{interface}/{name} was changed from `{was}` to `{is}`")),
            None => broken.push(format!("{interface}/{name} was removed: `{was}`")),
        }
    }
    for (interface, name) in new.items.keys() {
        if old.has_interface(interface) && !old.items.contains_key(&(interface.clone(), name.clone())) {
            broken
                .push(format!("{interface}/{name} was added to an interface of 1.0: make a new one for it"));
        }
    }
    for (world, had) in &old.worlds {
        let Some(has) = new.worlds.get(world) else {
            broken.push(format!("world {world} was removed"));
            continue;
        };
        broken.extend(had.difference(has).map(|item| format!("world {world}: {item} was removed")));
        // The host binds this one; nobody has to export all of it.
        if world != "complete" {
            broken.extend(has.difference(had).map(|item| format!("world {world}: {item} was added")));
        }
    }
    broken
}

fn named(resolve: &Resolve, item: &WorldItem) -> String {
    match item {
        WorldItem::Interface { id, .. } => interface(resolve, *id),
        WorldItem::Function(function) => format!("{}: {}", function.name, signature(resolve, function)),
        WorldItem::Type { id, .. } => defined(resolve, *id),
    }
}

fn interface(resolve: &Resolve, id: InterfaceId) -> String {
    resolve.interfaces[id].name.clone().expect("an interface of a package has a name")
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    assert!(
        matches!(function.kind, FunctionKind::Freestanding),
        "{}: a kind that is new here",
        function.name
    );
    let params = function.params.iter().map(|param| format!("{}: {}", param.name, shown(resolve, &param.ty)));
    let result = function.result.map_or_else(|| "nothing".to_owned(), |ty| shown(resolve, &ty));
    format!("func({}) -> {result}", params.collect::<Vec<_>>().join(", "))
}

/// A type where it is used: a named one by its name.
fn shown(resolve: &Resolve, ty: &Type) -> String {
    match ty {
        Type::Id(id) => match &resolve.types[*id].name {
            Some(name) => name.clone(),
            None => defined(resolve, *id),
        },
        simple => format!("{simple:?}").to_lowercase(),
    }
}

/// A type where it is defined. Those of another interface by their path: `use types.{context}`.
fn defined(resolve: &Resolve, id: TypeId) -> String {
    let payload = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "_".to_owned(), |ty| shown(resolve, ty));
    let of = &resolve.types[id];
    match &of.kind {
        TypeDefKind::Record(record) => {
            let fields =
                record.fields.iter().map(|field| format!("{}: {}", field.name, shown(resolve, &field.ty)));
            format!("record {{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter().map(|case| format!("{}({})", case.name, payload(&case.ty)));
            format!("variant {{ {} }}", cases.collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Enum(cases) => {
            let cases = cases.cases.iter().map(|case| case.name.clone());
            format!("enum {{ {} }}", cases.collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Flags(flags) => {
            let flags = flags.flags.iter().map(|flag| flag.name.clone());
            format!("flags {{ {} }}", flags.collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Tuple(tuple) => {
            let types = tuple.types.iter().map(|ty| shown(resolve, ty));
            format!("tuple<{}>", types.collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Option(ty) => format!("option<{}>", shown(resolve, ty)),
        TypeDefKind::List(ty) => format!("list<{}>", shown(resolve, ty)),
        TypeDefKind::Result(result) => format!("result<{}, {}>", payload(&result.ok), payload(&result.err)),
        TypeDefKind::Type(Type::Id(meant)) => {
            let meant = &resolve.types[*meant];
            let home = match meant.owner {
                wit_parser::TypeOwner::Interface(id) => interface(resolve, id),
                _ => "?".to_owned(),
            };
            format!("{home}/{}", meant.name.as_deref().unwrap_or("?"))
        }
        TypeDefKind::Type(ty) => shown(resolve, ty),
        other => panic!("a {} is new in the contract: say here how it is compared", other.as_str()),
    }
}
