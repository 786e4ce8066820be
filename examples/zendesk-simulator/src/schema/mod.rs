//! The vendor's published schema, held against each request: OpenAPI 3.0 of `zendesk/sunshine-conversations-api-spec`.
//! It carries no licence and is not part of this repository; who has the file names it.

mod request;

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, anyhow};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use request::Described;

/// What this simulator serves of it: operation id, method, path.
const OPERATIONS: [(&str, &str, &str); 13] = [
    ("GetUser", "get", "/v2/apps/{appId}/users/{userIdOrExternalId}"),
    ("ListConversations", "get", "/v2/apps/{appId}/conversations"),
    ("GetConversation", "get", "/v2/apps/{appId}/conversations/{conversationId}"),
    ("ListMessages", "get", "/v2/apps/{appId}/conversations/{conversationId}/messages"),
    ("CreateUser", "post", "/v2/apps/{appId}/users"),
    ("CreateConversation", "post", "/v2/apps/{appId}/conversations"),
    ("PostMessage", "post", "/v2/apps/{appId}/conversations/{conversationId}/messages"),
    ("PostActivity", "post", "/v2/apps/{appId}/conversations/{conversationId}/activity"),
    ("PassControl", "post", "/v2/apps/{appId}/conversations/{conversationId}/passControl"),
    ("OfferControl", "post", "/v2/apps/{appId}/conversations/{conversationId}/offerControl"),
    ("ReleaseControl", "post", "/v2/apps/{appId}/conversations/{conversationId}/releaseControl"),
    ("AcceptControl", "post", "/v2/apps/{appId}/conversations/{conversationId}/acceptControl"),
    ("UploadAttachment", "post", "/v2/apps/{appId}/attachments"),
];

/// How many bodies of one operation were held against the schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// As the schema says.
    pub valid: usize,
    /// Not so.
    pub invalid: usize,
}

/// A body that is not as the schema says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The vendor's operation id, such as `PostMessage`.
    pub operation: String,
    /// Where in the body, and what is wrong with it.
    pub problem: String,
}

/// The schema, and what has been held against it.
pub struct Schema {
    bodies: HashMap<&'static str, Validator>,
    described: Vec<Described>,
    events: HashMap<String, Validator>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    counts: BTreeMap<String, Count>,
    violations: Vec<Violation>,
}

