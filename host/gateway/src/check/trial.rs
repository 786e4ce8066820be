//! The connector tries its own setup, where it can: its credentials, and what its settings name at the vendor.

use handover_handoff::delivery::FailureReason;
use handover_sandbox::Generation;

use super::report::Report;
use crate::clock;

/// What a connector finds that has the interface `trial`.
pub(super) async fn look(connector: &str, generation: &Generation, report: &mut Report) {
    let whole = format!("connectors.{connector}, trial");
    let findings = match generation.try_out(clock::now()).await {
        Ok(Some(findings)) => findings,
        Ok(None) => return,
        Err(error) => return report.failed(whole, error.to_string(), ""),
    };
    if findings.is_empty() {
        report.skipped(whole, "the connector found nothing to try");
    }
    for finding in findings {
        let step = format!("connectors.{connector}, {}", finding.subject);
        match finding.failure {
            None => report.ok(step, "the connector tried it, and it works"),
            Some(failure) => {
                let fix = match &failure.reason {
                    FailureReason::Misconfigured(key) => {
                        format!("correct `connectors.{connector}.{key}`: the vendor does not know it so")
                    }
                    _ => "check the connector's settings, address and credentials with the vendor".to_owned(),
                };
                report.failed(step, failure.detail, fix);
            }
        }
    }
}
