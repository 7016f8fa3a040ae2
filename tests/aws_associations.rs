//! CreateAssociation has no client token: when it is sent again, and when it is not.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::ErrorKind;
use aws_patch_manager::backend::AssociationStore;
use aws_patch_manager::schedule::association::CreateAssociation;
use aws_patch_manager::types::{Tag, Target};
use serde_json::{Value, json};
use support::aws::backend;
use support::stub::{Reply, Request, Stub};

const ID: &str = "11111111-2222-4333-8444-555555555555";
const OTHER: &str = "22222222-3333-4444-8555-666666666666";
const MARK: &str = "aws-patch-manager/request";

fn nightly() -> CreateAssociation {
    CreateAssociation::new("AWS-RunPatchBaseline", vec![Target::tag("Role", ["web"])])
}

fn operations(stub: &Stub) -> Vec<String> {
    let requests = stub.requests();
    let operations = requests
        .iter()
        .map(|request| request.operation().to_owned());
    operations.collect()
}

/// How often the association was sent.
fn sent(stub: &Stub) -> usize {
    let operations = operations(stub);
    let creations = operations
        .iter()
        .filter(|name| *name == "CreateAssociation");
    creations.count()
}

fn listed(ids: &[&str]) -> Reply {
    let ids = ids.iter().map(|id| json!({"AssociationId": id}));
    Reply::json(200, json!({"Associations": ids.collect::<Vec<_>>()}))
}

fn described(id: &str) -> Reply {
    Reply::json(
        200,
        json!({"AssociationDescription": {"AssociationId": id}}),
    )
}

/// The tags of the first request.
fn tags_of(seen: &[Request]) -> Value {
    seen[0].json()["Tags"].clone()
}

#[tokio::test]
async fn one_whose_answer_was_lost_is_found_by_its_mark_and_not_sent_again() {
    let stub = Stub::answering(|request, seen| match request.operation() {
        "CreateAssociation" => Reply::Truncated,
        "ListAssociations" => listed(&[OTHER, ID]),
        "ListTagsForResource" => match request.json()["ResourceId"].as_str() {
            Some(ID) => Reply::json(200, json!({"TagList": tags_of(seen)})),
            // It was deleted after the listing.
            _ => Reply::json(400, json!({"__type": "InvalidResourceId"})),
        },
        "DescribeAssociation" => described(request.json()["AssociationId"].as_str().unwrap()),
        other => panic!("{other}"),
    });
    let mut request = nightly();
    // As if copied from another association.
    request.tags = Some(vec![Tag::new("Owner", "ops"), Tag::new(MARK, "0123")]);
    let made = backend(&stub).create_association(request).await.unwrap();
    assert_eq!(made.association_id, Some(ID.into()));
    assert_eq!(
        operations(&stub),
        [
            "CreateAssociation",
            "ListAssociations",
            "ListTagsForResource",
            "ListTagsForResource",
            "DescribeAssociation"
        ]
    );
    let tags = tags_of(&stub.requests());
    assert_eq!(tags[0], json!({"Key": "Owner", "Value": "ops"}));
    assert_eq!(tags[1]["Key"], MARK);
    assert_ne!(tags[1]["Value"], "0123");
    assert_eq!(tags.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_name_narrows_the_look_up_and_the_arn_of_a_document_does_not() {
    let by = |key: &str, value: &str| json!([{"key": key, "value": value}]);
    let arn = "arn:aws:ssm:us-east-1:123456789012:document/Patch";
    for (name, document, filters) in [
        (None, "Patch", by("Name", "Patch")),
        (Some("nightly"), "Patch", by("AssociationName", "nightly")),
        (Some("nightly"), arn, by("AssociationName", "nightly")),
        (None, arn, Value::Null),
    ] {
        let stub = Stub::answering(|request, seen| match request.operation() {
            "CreateAssociation" => Reply::Truncated,
            "ListAssociations" => listed(&[ID]),
            "ListTagsForResource" => Reply::json(200, json!({"TagList": tags_of(seen)})),
            _ => described(ID),
        });
        let mut request = nightly();
        request.name = Some(document.to_owned());
        request.association_name = name.map(str::to_owned);
        backend(&stub).create_association(request).await.unwrap();
        let look_up = stub.requests()[1].json();
        assert_eq!(look_up["AssociationFilterList"], filters);
    }
}

#[tokio::test]
async fn one_that_cannot_be_looked_up_is_sent_once_and_the_error_says_so() {
    let lost = |list: Reply| {
        Stub::answering(move |request, _| match request.operation() {
            "CreateAssociation" => Reply::Truncated,
            "ListAssociations" => list.clone(),
            other => panic!("{other}"),
        })
    };
    let full = (0..50).map(|number| Tag::new(format!("tag{number}"), ""));
    let mut unmarkable = nightly();
    unmarkable.tags = Some(full.collect());
    let endless = Reply::json(200, json!({"Associations": [], "NextToken": "same"}));
    let of_one_document = listed(&[ID; 101]);
    let denied = Reply::error(400, "AccessDeniedException", "no");
    for (request, stub, why) in [
        (unmarkable, lost(listed(&[])), "50 tags"),
        (nightly(), lost(of_one_document), "too many"),
        (nightly(), lost(endless), "too many"),
        (nightly(), lost(denied), "ListAssociations"),
    ] {
        let error = backend(&stub)
            .create_association(request)
            .await
            .unwrap_err();
        assert!(error.message().contains("not sent again"), "{error}");
        assert!(error.message().contains(why), "{error}");
        assert_eq!(error.operation(), Some("CreateAssociation"));
        assert_ne!(error.kind(), ErrorKind::AccessDenied);
        assert_eq!(sent(&stub), 1, "{why}");
    }
}

#[tokio::test]
async fn another_that_exists_already_is_not_taken_for_ours() {
    let stub = Stub::answering(|request, seen| match request.operation() {
        "CreateAssociation" if seen.is_empty() => Reply::error(500, "InternalServerError", ""),
        "CreateAssociation" => Reply::json(400, json!({"__type": "AssociationAlreadyExists"})),
        "ListAssociations" => listed(&[OTHER]),
        "ListTagsForResource" => Reply::json(200, json!({"TagList": []})),
        other => panic!("{other}"),
    });
    let error = backend(&stub).create_association(nightly()).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(sent(&stub), 2);
}

#[tokio::test]
async fn one_that_was_refused_is_not_looked_up() {
    let stub = Stub::always(Reply::json(
        400,
        json!({"__type": "AssociationAlreadyExists"}),
    ));
    let error = backend(&stub).create_association(nightly()).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(operations(&stub), ["CreateAssociation"]);
}
