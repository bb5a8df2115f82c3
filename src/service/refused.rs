//! Why verbs do nothing.

use crate::domain::access::{Policy, Right};
use crate::domain::quota::Denied;
use crate::platform::viewer::LinkFault;
use crate::store::StoreError;

/// Why a verb did nothing. Any verb may answer with any of these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody has claimed this instance; until then nobody may do anything.
    #[error("nobody owns this instance yet")]
    Unclaimed,
    /// A private instance, and the person or group is not approved.
    #[error("not approved on this private instance")]
    Private {
        /// Access was asked for already, so there is nothing more to offer.
        asked: bool,
    },
    /// The person's standing in the chat does not hold this right.
    #[error("needs the right {0:?}")]
    NotAllowed(Right),
    /// The person is an admin of the group, but none of those who operate its studio.
    #[error("only for those who operate this studio: {0:?}")]
    OperatorsOnly(Policy),
    /// The person is an admin of the group, but may not say who is one.
    #[error("only for those who appoint admins")]
    AppointersOnly,
    /// Telecast is not in the group any more, and of those who ran its show this asks for more than to stop it.
    #[error("not in that group any more")]
    OutOfGroup,
    /// Only the owner of the instance may.
    #[error("only the owner of this instance may")]
    OwnerOnly,
    /// No such target in this studio: removed, or of another studio.
    #[error("no such target")]
    NoSuchTarget,
    /// The key belongs to somebody else.
    #[error("the key is somebody else's")]
    NotYours,
    /// The studio has as many targets as it may have.
    #[error("the studio has its {limit} targets")]
    TooManyTargets {
        /// How many it may have.
        limit: usize,
    },
    /// The host, or what it lets the studio use, stands against a show just now. Nothing was started.
    #[error("no show can begin: {0:?}")]
    Denied(Denied),
    /// The studio announces its shows in as many places as it may.
    #[error("the studio has its {limit} places")]
    TooManyPlaces {
        /// How many it may have.
        limit: usize,
    },
    /// What should be a viewer link is none.
    #[error(transparent)]
    BadLink(LinkFault),
    /// The store could not write. Nothing was changed; the log says why.
    #[error("the store could not write")]
    Store,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing => Self::NoSuchTarget,
            error => {
                tracing::error!(%error, "not stored");
                Self::Store
            }
        }
    }
}