impl Schema {
    /// Reads the vendor's `openapi.yaml`, or the same as JSON.
    ///
    /// # Errors
    /// It cannot be read, or lacks an operation.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let options = serde_saphyr::options! { budget: None };
        let document: Value = serde_saphyr::from_str_with_options(&text, options)
            .map_err(|e| anyhow!("{} is neither YAML nor JSON: {e}", path.display()))?;
        Self::of(&document)
            .with_context(|| format!("{} is not the schema of the Conversations API", path.display()))
    }

    fn of(document: &Value) -> anyhow::Result<Self> {
        let components = converted(&document["components"]);
        let build = |schema: &Value| {
            let mut root = match converted(schema) {
                Value::Object(root) => root,
                _ => Map::new(),
            };
            root.insert("components".to_owned(), components.clone());
            jsonschema::options()
                .with_draft(jsonschema::Draft::Draft202012)
                .should_validate_formats(true)
                .build(&Value::Object(root))
                .map_err(|e| anyhow!("a schema cannot be used: {e}"))
        };
        let (mut bodies, mut described) = (HashMap::new(), Vec::new());
        for (operation, method, path) in OPERATIONS {
            let of_it = &document["paths"][path][method];
            anyhow::ensure!(of_it["operationId"] == operation, "there is no {operation}");
            described.push(Described::of(document, operation, method, path, &build)?);
            if method == "get" {
                continue;
            }
            let content = &of_it["requestBody"]["content"];
            let schema = match &content["application/json"]["schema"] {
                Value::Null => &content["multipart/form-data"]["schema"],
                schema => schema,
            };
            anyhow::ensure!(schema.is_object(), "there is no body of {operation}");
            bodies.insert(operation, build(schema)?);
        }
        let mut events = HashMap::new();
        for schema in
            document["components"]["schemas"].as_object().into_iter().flatten().map(|(_, schema)| schema)
        {
            // Events are those whose title is what `type` says.
            if let Some(kind) = schema["title"].as_str().filter(|title| title.contains(':')) {
                events.insert(kind.to_owned(), build(schema)?);
            }
        }
        Ok(Self { bodies, described, events, seen: Mutex::default() })
    }

    /// What is wrong with a request's body; nothing is noted.
    pub fn problems(&self, operation: &str, body: &Value) -> Vec<String> {
        self.bodies
            .get(operation)
            .map_or_else(|| vec![format!("{operation} is not described")], |v| told(v, body))
    }

    /// The operation that a request is, and what is wrong with it: with its path, its query, and with its body, unless
    /// that is a form (those are held against the schema as they come). What is not described is wrong.
    pub fn request_problems(
        &self,
        method: &str,
        path: &str,
        query: &[(String, String)],
        body: &Value,
    ) -> (&'static str, Vec<String>) {
        let Some(described) = self.described.iter().find(|one| one.is(method, path)) else {
            return ("none that is described", vec![format!("{method} {path} is not described")]);
        };
        let mut problems = described.query_problems(query);
        if !described.is_form && method != "GET" {
            // No body is as good as an empty one where nothing in it is required.
            let body = if body.is_null() { &json!({}) } else { body };
            problems.extend(self.problems(described.operation, body));
        } else if !body.is_null() && !described.is_form {
            problems.push("there is a body".to_owned());
        }
        (described.operation, problems)
    }

    /// What is wrong with an event of a webhook.
    pub fn event_problems(&self, event: &Value) -> Vec<String> {
        let kind = event["type"].as_str().unwrap_or_default();
        self.events.get(kind).map_or_else(|| vec![format!("{kind} is not described")], |v| told(v, event))
    }

    pub(crate) fn check(&self, operation: &str, body: &Value) -> Vec<String> {
        let problems = self.problems(operation, body);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let count = seen.counts.entry(operation.to_owned()).or_default();
        if problems.is_empty() {
            count.valid += 1
        } else {
            count.invalid += 1
        }
        seen.violations.extend(
            problems
                .iter()
                .map(|problem| Violation { operation: operation.to_owned(), problem: problem.clone() }),
        );
        problems
    }

    /// How many bodies were checked, by operation.
    pub fn counts(&self) -> BTreeMap<String, Count> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).counts.clone()
    }

    /// What was wrong, the oldest first.
    pub fn violations(&self) -> Vec<Violation> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).violations.clone()
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema").finish_non_exhaustive()
    }
}

fn told(validator: &Validator, body: &Value) -> Vec<String> {
    validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// OpenAPI 3.0 writes a dialect: `nullable`, booleans as bounds, and `discriminator`, without which `oneOf` over the
/// kinds of content meets several of them.
fn converted(schema: &Value) -> Value {
    let Value::Object(fields) = schema else {
        return match schema {
            Value::Array(items) => items.iter().map(converted).collect(),
            other => other.clone(),
        };
    };
    let mut out: Map<String, Value> = Map::new();
    for (name, value) in fields {
        match name.as_str() {
            "example" | "examples" | "xml" | "externalDocs" | "discriminator" | "nullable" => {}
            "oneOf" if fields.contains_key("discriminator") => {}
            "exclusiveMinimum" | "exclusiveMaximum" if value.is_boolean() => {}
            // Names of the vendor's own, not keywords.
            "properties" | "schemas" => {
                let named = value.as_object().into_iter().flatten();
                let named = named.map(|(name, schema)| (name.clone(), converted(schema))).collect();
                out.insert(name.clone(), Value::Object(named));
            }
            _ => drop(out.insert(name.clone(), converted(value))),
        }
    }
    let discriminator = &schema["discriminator"];
    if let (Some(property), Some(mapping)) =
        (discriminator["propertyName"].as_str(), discriminator["mapping"].as_object())
    {
        let kinds: Vec<&String> = mapping.keys().collect();
        let branches = mapping.iter().map(|(kind, target)| {
            json!({ "if": { "properties": { property: { "const": kind } } }, "then": { "$ref": target } })
        });
        out.insert("allOf".to_owned(), branches.collect());
        out.insert("required".to_owned(), json!([property]));
        out.insert("properties".to_owned(), json!({ property: { "enum": kinds } }));
    }
    if schema["nullable"] == true {
        return json!({ "anyOf": [{ "type": "null" }, Value::Object(out)] });
    }
    Value::Object(out)
}
