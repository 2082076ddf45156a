//! Traces across the queue: what is done later, and together with others, belongs to what led to it.

use tracing::Span;

/// Spans of this target are for traces, and never for the log.
pub const SPANS: &str = "spans";

/// The span that led to work which is done later. Without traces it is nothing.
#[derive(Debug, Clone, Default)]
pub struct Cause {
    #[cfg(feature = "otlp")]
    context: opentelemetry::Context,
}

impl Cause {
    /// The span that is entered now.
    pub fn here() -> Self {
        #[cfg(feature = "otlp")]
        {
            use tracing_opentelemetry::OpenTelemetrySpanExt;
            Self { context: Span::current().context() }
        }
        #[cfg(not(feature = "otlp"))]
        Self {}
    }

    /// Puts a span below the first of these, and links it to all others.
    #[cfg_attr(
        not(feature = "otlp"),
        allow(unused_variables, reason = "without traces there is nothing to tell")
    )]
    pub fn lead_to(causes: &[Self], span: &Span) {
        #[cfg(feature = "otlp")]
        {
            use opentelemetry::trace::TraceContextExt;
            use tracing_opentelemetry::OpenTelemetrySpanExt;
            let Some((first, others)) = causes.split_first() else { return };
            // A span that is not exported has nothing above it.
            let _ = span.set_parent(first.context.clone());
            for other in others {
                span.add_link(other.context.span().span_context().clone());
            }
        }
    }
}
