//! What the standard variables mean.

use super::*;

fn read(variables: &[(&'static str, &'static str)]) -> Settings {
    Settings::read(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| *v))
}

fn on(variables: &[(&'static str, &'static str)]) -> Otlp {
    match read(variables) {
        Settings::On(otlp) => *otlp,
        other => panic!("{variables:?}: {other:?}"),
    }
}

const COLLECTOR: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/base/");

#[test]
fn nothing_is_sent_unless_somebody_wants_it() {
    let service = ("OTEL_SERVICE_NAME", "podium");
    for variables in [
        &[] as &[_],
        &[service],
        &[COLLECTOR, ("OTEL_SDK_DISABLED", "TRUE")],
        &[COLLECTOR, ("OTEL_TRACES_EXPORTER", "none")],
    ] {
        assert!(matches!(read(variables), Settings::Off), "{variables:?}");
    }
    let asked = on(&[("OTEL_TRACES_EXPORTER", "otlp")]);
    assert_eq!(asked.endpoint.as_str(), "http://localhost:4318/v1/traces");
}

#[test]
fn an_endpoint_for_traces_is_taken_as_it_is() {
    assert_eq!(on(&[COLLECTOR]).endpoint.as_str(), "http://collector:4318/base/v1/traces");
    let own = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces.example/in");
    assert_eq!(on(&[COLLECTOR, own]).endpoint.as_str(), "https://traces.example/in");
}

#[test]
fn headers_are_read_and_never_shown() {
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s%2Cecret, x-tenant = a=b ");
    let otlp = on(&[COLLECTOR, headers]);
    assert_eq!(otlp.headers["api-key"], "s,ecret");
    assert_eq!(otlp.headers["x-tenant"], "a=b");
    assert!(!format!("{otlp:?}").contains("ecret"), "{otlp:?}");
}

#[test]
fn the_resource_names_the_service() {
    let told = |variables: &[(&'static str, &'static str)], name: &str| {
        let all = on(&[&[COLLECTOR], variables].concat()).resource;
        all.into_iter().filter(|(known, _)| known == name).map(|(_, v)| v).collect::<Vec<_>>()
    };
    assert_eq!(told(&[], "service.name"), ["podium"]);
    let given = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=a,deployment.environment.name=x%20y");
    assert_eq!(told(&[given], "service.name"), ["a"]);
    assert_eq!(told(&[given], "deployment.environment.name"), ["x y"]);
    assert_eq!(told(&[given, ("OTEL_SERVICE_NAME", "b")], "service.name"), ["b"]);
}

#[test]
fn what_cannot_be_done_is_said_with_the_remedy() {
    for (name, value, remedy) in [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json", "http/protobuf"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "OTEL_TRACES_EXPORTER"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector:4318", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "secret", "OTEL_EXPORTER_OTLP_HEADERS"),
        ("OTEL_TRACES_SAMPLER", "xray", "OTEL_TRACES_SAMPLER"),
    ] {
        match read(&[COLLECTOR, (name, value)]) {
            Settings::Unable(reason) => assert!(reason.contains(remedy), "{name}: {reason}"),
            other => panic!("{name}={value}: {other:?}"),
        }
    }
}
