//! What the service does if one call fails, on a mock of one trait.

mod support;

use std::sync::Arc;

use aws_patch_manager::testing::mock::MockCommandRunner;
use aws_patch_manager::{Error, ErrorKind, PatchManager};
use patch_night::Night;
use support::{service, web};

fn failing(kind: ErrorKind, code: &'static str) -> PatchManager {
    let mut runner = MockCommandRunner::new();
    runner
        .expect_send_command()
        .withf(|request| request.document_name == "AWS-RunPatchBaseline")
        .times(1)
        .returning(move |_| Err(Error::service(kind, code, "no")));
    PatchManager::builder().commands(Arc::new(runner)).build()
}

#[tokio::test]
async fn a_throttled_night_is_put_off_and_wakes_nobody() {
    let (night, pager) = service(failing(ErrorKind::Throttled, "ThrottlingException"));
    assert_eq!(night.patch(&web()).await.unwrap(), Night::Later);
    assert!(pager.pages().is_empty());
}

#[tokio::test]
async fn a_missing_permission_is_an_error_of_the_service() {
    let (night, pager) = service(failing(ErrorKind::AccessDenied, "AccessDeniedException"));
    let error = night.patch(&web()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    assert!(pager.pages().is_empty());
}
