//! Rows in order of their making, found by id or e-mail address without a scan.

use std::collections::{BTreeMap, HashMap};

/// Something kept in a [`Table`].
pub(crate) trait Row {
    fn id(&self) -> &str;
    /// The address in its compared form.
    fn email(&self) -> &str;
}

/// Rows that keep their order. Ids and addresses of a row must not change while it is inside.
#[derive(Debug, Clone)]
pub(crate) struct Table<R> {
    rows: BTreeMap<u64, R>,
    last: u64,
    ids: HashMap<String, u64>,
    emails: HashMap<String, Vec<u64>>,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), last: 0, ids: HashMap::new(), emails: HashMap::new() }
    }
}

impl<R: Row> Table<R> {
    pub(crate) fn push(&mut self, row: R) {
        self.last += 1;
        self.ids.insert(row.id().to_owned(), self.last);
        self.emails.entry(row.email().to_owned()).or_default().push(self.last);
        self.rows.insert(self.last, row);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&R> {
        self.rows.get(self.ids.get(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut R> {
        self.rows.get_mut(self.ids.get(id)?)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<R> {
        let key = self.ids.remove(id)?;
        let row = self.rows.remove(&key)?;
        if let Some(keys) = self.emails.get_mut(row.email()) {
            keys.retain(|other| *other != key);
            if keys.is_empty() {
                self.emails.remove(row.email());
            }
        }
        Some(row)
    }

    /// The rows of an address, oldest first.
    pub(crate) fn of(&self, email: &str) -> impl DoubleEndedIterator<Item = &R> {
        self.emails.get(email).into_iter().flatten().filter_map(|key| self.rows.get(key))
    }

    /// The ids of the rows of an address, oldest first.
    pub(crate) fn ids_of(&self, email: &str) -> Vec<String> {
        self.of(email).map(|row| row.id().to_owned()).collect()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &R> {
        self.rows.values()
    }
}
