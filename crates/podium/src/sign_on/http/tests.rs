use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A provider that says this to everyone and then is silent; its address.
async fn provider(said: &'static [u8]) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4_096]).await;
                let _ = stream.write_all(said).await;
                // Until the other side goes away.
                let _ = stream.read(&mut [0; 1]).await;
            });
        }
    });
    Url::parse(&format!("http://{address}/")).expect("an address")
}

#[tokio::test]
async fn a_provider_that_falls_silent_is_given_up() {
    let limits = Limits { total: Duration::from_millis(200), ..Limits::default() };
    let http = Http::new(limits, true).expect("a client");
    for said in [&b""[..], b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"] {
        let url = provider(said).await;
        let error = http.get(Part::Discovery, &url, None).await.expect_err("it is silent");
        assert_eq!(error, SignOnError::Timeout);
    }
}

#[tokio::test]
async fn an_answer_may_be_as_large_as_the_limit_and_no_larger() {
    let url = provider(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789").await;
    for (answer_bytes, is_read) in [(10, true), (9, false)] {
        let http = Http::new(Limits { answer_bytes, ..Limits::default() }, true).expect("a client");
        let answer = http.get(Part::Keys, &url, None).await;
        let wanted = if is_read {
            Ok(b"0123456789".to_vec())
        } else {
            Err(SignOnError::TooLarge(Part::Keys))
        };
        assert_eq!(answer, wanted);
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_an_error() {
    let http = Http::new(Limits::default(), true).expect("a client");
    let url = provider(b"").await;
    let token = AccessToken::new("two\nlines".to_owned());
    let answer = http.get(Part::UserInfo, &url, Some(&token)).await;
    assert_eq!(answer, Err(SignOnError::Shape(Part::Token)));
}
