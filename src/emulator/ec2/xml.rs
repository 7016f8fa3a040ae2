//! The XML of EC2's answers.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use crate::emulator::reply::internal;
use crate::error::Result;

/// The namespace of the API version of every current client.
const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// The content of an element.
#[derive(Debug, Clone)]
pub(in crate::emulator) enum Node {
    /// Text.
    Text(String),
    /// Elements of these names.
    Members(Vec<(&'static str, Node)>),
    /// Elements that are all named `item`.
    Items(Vec<Node>),
}

impl Node {
    /// The text of a value that implements `Display`.
    pub(in crate::emulator) fn text(value: impl ToString) -> Self {
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

/// The answer of an action.
pub(super) fn answer(
    action: &str,
    request_id: &str,
    members: Vec<(&'static str, Node)>,
) -> Result<String> {
    let name = format!("{action}Response");
    let mut start = BytesStart::new(&name);
    start.push_attribute(("xmlns", NAMESPACE));
    let mut document = Writer::new(Vec::new());
    let written = (|| {
        document.write_event(Event::Start(start))?;
        element(&mut document, "requestId", &Node::text(request_id))?;
        for (name, node) in &members {
            element(&mut document, name, node)?;
        }
        document.write_event(Event::End(BytesEnd::new(&name)))
    })();
    written.map_err(internal)?;
    String::from_utf8(document.into_inner()).map_err(internal)
}

/// The answer of an action of STS, whose members stand in a result.
pub(in crate::emulator) fn result(
    action: &str,
    namespace: &str,
    request_id: &str,
    members: Vec<(&'static str, Node)>,
) -> Result<String> {
    let (response, result) = (format!("{action}Response"), format!("{action}Result"));
    let mut start = BytesStart::new(&response);
    start.push_attribute(("xmlns", namespace));
    let mut document = Writer::new(Vec::new());
    let metadata = Node::Members(vec![("RequestId", Node::text(request_id))]);
    let written = (|| {
        document.write_event(Event::Start(start))?;
        element(&mut document, &result, &Node::Members(members))?;
        element(&mut document, "ResponseMetadata", &metadata)?;
        document.write_event(Event::End(BytesEnd::new(&response)))
    })();
    written.map_err(internal)?;
    String::from_utf8(document.into_inner()).map_err(internal)
}

/// The answer of an action of STS that failed.
pub(in crate::emulator) fn fault(code: &str, message: &str, request_id: &str) -> String {
    let error = Node::Members(vec![
        ("Type", Node::text("Sender")),
        ("Code", Node::text(code)),
        ("Message", Node::text(message)),
    ]);
    let body = Node::Members(vec![
        ("Error", error),
        ("RequestId", Node::text(request_id)),
    ]);
    let mut document = Writer::new(Vec::new());
    match element(&mut document, "ErrorResponse", &body) {
        Ok(()) => String::from_utf8_lossy(&document.into_inner()).into_owned(),
        Err(_) => String::new(),
    }
}

/// The answer of a failed action.
pub(super) fn error(code: &str, message: &str, request_id: &str) -> String {
    let told = Node::Members(vec![
        ("Code", Node::text(code)),
        ("Message", Node::text(message)),
    ]);
    let body = Node::Members(vec![
        ("Errors", Node::Members(vec![("Error", told)])),
        ("RequestID", Node::text(request_id)),
    ]);
    let mut document = Writer::new(Vec::new());
    // Writing to memory does not fail; if it did, the client would see an empty error.
    drop(element(&mut document, "Response", &body));
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
