use crate::aws::convert::member::answer;
use crate::aws::convert::{association, required};
use crate::aws::marker::{Field, Marker};
use crate::aws::unrepeatable::{Look, Unrepeatable, without_retry};
use crate::aws::{AwsBackend, send};
use crate::backend::{
    AssociationStore, DescribeAssociation, ListAssociations, ListTagsForResource, NodeInventory,
    Operation, ResourceTypeForTagging,
};
use crate::error::Result;
use crate::page::PageRequest;
use crate::schedule::association::{AssociationDescription, AssociationFilter, CreateAssociation};
use crate::types::{AssociationId, Tag};

/// The tag with the request marker of an association.
const KEY: &str = "aws-patch-manager/request";
/// How many tags a resource may have (SSM model, AddTagsToResource).
const MOST_TAGS: usize = 50;
/// An account has at most 2,000 associations; this is their number of full pages.
const MOST_PAGES: usize = 40;
/// The most associations whose tags are read; with more, the association is not sent again.
const MOST_CANDIDATES: usize = 100;

/// An association to create.
pub(super) struct Creating<'b> {
    backend: &'b AwsBackend,
    request: CreateAssociation,
    marker: Option<Marker>,
}

impl<'b> Creating<'b> {
    pub(super) fn new(backend: &'b AwsBackend, mut request: CreateAssociation) -> Self {
        let tags = request.tags.get_or_insert_default();
        // A caller who copies the tags of an association also copies its marker.
        tags.retain(|tag| tag.key != KEY);
        let marker = (tags.len() < MOST_TAGS).then(|| Field::TAG.mark(None));
        let marker = marker.flatten();
        if let Some(marker) = &marker {
            tags.push(Tag::new(KEY, marker.text()));
        }
        Self {
            backend,
            request,
            marker,
        }
    }

    /// The filters of the listing: only those that certainly find the association. The listing may
    /// show another name for a document ARN.
    fn filters(&self) -> Vec<AssociationFilter> {
        let name = self.request.association_name.as_ref();
        let document = self.request.name.as_ref();
        match (name, document) {
            (Some(name), _) => vec![AssociationFilter::new("AssociationName", name)],
            (None, Some(document)) if !document.starts_with("arn:") => {
                vec![AssociationFilter::new("Name", document)]
            }
            _ => Vec::new(),
        }
    }

    /// The associations that may be the one; `None` if there are too many.
    async fn candidates(&self) -> Result<Option<Vec<AssociationId>>> {
        let mut candidates = Vec::new();
        let mut page = PageRequest::first().with_max_results(50);
        for _ in 0..MOST_PAGES {
            let request = ListAssociations::new(self.filters(), page.clone());
            let listed = self.backend.list_associations(request).await?;
            let ids = listed.items.into_iter();
            candidates.extend(ids.filter_map(|association| association.association_id));
            if candidates.len() > MOST_CANDIDATES {
                return Ok(None);
            }
            if listed.next_token.is_none() {
                return Ok(Some(candidates));
            }
            page.next_token = listed.next_token;
        }
        Ok(None)
    }

    async fn is_marked(&self, association: &AssociationId, marker: &Marker) -> Result<bool> {
        let kind = ResourceTypeForTagging::Association;
        let request = ListTagsForResource::new(kind, association.as_str());
        match self.backend.list_tags_for_resource(request).await {
            Ok(tags) => Ok(tags
                .iter()
                .any(|tag| tag.key == KEY && marker.is_on(Some(&tag.value)))),
            // It was deleted after the listing.
            Err(error) if error.code() == Some("InvalidResourceId") => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Unrepeatable for Creating<'_> {
    type Made = AssociationDescription;

    async fn send(&self) -> Result<AssociationDescription> {
        self.backend.create_once(self.request.clone()).await
    }

    async fn look(&self) -> Result<Look<AssociationDescription>> {
        let Some(marker) = &self.marker else {
            return Ok(Look::Unclear(
                "its 50 tags are one too many: 49 at most, because a request marker takes one",
            ));
        };
        let Some(candidates) = self.candidates().await? else {
            return Ok(Look::Unclear("there are too many associations to search"));
        };
        for association in candidates {
            if self.is_marked(&association, marker).await? {
                let found = self
                    .backend
                    .describe_association(DescribeAssociation::new(&association));
                return found.await.map(Look::Found);
            }
        }
        Ok(Look::Absent)
    }
}

impl AwsBackend {
    async fn create_once(&self, request: CreateAssociation) -> Result<AssociationDescription> {
        const OPERATION: Operation = Operation::CreateAssociation;
        let call = association::create(self.ssm.create_association(), request)?;
        let call = call.customize().config_override(without_retry());
        let output = send!(self, OPERATION, call)?;
        let described = output.association_description;
        let described = required(described, OPERATION, "AssociationDescription")?;
        answer(described, OPERATION)
    }
}
