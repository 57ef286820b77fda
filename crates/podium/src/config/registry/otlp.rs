//! Traces over OTLP, by the standard variables of OpenTelemetry. Those with `TRACES` win.

use super::{Kind, Rows, Section, Setting};

const HEADERS: Kind = Kind::Rows(Rows { assign: '=', within: &[], between: &[','] });

pub(super) const SECTION: Section = Section {
    name: "otlp",
    title: "Traces",
    settings: &[
        Setting::new("otlp.endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT", Kind::Text)
            .meaning("where traces are sent over OTLP; `/v1/traces` is added")
            .default("nowhere")
            .example("http://localhost:4318"),
        Setting::new("otlp.traces_endpoint", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", Kind::Text)
            .meaning("the same as a whole address")
            .example("http://localhost:4318/v1/traces"),
        Setting::new("otlp.headers", "OTEL_EXPORTER_OTLP_HEADERS", HEADERS)
            .meaning("headers that go with them (`name=value`, separated by commas); secrets")
            .example("api-key=the-secret")
            .secret(),
        Setting::new("otlp.traces_headers", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", HEADERS)
            .meaning("the same; secrets")
            .example("api-key=the-secret")
            .secret(),
        Setting::new("otlp.protocol", "OTEL_EXPORTER_OTLP_PROTOCOL", Kind::Text)
            .meaning("`http/protobuf`, the only one that is spoken")
            .default("`http/protobuf`")
            .example("http/protobuf"),
        Setting::new("otlp.traces_protocol", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", Kind::Text)
            .meaning("the same")
            .example("http/protobuf"),
        Setting::new("otlp.timeout_ms", "OTEL_EXPORTER_OTLP_TIMEOUT", Kind::Number)
            .meaning("how many milliseconds the collector may take")
            .default("10000")
            .example("10000"),
        Setting::new("otlp.traces_timeout_ms", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", Kind::Number)
            .meaning("the same")
            .example("10000"),
        Setting::new("otlp.compression", "OTEL_EXPORTER_OTLP_COMPRESSION", Kind::Text)
            .meaning("`gzip` or `none`")
            .default("`none`")
            .example("gzip"),
        Setting::new(
            "otlp.traces_compression",
            "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
            Kind::Text,
        )
        .meaning("the same")
        .example("gzip"),
        Setting::new("otlp.service_name", "OTEL_SERVICE_NAME", Kind::Text)
            .meaning("what Podium is called in traces")
            .default("`podium`")
            .example("podium-europe"),
        Setting::new("otlp.resource_attributes", "OTEL_RESOURCE_ATTRIBUTES", Kind::Text)
            .meaning("what else is said of it (`name=value`, separated by commas)")
            .example("deployment.environment.name=production"),
        Setting::new("otlp.sampler", "OTEL_TRACES_SAMPLER", Kind::Text)
            .meaning(
                "which traces are recorded: `always_on`, `always_off`, `traceidratio`, or one of \
                 these after `parentbased_`",
            )
            .default("`parentbased_always_on`")
            .example("parentbased_traceidratio"),
        Setting::new("otlp.sampler_arg", "OTEL_TRACES_SAMPLER_ARG", Kind::Text)
            .meaning("which share of them, from 0 to 1")
            .default("1")
            .example("0.1"),
        Setting::new("otlp.traces_exporter", "OTEL_TRACES_EXPORTER", Kind::Text)
            .meaning("`otlp` or `none`")
            .default("`otlp` where there is an endpoint")
            .example("otlp"),
        Setting::new("otlp.disabled", "OTEL_SDK_DISABLED", Kind::Truth)
            .meaning("sends nothing, whatever else is set")
            .default("`false`")
            .example("false"),
        Setting::new("otlp.delay_ms", "OTEL_BSP_SCHEDULE_DELAY", Kind::Number)
            .meaning("how many milliseconds spans wait for others")
            .default("5000")
            .example("5000"),
        Setting::new("otlp.queue_size", "OTEL_BSP_MAX_QUEUE_SIZE", Kind::Number)
            .meaning("how many spans wait at most")
            .default("2048")
            .example("2048"),
        Setting::new("otlp.batch_size", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", Kind::Number)
            .meaning("how many are sent at once")
            .default("512")
            .example("512"),
    ],
};
