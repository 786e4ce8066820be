//! What the schema says of a request beside its body: method, path, and the parameters of its query.

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// One operation.
pub(super) struct Described {
    pub(super) operation: &'static str,
    /// Whether its body is a form.
    pub(super) is_form: bool,
    method: String,
    path: &'static str,
    query: Vec<Parameter>,
}

/// One parameter of a query.
struct Parameter {
    name: String,
    required: bool,
    /// Its members, each a parameter `name[member]` (style `deepObject`); none where it is a single value.
    members: Option<Map<String, Value>>,
    validator: Validator,
}

impl Described {
    pub(super) fn of(
        document: &Value,
        operation: &'static str,
        method: &str,
        path: &'static str,
        build: &impl Fn(&Value) -> anyhow::Result<Validator>,
    ) -> anyhow::Result<Self> {
        let place = &document["paths"][path];
        let all = [&place["parameters"], &place[method]["parameters"]];
        let all = all.into_iter().filter_map(Value::as_array).flatten().map(|one| resolved(document, one));
        let parameter = |one: &Value| {
            let schema = resolved(document, &one["schema"]);
            let members = || schema["properties"].as_object().cloned().unwrap_or_default();
            anyhow::Ok(Parameter {
                name: one["name"].as_str().unwrap_or_default().to_owned(),
                required: one["required"] == true,
                members: (one["style"] == "deepObject").then(members),
                validator: build(schema)?,
            })
        };
        let query = all.filter(|one| one["in"] == "query").map(parameter).collect::<Result<_, _>>()?;
        let is_form = place[method]["requestBody"]["content"]["multipart/form-data"].is_object();
        Ok(Self { operation, is_form, method: method.to_uppercase(), path, query })
    }

    /// Whether a request is this one. Paths are described below the address of the API.
    pub(super) fn is(&self, method: &str, path: &str) -> bool {
        let Some(at) = path.find("/v2/apps/") else { return false };
        let (told, wanted) = (path[at..].split('/'), self.path.split('/'));
        let fits = |(told, wanted): (&str, &str)| {
            if wanted.starts_with('{') { !told.is_empty() } else { told == wanted }
        };
        method == self.method && told.clone().count() == wanted.clone().count() && told.zip(wanted).all(fits)
    }

    pub(super) fn query_problems(&self, query: &[(String, String)]) -> Vec<String> {
        let mut problems = Vec::new();
        let mut given: Map<String, Value> = Map::new();
        for (name, value) in query {
            let (outer, member) = match name.split_once('[') {
                Some((outer, rest)) => (outer, rest.strip_suffix(']')),
                None => (name.as_str(), None),
            };
            let known = self.query.iter().find(|one| one.name == outer);
            match (known.map(|one| &one.members), member) {
                (Some(None), None) => drop(given.insert(outer.to_owned(), json!(value))),
                (Some(Some(members)), Some(member)) if members.contains_key(member) => {
                    let object = given.entry(outer).or_insert_with(|| json!({}));
                    object[member] = read(&members[member], value);
                }
                _ => problems.push(format!("query: {name} is not described")),
            }
        }
        for one in &self.query {
            match given.get(&one.name) {
                Some(value) => {
                    problems.extend(
                        super::told(&one.validator, value).into_iter().map(|why| format!("query: {why}")),
                    );
                }
                None if one.required => problems.push(format!("query: {} is missing", one.name)),
                None => {}
            }
        }
        problems
    }
}

/// A value of a query as its type has it; one that is none of that type stays a text, which the schema then refuses.
fn read(schema: &Value, value: &str) -> Value {
    let number = matches!(schema["type"].as_str(), Some("integer" | "number"));
    match value.parse::<i64>() {
        Ok(read) if number => json!(read),
        _ => json!(value),
    }
}

/// What a reference within the document stands for.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}
