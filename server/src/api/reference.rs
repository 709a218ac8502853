//! The document as the page of the API shows it. Whatever the page says, programs read the same.

use std::collections::BTreeMap;

use app::pages::api::{Field, Group, Kind, Operation, Payload, Problem, Reference, Schema};
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::BASE;
use super::problem::Code;

/// What examples call the organisation.
const AN_ORGANISATION: &str = "your-organisation";
const JSON: &str = "application/json";
/// Levels of an example; no schema of ours is deeper.
const DEEPEST: usize = 6;

/// # Errors
/// Never for a document of ours; serialising is fallible by its signature.
pub(crate) fn reference(document: &OpenApi) -> Result<Reference, serde_json::Error> {
    let document = Document(serde_json::to_value(document)?);
    Ok(Reference {
        about: document.0["info"]["description"]
            .as_str()
            .unwrap_or_default()
            .split("\n\n")
            .map(str::to_owned)
            .collect(),
        groups: document.groups(),
        schemas: document.schemas(),
        problems: Code::ALL
            .iter()
            .map(|code| Problem {
                code: code.id(),
                status: code.status().as_u16(),
                title: code.title(),
                help: code.help(),
            })
            .collect(),
    })
}

struct Document(Value);

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('\n', " ")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// The schema that a reference names.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn kind(schema: &Value) -> Kind {
    if let Some(name) = referred(schema) {
        return Kind { words: String::new(), schema: Some(name.to_owned()) };
    }
    // What may be null is written as one of null and the rest.
    if let Some(other) = list(&schema["oneOf"]).iter().find(|one| one["type"] != "null") {
        let of = kind(other);
        return Kind { words: format!("null or {}", of.words), ..of };
    }
    let mut words: Vec<&str> = list(&schema["type"]).iter().filter_map(Value::as_str).collect();
    words.extend(schema["type"].as_str());
    if words.contains(&"array") {
        let of = kind(&schema["items"]);
        return Kind { words: format!("list of {}", of.words), ..of };
    }
    Kind { words: words.join(" or "), schema: None }
}

impl Document {
    fn groups(&self) -> Vec<Group> {
        let mut operations: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
        for (path, methods) in members(&self.0["paths"]) {
            for (method, operation) in members(methods) {
                let group = text(&operation["tags"][0]);
                operations.entry(group).or_default().push(self.operation(path, method, operation));
            }
        }
        let group = |tag: &Value| {
            let name = text(&tag["name"]);
            Group { operations: operations.remove(&name).unwrap_or_default(), about: text(&tag["description"]), name }
        };
        list(&self.0["tags"]).iter().map(group).collect()
    }

    fn operation(&self, path: &str, method: &str, operation: &Value) -> Operation {
        let parameters = list(&operation["parameters"]);
        let body = members(&operation["requestBody"]["content"]).next();
        let of_header = |parameter: &&Value| parameter["in"] == "header" && parameter["required"] == true;
        let answer = members(&operation["responses"]["200"]["content"]).next();
        Operation {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: format!("{BASE}{path}"),
            title: text(&operation["summary"]),
            about: operation["description"].as_str().unwrap_or_default().split("\n\n").map(str::to_owned).collect(),
            parameters: parameters.iter().map(parameter).collect(),
            body: body.map(content),
            answer: answer.map(content),
            problems: members(&operation["responses"])
                .filter(|(status, _)| status.starts_with(['4', '5']))
                .map(|(status, response)| (status.clone(), text(&response["description"])))
                .collect(),
            example: (address(path, parameters), self.payload(method, body)),
            headers: parameters
                .iter()
                .filter(of_header)
                .map(|header| (text(&header["name"]), text(&header["example"])))
                .collect(),
        }
    }

    /// What the example of an operation sends.
    fn payload(&self, method: &str, body: Option<(&String, &Value)>) -> Payload {
        match body {
            Some((form, content)) if form == JSON => Payload::Json(self.example(&content["schema"], 0).to_string()),
            Some((form, _)) => Payload::File("people.csv", form.clone()),
            None if method == "post" => Payload::Wish,
            None => Payload::Nothing,
        }
    }

    fn schemas(&self) -> Vec<Schema> {
        let schema = |(name, schema): (&String, &Value)| {
            let needed: Vec<&str> = list(&schema["required"]).iter().filter_map(Value::as_str).collect();
            let field = |(name, member): (&String, &Value)| Field {
                name: name.clone(),
                place: String::new(),
                kind: kind(member),
                needed: needed.contains(&name.as_str()),
                about: text(&member["description"]),
            };
            Schema {
                name: name.clone(),
                about: text(&schema["description"]),
                fields: members(&schema["properties"]).map(field).collect(),
                choices: list(&schema["enum"]).iter().map(text).collect(),
            }
        };
        members(&self.0["components"]["schemas"]).map(schema).collect()
    }

    /// A value that fits a schema, with what is needed and nothing else.
    fn example(&self, schema: &Value, depth: usize) -> Value {
        if !schema["example"].is_null() || depth > DEEPEST {
            return schema["example"].clone();
        }
        if let Some(name) = referred(schema) {
            return self.example(&self.0["components"]["schemas"][name], depth + 1);
        }
        if let Some(one) = list(&schema["oneOf"]).iter().find(|one| one["type"] != "null") {
            return self.example(one, depth + 1);
        }
        if let Some(word) = list(&schema["enum"]).first() {
            return word.clone();
        }
        match schema["type"].as_str().or_else(|| schema["type"][0].as_str()) {
            Some("object") => {
                let needed = list(&schema["required"]).iter().filter_map(Value::as_str);
                let value = |name: &str| self.example(&schema["properties"][name], depth + 1);
                needed.map(|name| (name.to_owned(), value(name))).collect()
            }
            Some("array") => json!([self.example(&schema["items"], depth + 1)]),
            Some("boolean") => json!(false),
            Some("integer" | "number") => json!(1),
            _ => json!("…"),
        }
    }
}

/// What a body is made of; of what is no JSON, its media type.
fn content((form, content): (&String, &Value)) -> Kind {
    if form == JSON { kind(&content["schema"]) } else { Kind { words: form.clone(), schema: None } }
}

fn parameter(parameter: &Value) -> Field {
    Field {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        kind: kind(&parameter["schema"]),
        needed: parameter["required"] == true,
        about: text(&parameter["description"]),
    }
}

/// An address with everything that it needs.
fn address(path: &str, parameters: &[Value]) -> String {
    let mut path = path.replace("{org}", AN_ORGANISATION);
    let mut query = Vec::new();
    for parameter in parameters {
        let (name, example) = (text(&parameter["name"]), text(&parameter["example"]));
        match parameter["in"].as_str() {
            Some("path") => path = path.replace(&format!("{{{name}}}"), &example),
            Some("query") if parameter["required"] == true => query.push((name, example)),
            _ => {}
        }
    }
    let query: Vec<(&str, String)> = query.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    app::urls::with_query(&format!("{BASE}{path}"), &query)
}
