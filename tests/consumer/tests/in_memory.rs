//! The service on an in-memory Patch Manager: a night passes in milliseconds.

mod support;

use aws_patch_manager::PatchManager;
use aws_patch_manager::memory::FleetNode;
use patch_night::Night;
use support::{GOOD, LOST, account, account_with_a_lost_node, bind, service, web};

#[tokio::test]
async fn a_group_that_can_be_patched_wakes_nobody() {
    let manager = PatchManager::from_memory(&account());
    bind(&manager).await;
    let (night, pager) = service(manager);
    assert_eq!(
        night.patch(&web()).await.unwrap(),
        Night::Quiet { nodes: 1 }
    );
    assert!(pager.pages().is_empty());
}

#[tokio::test]
async fn a_node_that_shows_its_tags_in_metadata_is_patched_too() {
    let account = account();
    let shows = FleetNode::windows_server_2022(LOST).with_metadata_tags();
    account.add_node(shows.with_tag("PatchGroup", "web"));
    let manager = PatchManager::from_memory(&account);
    bind(&manager).await;
    let (night, _) = service(manager);
    assert_eq!(
        night.patch(&web()).await.unwrap(),
        Night::Quiet { nodes: 2 }
    );
}

#[tokio::test]
async fn a_node_that_fails_a_patch_is_told_by_name() {
    let account = account();
    account.fail_patch(&GOOD.into(), "KB5090017").unwrap();
    let manager = PatchManager::from_memory(&account);
    bind(&manager).await;
    let (night, pager) = service(manager);
    let Night::Trouble(lines) = night.patch(&web()).await.unwrap() else {
        panic!("a quiet night");
    };
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with(GOOD), "{lines:?}");
    assert_eq!(pager.pages(), [format!("group web\n{}", lines[0])]);
}

#[tokio::test]
async fn a_node_out_of_touch_is_told_in_the_afternoon_and_at_night() {
    let manager = PatchManager::from_memory(&account_with_a_lost_node());
    bind(&manager).await;
    let (night, pager) = service(manager);
    let told = night.preflight(&[GOOD.into(), LOST.into()]).await.unwrap();
    assert!(told[0].contains("has lost contact"), "{told:?}");
    let Night::Trouble(lines) = night.patch(&web()).await.unwrap() else {
        panic!("a quiet night");
    };
    assert!(lines[0].starts_with(LOST), "{lines:?}");
    assert_eq!(pager.pages().len(), 1);
}
