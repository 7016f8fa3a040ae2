//! The XML of the answers of EC2 and STS.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use crate::emulator::reply::internal;
use crate::error::Result;

/// The namespace of the API version of every current client of EC2.
const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// The content of an element.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Text.
    Text(String),
    /// Elements of these names.
    Members(Vec<(&'static str, Node)>),
    /// Elements that are all named `item`.
    Items(Vec<Node>),
}

impl Node {
    /// The text of a value that implements `Display`.
    pub(super) fn text(value: impl ToString) -> Self {
        Self::Text(value.to_string())
    }
}

/// The members that are present.
pub(super) fn present<'a>(
    members: impl IntoIterator<Item = (&'static str, &'a Option<String>)>,
) -> impl Iterator<Item = (&'static str, Node)> {
    let members = members.into_iter();
    members.filter_map(|(name, value)| Some((name, Node::text(value.as_ref()?))))
}

type Document = Writer<Vec<u8>>;

/// The answer of an action of EC2.
pub(super) fn answer(
    action: &str,
    request_id: &str,
    members: Vec<(&'static str, Node)>,
) -> Result<String> {
    let mut all = vec![("requestId", Node::text(request_id))];
    all.extend(members);
    response(action, NAMESPACE, &all)
}

/// The answer of an action of STS, whose members stand in a result.
pub(super) fn result(
    action: &str,
    namespace: &str,
    request_id: &str,
    members: Vec<(&'static str, Node)>,
) -> Result<String> {
    let result = format!("{action}Result");
    let metadata = Node::Members(vec![("RequestId", Node::text(request_id))]);
    let all = [
        (result.as_str(), Node::Members(members)),
        ("ResponseMetadata", metadata),
    ];
    response(action, namespace, &all)
}

fn response(action: &str, namespace: &str, members: &[(&str, Node)]) -> Result<String> {
    let name = format!("{action}Response");
    let mut start = BytesStart::new(&name);
    start.push_attribute(("xmlns", namespace));
    let mut document = Writer::new(Vec::new());
    let written = (|| {
        document.write_event(Event::Start(start))?;
        for (name, node) in members {
            element(&mut document, name, node)?;
        }
        document.write_event(Event::End(BytesEnd::new(&name)))
    })();
    written.map_err(internal)?;
    String::from_utf8(document.into_inner()).map_err(internal)
}

/// The answer of an action of EC2 that failed.
pub(super) fn error(code: &str, message: &str, request_id: &str) -> String {
    let error = Node::Members(vec![
        ("Code", Node::text(code)),
        ("Message", Node::text(message)),
    ]);
    let errors = Node::Members(vec![("Error", error)]);
    let id = Node::text(request_id);
    alone("Response", vec![("Errors", errors), ("RequestID", id)])
}

/// The answer of an action of STS that failed.
pub(super) fn fault(code: &str, message: &str, request_id: &str) -> String {
    let error = Node::Members(vec![
        ("Type", Node::text("Sender")),
        ("Code", Node::text(code)),
        ("Message", Node::text(message)),
    ]);
    let id = Node::text(request_id);
    alone("ErrorResponse", vec![("Error", error), ("RequestId", id)])
}

/// A document of one element.
fn alone(name: &str, members: Vec<(&'static str, Node)>) -> String {
    let mut document = Writer::new(Vec::new());
    // Writing to memory does not fail; if it did, the client would see an empty error.
    drop(element(&mut document, name, &Node::Members(members)));
    String::from_utf8(document.into_inner()).unwrap_or_default()
}

fn element(document: &mut Document, name: &str, node: &Node) -> std::io::Result<()> {
    document.write_event(Event::Start(BytesStart::new(name)))?;
    match node {
        Node::Text(text) => {
            let text: String = text.chars().map(legal).collect();
            document.write_event(Event::Text(BytesText::new(&text)))?;
        }
        Node::Members(members) => {
            for (name, node) in members {
                element(document, name, node)?;
            }
        }
        Node::Items(items) => {
            for node in items {
                element(document, "item", node)?;
            }
        }
    }
    document.write_event(Event::End(BytesEnd::new(name)))
}

/// XML cannot express most control characters, which an error may quote from its request.
fn legal(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => c,
        '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}
