//! The body of an answer as a value, written as JSON or XML by `wire`. Lists nest as the service
//! nests them: `List("Instance", …)` under `Instances` is `{"Instances":{"Instance":[…]}}` and
//! `<Instances><Instance>…</Instance></Instances>`.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

/// A value of a reply.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Text.
    Text(String),
    /// An integer.
    Int(i64),
    /// A decimal number.
    Float(f64),
    /// true or false.
    Bool(bool),
    /// Named fields in the order given.
    Object(Vec<(&'static str, Node)>),
    /// A container with one repeated element, named as on the wire.
    List(&'static str, Vec<Node>),
    /// A part whose text may be kept for the next time.
    Kept(Kept),
}

/// Something that is shown again and again. What its text is made of are a few values that never change
/// where they are in memory: a changed one is somewhere else.
pub trait Shown: Debug + Send + Sync {
    /// Where those values are; 0 for one that is not there.
    fn addresses(&self) -> [usize; 4];

    /// While this is held, nothing else comes to be at these addresses.
    fn guard(&self) -> Box<dyn Any + Send + Sync>;

    /// What is shown.
    fn node(&self) -> Node;
}

/// See [`Shown`].
#[derive(Debug, Clone)]
pub struct Kept(pub Arc<dyn Shown>);

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.0.addresses() == other.0.addresses() || self.0.node() == other.0.node()
    }
}

impl Node {
    /// An empty object: a reply that is only a request id.
    pub const fn empty() -> Self {
        Self::Object(Vec::new())
    }

    /// A list of texts.
    pub fn texts<T: Into<Self>>(element: &'static str, items: impl IntoIterator<Item = T>) -> Self {
        Self::List(element, items.into_iter().map(Into::into).collect())
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Node {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<bool> for Node {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u32> for Node {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<i32> for Node {
    fn from(value: i32) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<i64> for Node {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<usize> for Node {
    fn from(value: usize) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Node {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

/// Builds an object: `object! { "Name" => value, … }`.
macro_rules! object {
    ( $( $name:literal => $value:expr ),* $(,)? ) => {
        $crate::reply::Node::Object(vec![ $( ($name, $crate::reply::Node::from($value)) ),* ])
    };
}
pub(crate) use object;
