//! The table of answers, as clients see it.

use http_body_util::BodyExt;

use super::*;
use crate::front::fault::ERROR_TYPE;

async fn shown(fault: RouteFault, flavor: Flavor) -> String {
    let response = route(fault, flavor);
    let status = response.status().as_u16();
    let name = response.headers().get(ERROR_TYPE);
    let name = name
        .map_or("-", |name| name.to_str().expect("a name"))
        .to_owned();
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    format!("{status} {} {name}", String::from_utf8_lossy(&body))
}

#[tokio::test]
async fn errors_of_sources_become_these_answers() {
    let errors = [
        "Http:ExecutionTimeoutException",
        "Http:ConnectException",
        "Http:TlsException",
        "Http:ConnectionResetException",
        "Http:InvalidResponseException",
        "Http:ResponseTooLargeException",
        "Http:InvalidRequestException",
        "Http:304",
        "Http:404",
        "Http:418",
        "Http:499",
        "Http:500",
        "Http:503",
        "DynamoDB:ConditionalCheckFailedException",
        "DynamoDB:DynamoDbException",
        "DynamoDB:RequestTimeoutException",
        "DynamoDB:InternalServerErrorException",
        "MappingTemplate",
        "UnsupportedOperation",
        "InternalFailure",
    ];
    let mut table = String::new();
    for error in errors {
        let fault = || RouteFault::of(error, "its message");
        let rest = shown(fault(), Flavor::Rest).await;
        let http = shown(fault(), Flavor::Http).await;
        table += &format!("{error}\n  rest {rest}\n  http {http}\n");
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn refused_requests_become_these_answers() {
    let faults = [
        RouteFault::Unknown,
        RouteFault::BadRequest,
        RouteFault::Body,
        RouteFault::TooLarge,
        RouteFault::MediaType,
        RouteFault::SlowBody,
        RouteFault::TimedOut,
        RouteFault::Unreachable,
        RouteFault::Internal,
    ];
    let mut table = String::new();
    for fault in faults {
        let rest = shown(fault.clone(), Flavor::Rest).await;
        let http = shown(fault.clone(), Flavor::Http).await;
        table += &format!("{fault:?}\n  rest {rest}\n  http {http}\n");
    }
    insta::assert_snapshot!(table);
}
