//! The controller as tenants see it: it records intents, wakes objects, and knows whether it leads.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, StreamExt};
use tracing::warn;

use super::audit;
use super::context::{Context, Work, by_person, now, provider_key};
use super::initial_password::{self, PasswordError};
use super::invitation::{object_id, record, write_record};
use super::observe;
use super::store::Key;
use super::watching::Watching;
use super::writer::WriteError;
use crate::api::{InitialPasswordRef, RecordedAttempt, UserInvitation};
use crate::plan::{Action, RecordDraft};
use crate::tenant::{Host, Intent, Made, News, NoPassword, Recording, WriteKind};
use crate::vendor::{InitialPassword, TenantKey, Watched};

/// How many intents are written at a time.
const AT_A_TIME: usize = 16;

#[async_trait]
impl Host for Arc<Context> {
    async fn record(&self, tenant: &TenantKey, intents: &[Intent]) -> Vec<Recording> {
        let recordings: Vec<_> = intents.iter().map(|intent| self.record_one(tenant, intent)).collect();
        stream::iter(recordings).buffered(AT_A_TIME).collect().await
    }

    async fn initial_passwords(
        &self,
        tenant: &TenantKey,
        intents: &[Intent],
    ) -> Vec<Result<Option<InitialPassword>, NoPassword>> {
        let passwords: Vec<_> = intents.iter().map(|intent| self.initial_password(tenant, intent)).collect();
        stream::iter(passwords).buffered(AT_A_TIME).collect().await
    }

    fn leads(&self) -> bool {
        self.writer.leads()
    }

    fn watched(&self, tenant: &TenantKey, person: Option<&str>) -> Watched {
        Watching::new(self, tenant).of(person)
    }

    fn wake_people(&self, _tenant: &TenantKey, people: Vec<String>) {
        for person in people {
            for key in self.invitations.keys(&by_person(&person)) {
                self.requests.now(Work::Invitation(key));
            }
        }
    }

    fn wake_everybody(&self, tenant: &TenantKey) {
        for key in self.providers_of(tenant) {
            self.wake_invitations_of(&key);
        }
    }

    fn wake_providers(&self, tenant: &TenantKey) {
        for key in self.providers_of(tenant) {
            self.requests.now(Work::Provider(key));
        }
    }

    fn called(&self, tenant: &TenantKey, made: &[Made<'_>]) {
        for made in made {
            audit::line(tenant, made, self.settings.log_emails);
        }
    }

    fn note(&self, tenant: &TenantKey, news: News) {
        observe::note(&self.metrics, tenant.vendor, news);
    }
}

/// Where the password is that a person begins with, for an invite.
fn password_ref<'a>(object: &'a UserInvitation, intent: &Intent) -> Option<&'a InitialPasswordRef> {
    match intent.request.wish.kind() {
        WriteKind::Invite => object.spec.initial_password_secret_ref.as_ref(),
        WriteKind::Cancel | WriteKind::Remove | WriteKind::Edit => None,
    }
}

/// An intent as it stands in the plan that was made for it just now.
struct Planned {
    object: Arc<UserInvitation>,
    draft: RecordDraft,
}

impl Context {
    /// Plans again and, if the plan still is this very write, records it. After a conflict once more.
    async fn record_one(self: &Arc<Self>, tenant: &TenantKey, intent: &Intent) -> Recording {
        let key = Key {
            namespace: intent.request.object.namespace.clone(),
            name: intent.request.object.name.clone(),
        };
        let Some(provider) = self.invitations.get(&key).map(|stored| provider_key(&stored.object)) else {
            return Recording::NotWanted;
        };
        if let Err(error) = self.fence(&provider).await {
            warn!(invitation = %key, %error, "the provider is not fenced, so nothing is recorded");
            return Recording::Failed;
        }
        for last_try in [false, true] {
            let Some(planned) = self.still_planned(&key, tenant, intent) else { return Recording::NotWanted };
            let Some(attempt) = self.attempt(&planned, intent) else { return Recording::NotWanted };
            if let Some(reference) = password_ref(&planned.object, intent)
                && let Err(error) =
                    initial_password::check(&self.client, &key.namespace, reference, &tenant.host).await
            {
                return self.without_password(&key, &planned.object, &error);
            }
            let record = record(&planned.object, &planned.draft, Some(attempt));
            match write_record(self, &planned.object, &record, true).await {
                Ok(()) if self.writer.leads() => return Recording::Recorded,
                Ok(()) => return Recording::Failed,
                Err(WriteError::Conflict) if !last_try => {
                    if self.writer.refresh(&self.invitations, &key).await.is_err() {
                        return Recording::Failed;
                    }
                }
                Err(WriteError::Gone) => return Recording::NotWanted,
                Err(error) => {
                    warn!(invitation = %key, %error, "intent not recorded");
                    return Recording::Failed;
                }
            }
        }
        Recording::Failed
    }

    /// Reads the password that a person begins with, if the object names one.
    async fn initial_password(
        &self,
        tenant: &TenantKey,
        intent: &Intent,
    ) -> Result<Option<InitialPassword>, NoPassword> {
        let id = &intent.request.object;
        let key = Key { namespace: id.namespace.clone(), name: id.name.clone() };
        let Some(object) = self.invitations.get(&key).map(|stored| stored.object) else {
            return Err(NoPassword);
        };
        let Some(reference) = password_ref(&object, intent) else { return Ok(None) };
        match initial_password::read(&self.client, &key.namespace, reference, &tenant.host).await {
            Ok(password) => Ok(Some(password)),
            Err(error) => {
                self.without_password(&key, &object, &error);
                Err(NoPassword)
            }
        }
    }

    fn without_password(&self, key: &Key, object: &UserInvitation, error: &PasswordError) -> Recording {
        if matches!(error, PasswordError::Kube(_)) {
            warn!(invitation = %key, %error, "the password to begin with could not be read");
            return Recording::Failed;
        }
        self.note_password_trouble(key, object, error);
        Recording::NotWanted
    }

    fn still_planned(&self, key: &Key, tenant: &TenantKey, intent: &Intent) -> Option<Planned> {
        let decided = self.decide(key, Some(&intent.attempt))?;
        if decided.tenant.as_ref() != Some(tenant)
            || object_id(&decided.object.object) != intent.request.object
        {
            return None;
        }
        match decided.plan.action {
            Some(Action::Request { wish, alone, draft })
                if wish == intent.request.wish && alone == intent.request.alone =>
            {
                Some(Planned { object: decided.object.object, draft })
            }
            Some(Action::Request { .. } | Action::Record { .. } | Action::Release(_)) | None => None,
        }
    }

    fn attempt(&self, planned: &Planned, intent: &Intent) -> Option<RecordedAttempt> {
        let draft = planned.draft.attempt.as_ref()?;
        Some(RecordedAttempt {
            id: intent.attempt.clone(),
            process: self.writer.process().to_owned(),
            time: crate::api::time::whole_seconds(now()),
            kind: draft.kind,
            generation: planned.object.metadata.generation.unwrap_or_default(),
            provider_generation: draft.provider_generation,
            baseline: (!intent.baseline.is_empty()).then(|| intent.baseline.clone()),
            access: draft.access.clone(),
        })
    }
}
