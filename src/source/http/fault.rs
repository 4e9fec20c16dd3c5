//! Why a call has no answer.

use std::error::Error as _;

use ::http::StatusCode;

use crate::json::ParseError;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a call has no answer. What it displays may be shown to clients and names no address; its
/// source is for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("{0}")]
    Request(String),
    #[error("a request that asks for another protocol is not passed through")]
    Upgrade,
    #[error("the request broke off before its body was complete")]
    Upload(#[source] hyper::Error),
    #[error("the source cannot be reached")]
    Connect(#[source] Cause),
    #[error("no secure connection to the source can be made")]
    Tls(#[source] Cause),
    #[error("Execution timed out.")]
    Timeout,
    #[error("the source ended the connection before its answer was complete")]
    Reset(#[source] hyper::Error),
    #[error("the source ended the connection before the request was sent")]
    Dropped,
    #[error("the source changed to a protocol that nobody asked for")]
    Switched,
    #[error("the answer of the source is not HTTP")]
    NotHttp(#[source] hyper::Error),
    #[error("the answer of the source ({status}) is not JSON")]
    NotJson {
        status: StatusCode,
        #[source]
        error: ParseError,
    },
    #[error("the answer of the source is larger than {limit} bytes")]
    TooLarge { limit: u64 },
}

impl Fault {
    /// The stable name that the page of [`super`] lists.
    pub(super) fn error_type(&self) -> &'static str {
        match self {
            Fault::Request(_) | Fault::Upload(_) => "Http:InvalidRequestException",
            Fault::Upgrade => "Http:UpgradeNotSupportedException",
            Fault::Connect(_) => "Http:ConnectException",
            Fault::Tls(_) => "Http:TlsException",
            Fault::Timeout => "Http:ExecutionTimeoutException",
            Fault::Reset(_) | Fault::Dropped => "Http:ConnectionResetException",
            Fault::Switched | Fault::NotHttp(_) | Fault::NotJson { .. } => {
                "Http:InvalidResponseException"
            }
            Fault::TooLarge { .. } => "Http:ResponseTooLargeException",
        }
    }
}

impl From<hyper::Error> for Fault {
    fn from(error: hyper::Error) -> Self {
        if error.is_parse() {
            return Fault::NotHttp(error);
        }
        // Bodies that are there do not fail, so this one came from a client.
        if error
            .source()
            .is_some_and(|cause| cause.is::<axum::Error>())
        {
            return Fault::Upload(error);
        }
        Fault::Reset(error)
    }
}
