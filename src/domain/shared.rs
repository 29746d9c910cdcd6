//! A value that many hold and the world alone changes: copying it is a count, and changing it copies it
//! only while somebody else holds it. What somebody holds never changes under them.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Weak};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// See the module. In documents it is what it holds.
#[derive(Debug)]
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// Do the two hold the very same value, and not only an equal one?
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Does somebody else hold it, too?
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Where in memory the value is. A changed one is somewhere else, while somebody has a [`Self::guard`].
    pub fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Holds the place of the value, and not the value.
    pub fn guard(&self) -> Weak<T> {
        Arc::downgrade(&self.0)
    }
}

impl<T: Clone> Shared<T> {
    /// The value, copied where somebody else holds it too.
    pub fn into_inner(self) -> T {
        Arc::unwrap_or_clone(self.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Self {
        Self::from(T::default())
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || **self == **other
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(self, serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_holds_stays_as_it_is() {
        let mut own = Shared::from(vec![1]);
        let held = own.clone();
        own.push(2);
        assert_eq!((&*held, &*own), (&vec![1], &vec![1, 2]));
        let same = own.clone();
        assert!(same.is_same(&own) && !held.is_same(&own));
    }
}
