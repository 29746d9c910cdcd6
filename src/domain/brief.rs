//! Writing without what a reader gives back by itself: the fields that are as by default. A data directory
//! is written so, since it is read at each start; documents for people say everything.

use std::cell::Cell;

thread_local! {
    static IS_BRIEF: Cell<bool> = const { Cell::new(false) };
}

/// What is written inside of `write`, in this thread, leaves out what is as by default.
pub fn briefly<R>(write: impl FnOnce() -> R) -> R {
    with(true, write)
}

/// What is written inside of `write`, in this thread, says everything: values that are compared, say.
pub fn in_full<R>(write: impl FnOnce() -> R) -> R {
    with(false, write)
}

fn with<R>(is_brief: bool, write: impl FnOnce() -> R) -> R {
    struct Restore(bool);

    impl Drop for Restore {
        fn drop(&mut self) {
            IS_BRIEF.set(self.0);
        }
    }

    let _restore = Restore(IS_BRIEF.replace(is_brief));
    write()
}

/// Is it written like this now?
pub fn is_brief() -> bool {
    IS_BRIEF.get()
}

/// May a field with this value be left out? For fields whose default is that of their type.
pub fn is_implied<T: Default + PartialEq>(value: &T) -> bool {
    is_brief() && *value == T::default()
}
