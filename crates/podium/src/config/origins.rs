//! Whose pages may read the answers.

use url::Url;

use super::faults::Faults;

pub(super) fn cors_origins(faults: &mut Faults<'_>) -> Vec<String> {
    let domain = faults.parsed("PODIUM_CORS_DOMAIN", "a domain name", host_part);
    let domain = domain.unwrap_or_else(|| "mkhe.de".to_owned());
    let user =
        faults.parsed("VITE_WORKSHOP_USER", "a name that can be part of a host name", host_part);
    let port = faults.parsed("VITE_LEADERBOARD_FRONTEND_PORT", "a port number", |text| {
        text.parse::<u16>().ok().filter(|port| *port > 0)
    });
    let listed =
        faults.parsed("PODIUM_CORS_ORIGINS", "a list of origins (scheme, host and port)", |text| {
            text.split(',')
                .map(str::trim)
                .filter(|origin| !origin.is_empty())
                .map(origin)
                .collect::<Option<Vec<String>>>()
        });
    let mut origins = listed.unwrap_or_default();
    origins.extend(user.map(|user| format!("http://{user}-leaderboard-frontend.{domain}")));
    origins.extend(port.map(|port| match port {
        // Browsers leave the scheme's own port out.
        80 => "http://localhost".to_owned(),
        port => format!("http://localhost:{port}"),
    }));
    origins
}

/// Letters, digits, hyphens, dots and underscores, as browsers send them: in lower case.
fn host_part(text: &str) -> Option<String> {
    let fits = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    fits.then(|| text.to_ascii_lowercase())
}

/// An origin in the form in which browsers send it.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_origin = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_origin.then(|| url.origin().ascii_serialization())
}
