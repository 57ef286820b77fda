//! The pictures beside links to the page.

use gateway_sim::Version;
use reqwest::Method;

use crate::harness::{Podium, Setup, gateway_of};
use crate::worlds::workshop;

/// The address of the picture in a page's head, as the page is served.
fn image_of(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("property=\"og:image\" content=\"")?;
    let (address, _) = rest.split_once('"')?;
    Some(address.replace("&amp;", "&"))
}

/// Built without its page, Podium has no font to draw with, and says so.
async fn can_draw(podium: &Podium) -> bool {
    let answer = podium.get("/preview.png").await;
    if answer.status == 501 {
        assert!(answer.detail().contains("without its page"), "{}", answer.text);
        assert_eq!(image_of(&podium.get("/").await.text), None);
    }
    answer.status != 501
}

#[tokio::test]
async fn every_view_names_its_picture_and_the_picture_is_there() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    if !can_draw(&podium).await {
        return;
    }
    for (path, of) in [
        ("/", "of=board"),
        ("/?range=week&measure=spend_usd&open=t-alpha", "of=board&range=week&measure=spend_usd"),
        ("/charts?tz=Europe%2FBerlin", "of=charts&tz=Europe%2FBerlin"),
        ("/money", "of=money"),
        ("/team/t-alpha?range=month", "of=team&team=t-alpha&range=month"),
        ("/present", "of=board"),
    ] {
        let page = podium.get(path).await;
        assert_eq!(page.header("vary"), Some("Accept-Encoding, X-Forwarded-Proto"), "{path}");
        let image = image_of(&page.text).unwrap_or_else(|| panic!("{path}: {}", page.text));
        assert_eq!(image, podium.url(&format!("/preview.png?{of}")), "{path}");
        let picture = podium.listen(&format!("/preview.png?{of}"), &[]).await;
        assert_eq!(picture.headers()["content-type"], "image/png", "{path}");
        assert_eq!(picture.headers()["cache-control"], "max-age=60", "{path}");
        let png = picture.bytes().await.expect("a whole body");
        assert_eq!((&png[..4], &png[12..16]), (&b"\x89PNG"[..], &b"IHDR"[..]), "{path}");
        assert_eq!(png[16..24], [0, 0, 4, 176, 0, 0, 2, 118], "1,200 by 630");
    }
}

#[tokio::test]
async fn a_picture_is_known_again_and_kept_for_a_minute() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    if !can_draw(&podium).await {
        return;
    }
    let tag_of = async |query: &str| {
        let answer = podium.get(&format!("/preview.png{query}")).await;
        assert_eq!(answer.status, 200, "{query}");
        answer.header("etag").expect("a tag").to_owned()
    };
    let board = tag_of("").await;
    for other in ["?measure=spend_usd", "?of=charts", "?of=team&team=t-beta", "?range=yesterday"] {
        assert_ne!(tag_of(other).await, board, "{other}");
    }
    for same in ["?of=board", "?range=today", "?of=nonsense&range=ever", "?of=team&team=t-none"] {
        assert_eq!(tag_of(same).await, board, "{same}");
    }
    let again = podium.send(Method::GET, "/preview.png", &[("if-none-match", &board)]).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
    let before = gateway.calls().len();
    podium.clock.advance(1);
    assert_eq!(tag_of("").await, board);
    assert_eq!(gateway.calls().len(), before, "nothing is asked for a picture that is kept");
}

#[tokio::test]
async fn the_page_is_known_again_at_its_address() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let page = podium.get("/charts").await;
    let tag = page.header("etag").expect("a tag").to_owned();
    let known = [("if-none-match", tag.as_str())];
    assert_eq!(podium.send(Method::GET, "/charts", &known).await.status, 304);
    if can_draw(&podium).await {
        assert_eq!(podium.send(Method::GET, "/money", &known).await.status, 200);
    }
}

#[tokio::test]
async fn the_picture_has_the_address_that_people_use() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let setup = Setup {
        base_path: "/podium".to_owned(),
        public_url: Some("https://usage.example.com/podium".to_owned()),
        ..Setup::default()
    };
    let podium = Podium::start(&gateway, setup).await;
    if !can_draw(&podium).await {
        return;
    }
    let image = image_of(&podium.get("/podium/charts").await.text).expect("a picture");
    assert_eq!(image, "https://usage.example.com/podium/preview.png?of=charts");
    assert_eq!(podium.get("/podium/preview.png?of=charts").await.status, 200);
}
