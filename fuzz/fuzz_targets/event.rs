//! Events of EventBridge, and patterns: a line with words of a pattern, then the event.
#![no_main]

use aws_patch_manager::event::{Event, EventKind, EventPattern};
use libfuzzer_sys::fuzz_target;
use patch_manager_fuzz::read_and_write;

/// The most words of a pattern; more only take time.
const MOST_WORDS: usize = 6;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (words, json) = text.split_once('\n').unwrap_or_default();
    let words: Vec<&str> = words.split(' ').take(MOST_WORDS).collect();
    let event = read_and_write::<Event>(json);
    match (&event, Event::from_json(json)) {
        (Some(event), Ok(same)) => assert_eq!(*event, same),
        (None, Err(refused)) => assert!(!refused.violations().is_empty(), "{refused}"),
        (event, other) => panic!("{event:?} by serde, {other:?} by its own reader"),
    }
    if let Some(event) = &event {
        let source: serde_json::Value = serde_json::from_str(json).expect("it was read");
        assert_eq!(serde_json::to_value(event).ok().as_ref(), Some(&source));
        let _ = (
            event.to_string(),
            event.status(),
            event.is_end(),
            format!("{event:?}"),
        );
        assert!(EventPattern::of(event.kind().clone()).matches(event));
    }
    for pattern in patterns(&words) {
        match (pattern.check(), pattern.to_json()) {
            (Ok(()), Ok(json)) => assert_eq!(json, pattern.to_string()),
            (Err(_), Err(_)) => {}
            (checked, written) => panic!("{checked:?}, but {written:?}"),
        }
        if let Some(event) = &event {
            let _ = pattern.matches(event);
        }
    }
});

/// Patterns with these words in each place.
fn patterns(words: &[&str]) -> Vec<EventPattern> {
    let kinds = words.iter().map(|word| EventKind::from(*word));
    let words = || words.iter().copied();
    let commands = EventPattern::commands();
    vec![
        EventPattern::any_of(kinds),
        commands.clone().command_ids(words()),
        commands.clone().nodes(words()).patch_documents(),
        commands
            .documents(words())
            .or(EventPattern::windows().execution_ids(words())),
        EventPattern::windows().window_ids(words()).ended(),
        EventPattern::patch_compliance()
            .accounts(words())
            .regions(words()),
        EventPattern::any_of(EventKind::KNOWN.iter().cloned()).statuses(words().take(2)),
    ]
}
