//! Listing invitations.

use jiff::Timestamp;

use super::Client;
use super::wire::Invitation;
use crate::vendor::error::VendorError;
use crate::vendor::lenient::Row;
use crate::vendor::observe::Operation;
use crate::vendor::transport::{AnswerSize, Request, target};

/// How many invitations are read one by one, when the list shows only their links.
const MOST_READS: usize = 100;

/// Invitations, and why they may not be all.
#[derive(Debug, Default)]
pub(super) struct Invitations {
    pub(super) rows: Vec<Invitation>,
    pub(super) incomplete: Option<&'static str>,
    /// What the vendor's clock said.
    date: Option<Timestamp>,
}

impl Invitations {
    /// The time that the invitations' own times are held against: the vendor's, since ours may be off.
    pub(super) fn now(&self) -> Timestamp {
        self.date.unwrap_or_else(Timestamp::now)
    }
}

impl Client {
    /// Reads all invitations; the list has no pages (vendor contract: B3). Rows that hold only a link, although
    /// more was asked for, are read one by one.
    pub(super) async fn invitations(&self) -> Result<Invitations, VendorError> {
        let path = [&self.org_path()[..], &["invitations"]].concat();
        let url = target(&self.config.endpoint, &path, &[("expand", "1")]);
        let request = Request::get(url).size(AnswerSize::WholeList);
        let reply = self.session.read(Operation::ListInvitations, request).await?;
        let listed: Vec<Row<Invitation>> = reply.json()?;
        let mut all = Invitations { date: reply.date(), ..Invitations::default() };
        drop(reply);
        let mut reads = 0;
        for row in listed {
            let Some(row) = row.0 else {
                all.incomplete = Some("an invitation that can't be read");
                continue;
            };
            if !row.is_lean() {
                all.rows.push(row);
                continue;
            }
            reads += 1;
            match self.expanded(&row, reads).await {
                Ok(Some(full)) => all.rows.push(full),
                Ok(None) => {}
                Err(why) => all.incomplete = Some(why),
            }
        }
        Ok(all)
    }

    /// Reads the invitation behind a lean row; `None`: it is gone.
    async fn expanded(&self, lean: &Invitation, reads: usize) -> Result<Option<Invitation>, &'static str> {
        let id = lean.id().ok_or("an invitation without a link")?;
        if reads > MOST_READS {
            return Err("too many invitations that show only a link");
        }
        let path = [&self.org_path()[..], &["invitations", id]].concat();
        let request = Request::get(target(&self.config.endpoint, &path, &[]));
        let reply = match self.session.read(Operation::ReadInvitation, request).await {
            Ok(reply) => reply,
            Err(VendorError::Status { status: 404, .. }) => return Ok(None),
            Err(_) => return Err("an invitation could not be read"),
        };
        let mut full: Invitation = reply.json().map_err(|_| "an invitation that can't be read")?;
        full.ref_link = full.ref_link.or_else(|| lean.ref_link.clone());
        if full.is_lean() { Err("an invitation without a name") } else { Ok(Some(full)) }
    }
}
