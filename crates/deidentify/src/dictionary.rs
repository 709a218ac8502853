//! The terms of one organisation: what is always removed and what never is.

/// Terms that an organisation's admins have set. A term may have several words; spelling is compared without case and accents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dictionary {
    /// Always removed, such as the code name of a project or a client.
    pub always: Vec<String>,
    /// Never removed, such as the name of a product that looks like a person's.
    pub never: Vec<String>,
}
