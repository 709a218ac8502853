//! The closed catalogue of what can stand in the log. A new thing to log is a new line here.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! actions {
    ($($variant:ident, $id:literal, $group:ident, $says:literal;)*) => {
        /// What was done or tried.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Action {
            $(#[doc = $says] #[serde(rename = $id)] $variant,)*
        }

        impl Action {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As it stands in an entry and in a search: `settings.change`.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// What happened, in a sentence without its end.
            pub fn says(self) -> &'static str {
                match self { $(Self::$variant => $says,)* }
            }

            pub fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group,)* }
            }
        }
    };
}

actions! {
    SettingsChange,        "settings.change",        Settings, "Settings were changed";
    TermsChange,           "terms.change",           Knowledge, "Terms that are always or never removed were changed";
    PeopleImport,          "people.import",          Knowledge, "People were read into the directory";
    PeopleDelete,          "people.delete",          Knowledge, "People were deleted from the directory";
    PreviewUpload,         "preview.upload",         Knowledge, "An export was uploaded to look at";
    PreviewDownload,       "preview.download",       Knowledge, "What would leave of an export was downloaded";
    DataImport,            "data.import",            Data, "A file of items was read in at the command line";
    DataRead,              "data.read",              Data, "Contributed data was read";
    DataWithdraw,          "data.withdraw",          Data, "Contributed data was removed";
    DataKey,               "data.key",               Data, "A new key for contributed data was made";
    AuditExport,           "audit.export",           Evidence, "The audit log was exported";
    AuditVerify,           "audit.verify",           Evidence, "The audit log was verified";
    AuditCheckpoint,       "audit.checkpoint",       Evidence, "A signed checkpoint of the audit log was taken";
    EvidenceExport,        "evidence.export",        Evidence, "An evidence pack was exported";
    SignIn,                "session.sign-in",        Access, "Someone signed in";
    SignOut,               "session.sign-out",       Access, "Someone signed out";
    SessionEnd,            "session.end",            Access, "A session was ended";
    SessionsEndAll,        "session.end-all",        Access, "All sessions of a person were ended";
    PasswordChange,        "account.password",       Access, "A password was changed";
    AccountCreate,         "account.create",         Access, "An account was made";
    IdentityLink,          "identity.link",          Access, "An account was linked to a sign-in at the provider";
    IdentityUnlink,        "identity.unlink",        Access, "An account was unlinked from its sign-in at the provider";
    OrganisationCreate,    "organisation.create",    Access, "An organisation was made";
    InvitationCreate,      "invitation.create",      Access, "Someone was invited";
    InvitationWithdraw,    "invitation.withdraw",    Access, "An invitation was withdrawn";
    InvitationAccept,      "invitation.accept",      Access, "An invitation was accepted";
    RoleChange,            "role.change",            Access, "A role was given, changed or taken away";
    KeyCreate,             "key.create",             Access, "An API key was made";
    KeyRevoke,             "key.revoke",             Access, "An API key was revoked";
    WebhookCreate,         "webhook.create",         Access, "A webhook was made";
    WebhookRevoke,         "webhook.revoke",         Access, "A webhook was revoked";
    AccessDenied,          "access.denied",          Access, "Something was tried without the right to it";
    InstallationBackup,    "installation.backup",    Access, "A backup of the whole installation was written";
    InstallationRestore,   "installation.restore",   Access, "The installation was restored from a backup";
    SupportRequest,        "support.request",        Support, "Support asked to look at the organisation";
    SupportEnter,          "support.enter",          Support, "Support began to look at the organisation";
    SupportView,           "support.view",           Support, "Support looked at a page";
    SupportEnd,            "support.end",            Support, "Support stopped looking, or was stopped";
    SupportApprove,        "support.approve",        Support, "A request of support was allowed";
    SupportRefuse,         "support.refuse",         Support, "A request of support was refused";
    SupportWithdraw,       "support.withdraw",       Support, "Support took its request back";
    SupportRule,           "support.rule",           Support, "Whether support has to ask was changed";
}

impl Action {
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.id() == id)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What actions are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Settings,
    Knowledge,
    Data,
    Evidence,
    Access,
    Support,
}

impl Group {
    pub const ALL: [Self; 6] =
        [Self::Settings, Self::Knowledge, Self::Data, Self::Evidence, Self::Access, Self::Support];

    pub fn name(self) -> &'static str {
        match self {
            Self::Settings => "Settings",
            Self::Knowledge => "People, terms and preview",
            Self::Data => "Contributed data",
            Self::Evidence => "Evidence",
            Self::Access => "Access",
            Self::Support => "Support",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_back_and_are_what_an_entry_says() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.id()), Some(*action));
            assert_eq!(serde_json::to_string(action).unwrap(), format!("\"{action}\""));
            assert!(!action.says().ends_with('.'), "{action}");
        }
        assert_eq!(Action::parse("settings"), None);
    }

    #[test]
    fn no_two_actions_have_the_same_id() {
        let ids: std::collections::BTreeSet<_> = Action::ALL.iter().map(|action| action.id()).collect();
        assert_eq!(ids.len(), Action::ALL.len());
    }
}
